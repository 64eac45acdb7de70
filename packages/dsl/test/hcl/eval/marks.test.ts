// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of HCL
// What results wait for and whether they are sensitive; and limits.
import { type Dependency, dependencyName } from "@tspack/core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { HclFunction } from "../../../src/functions/function.ts";
import { FunctionError } from "../../../src/functions/function.ts";
import { evaluate } from "../../../src/hcl/eval/evaluate.ts";
import { fromPlain } from "../../../src/hcl/eval/plain.ts";
import type { EvalScope } from "../../../src/hcl/eval/scope.ts";
import { stringType } from "../../../src/hcl/eval/type.ts";
import { deepMarksOf, listValue, objectValue, referenceValue, stringValue, type Value, withMarks } from "../../../src/hcl/eval/value.ts";
import { parseExpression } from "../../../src/hcl/syntax/parse.ts";
import { SourceText } from "../../../src/hcl/syntax/source-text.ts";
import { languageFunctions } from "./language-functions.ts";
import { jsonOf, scopeOf } from "./test-scope.ts";

const page: Dependency = { kind: "data", type: "http", name: "page", path: [] };
const secret = withMarks(stringValue("hunter2"), { sensitive: true });

const refusing: HclFunction = {
  name: "refusing",
  parameters: [{ name: "text", type: stringType }],
  returns: () => stringType,
  call: ([text]) => {
    throw new FunctionError(`cannot use ${text?.kind === "string" ? text.value : ""}`);
  },
  doc: { summary: "", signature: "", examples: [] },
};

const variables = {
  data: objectValue(new Map([["http", objectValue(new Map([["page", referenceValue(page)]]))]])),
  build: referenceValue({ kind: "build", path: [] }),
  secret,
  secrets: withMarks(listValue(stringType, [stringValue("a"), stringValue("b")]), { sensitive: true }),
  name: fromPlain("web"),
  flag: fromPlain(true),
};
const scope = scopeOf(variables, [...languageFunctions, refusing]);

function evaluated(text: string, inScope: EvalScope = scope): ReturnType<typeof evaluate> {
  const { tree, diagnostics } = parseExpression(new SourceText("input.hcl", text));
  assert.equal(diagnostics, [], text);
  return evaluate(tree, inScope);
}

function known(text: string): Value {
  const { value, diagnostics } = evaluated(text);
  assert.equal(diagnostics, [], text);
  return value;
}

test("a result waits for exactly what it was made of", () => {
  const cases: readonly (readonly [input: string, waits: readonly string[]])[] = [
    ["data.http.page", ["data.http.page"]],
    ["data.http.page.body", ["data.http.page.body"]],
    ['data.http.page.list[0]["id"]', ["data.http.page.list[0].id"]],
    ["(data.http.page).body", ["data.http.page.body"]],
    ['"${data.http.page}".body', ["data.http.page.body"]],
    ["(flag ? data.http.page : build).body", ["data.http.page.body"]],
    ["data.http.page[name]", ["data.http.page.web"]],
    ["data.http.page[build.Host]", ["data.http.page", "build.Host"]],
    ['"${build.Host}:${build.Port}:${build.Host}"', ["build.Host", "build.Port"]],
    ["flag ? name : build.Host", []],
    ["flag ? build.Host : build.Port", ["build.Host"]],
    ['build.Host == "" ? build.User : build.Port', ["build.Host", "build.User", "build.Port"]],
    ["upper(build.Host)", ["build.Host"]],
    ["length([build.Host])", []],
    ["[build.Host, name][1]", []],
    ["{ a = build.Host, b = name }.b", []],
    ["[for s in data.http.page.list : lower(build.Host)]", ["data.http.page.list", "build.Host"]],
    ["[for s in [1, 2] : s if build.Host == s]", ["build.Host"]],
    ["data.http.page.list[*].id", ["data.http.page.list"]],
    ['"%{ if build.Port == 1 }${build.User}%{ else }${build.Host}%{ endif }"', ["build.Port", "build.User", "build.Host"]],
    ["false && build.Host", []],
    ["{ (build.Host) = build.Port }", ["build.Host", "build.Port"]],
    ["build.Host + 1", ["build.Host"]],
  ];
  for (const [input, waits] of cases) assert.equal(deepMarksOf(known(input)).waitsFor.map(dependencyName).sort(), [...waits].sort(), input);
});

test("what is made of something sensitive is sensitive, and nothing else is", () => {
  const cases: readonly (readonly [input: string, isSensitive: boolean])[] = [
    ["secret", true],
    ['"x${secret}"', true],
    ["upper(secret)", true],
    ['secret == "x"', true],
    ["secrets[0]", true],
    ["secrets[*]", true],
    ["[for s in secrets : name]", true],
    ["[for s in [1] : s if secret == name]", true],
    ["{ (secret) = 1 }", true],
    ['secret == "x" ? 1 : 2', true],
    ["flag ? name : secret", false],
    ["[secret, name]", false],
    ["[secret, name][0]", true],
    ["[secret, name][1]", false],
    ["{ a = secret, b = name }.b", false],
    ['"%{ for s in secrets }x%{ endfor }"', true],
    ["merge({ a = secret }, { b = name }).b", false],
  ];
  for (const [input, isSensitive] of cases) assert.is(known(input).sensitive, isSensitive, input);
});

test("no message shows a sensitive value", () => {
  for (const input of [
    "refusing(secret)",
    "{ for s in [secret, secret] : s => 1 }",
    "{ a = 1 }[secret]",
    "secret + 1",
    "secrets[5]",
    "max(secret)",
  ]) {
    const { diagnostics } = evaluated(input);
    assert.is(diagnostics.length, 1, input);
    assert.not.match(JSON.stringify(diagnostics), /hunter2/, input);
  }
});

test("a scope that knows a reference by now is asked with the narrowest one", () => {
  const asked: string[] = [];
  const knowing: EvalScope = {
    ...scope,
    resolve(reference) {
      asked.push(dependencyName(reference));
      return fromPlain(`<${dependencyName(reference)}>`);
    },
  };
  const { value } = evaluated('[for x in [1] : "${x} ${data.http.page.body}"]', knowing);
  assert.is(jsonOf(value), '["1 <data.http.page.body>"]');
  assert.equal(asked, ["data.http.page.body"]);
  // A key that is no step of a reference is looked up in the value.
  assert.equal(codes(evaluated("data.http.page[true]", knowing)), ["TPK2102"]);
  // A lone reference stays one: going further into it must stay possible.
  assert.is(evaluated("data.http.page", knowing).value.kind, "unknown");
});

test("expressions that nest, loop or grow beyond reason are refused quickly", () => {
  const ten = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]";
  const loops = ["a", "b", "c", "d", "e", "f", "g"].map((name) => `[for ${name} in ${ten} : `).join("");
  assert.equal(codes(evaluated(`${loops}1${"]".repeat(7)}`)), ["TPK2003"]);
  assert.equal(codes(grown("x".repeat(1 << 20), '"${v}${v}${v}${v}"', 10)), ["TPK2003"]);
  // Texts that share memory are counted each time: writing them out would not share it.
  assert.equal(codes(grown("x".repeat(1 << 20), "[for i in range(1000) : v]", 1)), ["TPK2003"]);
  assert.equal(codes(grown([1], "[v, v]", 100)), ["TPK2003"]);
  assert.equal(codes(grown([1], "[v]", 1000)), ["TPK2003"]);
  const nested = evaluated(`${"(".repeat(400)}1${")".repeat(400)}`);
  assert.is(jsonOf(nested.value), "1");
});

/** Evaluates again and again with its own result, until that is refused. */
function grown(start: unknown, expression: string, times: number): ReturnType<typeof evaluate> {
  const { tree } = parseExpression(new SourceText("input.hcl", expression));
  let result: ReturnType<typeof evaluate> = { value: fromPlain(start), diagnostics: [] };
  for (let turn = 0; turn < times && result.diagnostics.length === 0; turn++)
    result = evaluate(tree, scopeOf({ v: result.value }, languageFunctions));
  return result;
}

function codes({ diagnostics }: ReturnType<typeof evaluate>): readonly string[] {
  return diagnostics.map(({ code }) => code);
}

test.run();
