// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of HCL
// Values for the Program, and the names that expressions use.
import { type Deferred, type Dependency, deferredOf, dependencyName, type Scope, UnknownValue } from "@tspack/core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { toProgramValue } from "../../../src/hcl/eval/deferred.ts";
import { evaluate } from "../../../src/hcl/eval/evaluate.ts";
import { fromPlain } from "../../../src/hcl/eval/plain.ts";
import { resolveReference } from "../../../src/hcl/eval/reference.ts";
import { referencesOf } from "../../../src/hcl/eval/references.ts";
import type { EvalScope } from "../../../src/hcl/eval/scope.ts";
import { objectValue, referenceValue, stringValue, withMarks } from "../../../src/hcl/eval/value.ts";
import { parseExpression } from "../../../src/hcl/syntax/parse.ts";
import { SourceText } from "../../../src/hcl/syntax/source-text.ts";
import type { Expression } from "../../../src/hcl/syntax/tree.ts";
import { languageFunctions } from "./language-functions.ts";
import { scopeOf } from "./test-scope.ts";

const page: Dependency = { kind: "data", type: "http", name: "page", path: [] };
const scope = scopeOf(
  {
    data: objectValue(new Map([["http", objectValue(new Map([["page", referenceValue(page)]]))]])),
    build: referenceValue({ kind: "build", path: [] }),
    secret: withMarks(stringValue("hunter2"), { sensitive: true }),
    secrets: withMarks(fromPlain(["a", "b"]), { sensitive: true }),
    name: fromPlain("web"),
  },
  languageFunctions,
);

function parsed(text: string): Expression {
  const { tree, diagnostics } = parseExpression(new SourceText("input.hcl", text));
  assert.equal(diagnostics, [], text);
  return tree;
}

let evaluations = 0;

function programValue(text: string): unknown {
  const expression = parsed(text);
  return toProgramValue(evaluate(expression, scope).value, {
    label: text,
    evaluate(programScope) {
      evaluations++;
      const knowing: EvalScope = { ...scope, resolve: (reference) => answerOf(programScope, reference) };
      return resolveReference(evaluate(expression, knowing).value, knowing);
    },
  });
}

function answerOf(programScope: Scope, reference: Dependency): ReturnType<typeof fromPlain> | undefined {
  try {
    return fromPlain(programScope.value(reference));
  } catch (error) {
    if (error instanceof UnknownValue) return undefined;
    throw error;
  }
}

/** Knows these values by the names of their dependencies. */
function programScope(known: { readonly [name: string]: unknown }, secrets: unknown[] = []): Scope {
  return {
    value(dependency) {
      const name = dependencyName(dependency);
      if (!Object.hasOwn(known, name)) throw new UnknownValue(dependency);
      return known[name];
    },
    secret: (value) => secrets.push(value),
  };
}

function deferred(value: unknown): Deferred {
  const found = deferredOf(value);
  if (found === undefined) throw new Error("there is no Deferred");
  return found;
}

test("what is known is plain data", () => {
  assert.equal(programValue('{ a = [1, 0.5, true, null], b = "x-${name}" }'), { a: [1, 0.5, true, null], b: "x-web" });
  assert.is(programValue("9007199254740993"), "9007199254740993");
});

test("each unknown part becomes a Deferred of its own, with its name and what it waits for", () => {
  const value = programValue('{ a = [1, data.http.page.body], b = "http://${build.Host}/", c = upper(name) }') as {
    readonly a: readonly unknown[];
    readonly b: unknown;
    readonly c: unknown;
  };
  assert.is(value.a[0], 1);
  assert.is(value.c, "WEB");
  const [body, url] = [deferred(value.a[1]), deferred(value.b)];
  assert.equal([body.label, body.waitsFor.map(dependencyName), body.sensitive], ["data.http.page.body", ["data.http.page.body"], false]);
  assert.equal(url.waitsFor.map(dependencyName), ["build.Host"]);
  // The one does not need what the other waits for.
  assert.is(url.evaluate(programScope({ "build.Host": "h" })), "http://h/");
  assert.is(body.evaluate(programScope({ "data.http.page.body": "text" })), "text");
});

test("what is not known yet says so when it is asked too early", () => {
  const url = deferred(programValue('"http://${build.Host}:${build.Port}/"'));
  assert.throws(
    () => url.evaluate(programScope({ "build.Host": "h" })),
    (error: unknown) => error instanceof UnknownValue && dependencyName(error.dependency) === "build.Port",
  );
  assert.is(url.evaluate(programScope({ "build.Host": "h", "build.Port": 22 })), "http://h:22/");
});

test("functions and loops over later values work on what comes then", () => {
  const known = programScope({ "data.http.page.list": [{ id: "a" }, { id: "b" }] });
  assert.equal(deferred(programValue("data.http.page.list[*].id")).evaluate(known), ["a", "b"]);
  assert.equal(deferred(programValue('[for x in data.http.page.list : "${name}-${x.id}"]')).evaluate(known), ["web-a", "web-b"]);
  assert.is(deferred(programValue('upper(join("", data.http.page.list[*].id))')).evaluate(known), "AB");
});

test("functions that rearrange keep the known parts known", () => {
  const value = programValue("merge({ a = name }, { b = build.Host })") as { readonly a: unknown; readonly b: unknown };
  assert.is(value.a, "web");
  assert.is(deferred(value.b).label, "build.Host");
});

test("sensitive values are Deferreds with nothing to wait for, and tell their secrets", () => {
  const secrets: unknown[] = [];
  const text = deferred(programValue('"token=${secret}"'));
  assert.equal([text.sensitive, text.waitsFor], [true, []]);
  assert.is(text.evaluate(programScope({}, secrets)), "token=hunter2");
  assert.equal(secrets, ["token=hunter2"]);
  // A list that is sensitive as a whole stays one; among others only the sensitive element is one.
  assert.equal(deferred(programValue("secrets")).evaluate(programScope({})), ["a", "b"]);
  const [first, second] = programValue("[secret, name]") as readonly unknown[];
  assert.equal([deferred(first).sensitive, second], [true, "web"]);
});

test("many parts of one value ask for it once per scope", () => {
  const parts = programValue(`[${"build.Host, ".repeat(50)}]`) as readonly unknown[];
  const known = programScope({ "build.Host": "h" });
  evaluations = 0;
  assert.equal(new Set(parts.map((part) => deferred(part).evaluate(known))), new Set(["h"]));
  assert.is(evaluations, 1);
});

test("the names that an expression uses, with their static paths", () => {
  const cases: readonly (readonly [input: string, names: readonly string[]])[] = [
    ["local.a.b[0]", ['local["a","b",0]']],
    ['local["a"].b[var.x].c', ['local["a","b"]', 'var["x"]']],
    ["[for k, v in local.m : v if k != var.x]", ['local["m"]', 'var["x"]']],
    ["[for v in v.list : v.id]", ['v["list"]']],
    ["{ key = 1, (key) = other }", ["key[]", "other[]"]],
    ['"%{ for v in a }${v}${b}%{ endfor }%{ if c }${d.e}%{ endif }"', ["a[]", "b[]", "c[]", 'd["e"]']],
    ["a[*].b[c][*].d[e]", ["a[]", "c[]", "e[]"]],
    ["f(a).b + -g.h", ["a[]", 'g["h"]']],
    ["a ? b : (c)", ["a[]", "b[]", "c[]"]],
  ];
  for (const [input, names] of cases) {
    const found = referencesOf(parsed(input)).map(({ root, path }) => `${root}${JSON.stringify(path)}`);
    assert.equal(found, names, input);
  }
});

test("the place of a name is its static part", () => {
  const [reference] = referencesOf(parsed("f(local.a[0][x])"));
  assert.is(reference?.node.source.text.slice(reference.node.start, reference.node.end), "local.a[0]");
});

test.run();
