// Every case of the vectors: inputs with the answers of HCL's reference implementation.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "@tspack/core";
import { corpusFolder } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { convert } from "../../src/hcl/eval/convert.ts";
import { evaluate } from "../../src/hcl/eval/evaluate.ts";
import { fromPlain } from "../../src/hcl/eval/plain.ts";
import type { EvalScope } from "../../src/hcl/eval/scope.ts";
import { setFrom } from "../../src/hcl/eval/set.ts";
import { type Type, typeText } from "../../src/hcl/eval/type.ts";
import { parseTypeConstraint } from "../../src/hcl/eval/type-constraint.ts";
import { objectValue, stringValue, tupleValue, unknownValue, type Value } from "../../src/hcl/eval/value.ts";
import { parseConfig, parseExpression, parseTemplate } from "../../src/hcl/syntax/parse.ts";
import { SourceText } from "../../src/hcl/syntax/source-text.ts";
import type { Body } from "../../src/hcl/syntax/tree.ts";
import { languageFunctions } from "./eval/language-functions.ts";
import { jsonOf, placeOf, scopeOf } from "./eval/test-scope.ts";

interface Vector {
  readonly group: string;
  readonly kind: "expr" | "template" | "body" | "type";
  readonly src: string;
  readonly ok: boolean;
  readonly type?: string;
  readonly json?: string;
  readonly unknown?: boolean;
  readonly fails_at?: "parse" | "eval";
  readonly range?: readonly [number, number, number, number];
}

interface ScopeFile {
  readonly variables: { readonly [name: string]: { readonly type: string; readonly value: unknown } };
  readonly functions: readonly string[];
}

const folder = join(corpusFolder(), "hcl-vectors");

const vectors: readonly Vector[] = JSON.parse(readFileSync(join(folder, "vectors.json"), "utf8"));
const scope = readScope(JSON.parse(readFileSync(join(folder, "scope.json"), "utf8")));
const groups = new Map<string, Vector[]>();
for (const vector of vectors) groups.set(vector.group, [...(groups.get(vector.group) ?? []), vector]);
for (const [group, cases] of groups) {
  test(`${group}: ${cases.length} vectors`, () => {
    const differences = cases.flatMap((vector) => difference(vector, scope));
    assert.equal(differences, []);
  });
}

/** What is different from the answer; nothing when all agrees. */
function difference(vector: Vector, scope: EvalScope): readonly string[] {
  const expected = vector.ok
    ? `${vector.type} ${vector.unknown === true ? "unknown" : vector.json}`
    : `fails at ${vector.fails_at} ${rangeText(vector.range)}`;
  const given = answer(vector, scope);
  return given === expected ? [] : [`${vector.kind} ${JSON.stringify(vector.src)}\n  expected ${expected}\n  given    ${given}`];
}

function answer({ kind, src }: Vector, scope: EvalScope): string {
  const source = new SourceText("vector.hcl", src);
  const failure = (stage: string, diagnostics: readonly Diagnostic[]): string | undefined => {
    const error = diagnostics.find(({ severity }) => severity === "error");
    return error === undefined ? undefined : `fails at ${stage} ${placeOf(error)}`;
  };
  if (kind === "body") {
    const { tree, diagnostics } = parseConfig(source);
    const failed = failure("parse", diagnostics);
    if (failed !== undefined) return failed;
    const found: Diagnostic[] = [];
    const value = bodyValue(tree, scope, found);
    return failure("eval", found) ?? resultText(value);
  }
  const { tree, diagnostics } = kind === "template" ? parseTemplate(source) : parseExpression(source);
  const failed = failure("parse", diagnostics);
  if (failed !== undefined) return failed;
  if (kind === "type") {
    const parsed = parseTypeConstraint(tree);
    return failure("eval", parsed.diagnostics) ?? `string ${JSON.stringify(typeText(parsed.type))}`;
  }
  const evaluated = evaluate(tree, scope);
  return failure("eval", evaluated.diagnostics) ?? resultText(evaluated.value);
}

function resultText(value: Value): string {
  return `${quotedNames(value.type)} ${jsonOf(value) ?? "unknown"}`;
}

/** As the vectors write types: names that are no identifiers are quoted. */
function quotedNames(type: Type): string {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return `${type.kind}(${quotedNames(type.element)})`;
    case "tuple":
      return `tuple([${type.elements.map(quotedNames).join(",")}])`;
    case "object": {
      const names = [...type.attributes].sort(([a], [b]) => (a < b ? -1 : 1));
      return `object({${names.map(([name, inner]) => `${/^[\p{L}_]/u.test(name) ? name : JSON.stringify(name)}=${quotedNames(inner)}`).join(",")}})`;
    }
    default:
      return typeText(type);
  }
}

/** A body as the vectors show it: attributes, and blocks with type, labels and body. */
function bodyValue(body: Body, scope: EvalScope, found: Diagnostic[]): Value {
  const attributes = new Map<string, Value>();
  const blocks: Value[] = [];
  for (const item of body.items) {
    if (item.kind === "attribute") {
      const { value, diagnostics } = evaluate(item.value, scope);
      found.push(...diagnostics);
      attributes.set(item.name, value);
      continue;
    }
    const labels = tupleValue(item.labels.map(({ text }) => stringValue(text)));
    const inner = bodyValue(item.body, scope, found);
    blocks.push(
      objectValue(
        new Map<string, Value>([
          ["type", stringValue(item.type)],
          ["labels", labels],
          ["body", inner],
        ]),
      ),
    );
  }
  return objectValue(
    new Map<string, Value>([
      ["attributes", objectValue(attributes)],
      ["blocks", tupleValue(blocks)],
    ]),
  );
}

function rangeText(range: readonly number[] | undefined): string {
  return range === undefined ? "nowhere" : `${range[0]}:${range[1]}-${range[2]}:${range[3]}`;
}

function readScope({ variables, functions }: ScopeFile): EvalScope {
  const values = Object.entries(variables).map(([name, { type, value }]) => [name, readValue(type, value)] as const);
  const inScope = languageFunctions.filter(({ name }) => functions.includes(name));
  assert.equal(inScope.map(({ name }) => name).sort(), [...functions].sort());
  return scopeOf(Object.fromEntries(values), inScope);
}

function readValue(typeExpression: string, data: unknown): Value {
  const { tree, diagnostics } = parseExpression(new SourceText("scope.json", typeExpression));
  const { type } = parseTypeConstraint(tree);
  assert.equal(diagnostics, []);
  if (typeof data === "object" && data !== null && "$unknown" in data) return unknownValue(type);
  const value = fromPlain(data);
  return type.kind === "set" && value.kind === "sequence" ? setFrom(type.element, value.elements) : convert(value, type);
}

test.run();
