// HCL's published suite: each case is an input, a specification to decode it by, and what must come out.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic, SourcePosition } from "@tspack/core";
import { corpusFolder } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { convert } from "../../src/hcl/eval/convert.ts";
import { emptyScope } from "../../src/hcl/eval/empty-scope.ts";
import { evaluate } from "../../src/hcl/eval/evaluate.ts";
import { referencesOf } from "../../src/hcl/eval/references.ts";
import { parseTypeConstraint } from "../../src/hcl/eval/type-constraint.ts";
import type { Value } from "../../src/hcl/eval/value.ts";
import { type Parsed, parseConfig } from "../../src/hcl/syntax/parse.ts";
import { SourceText } from "../../src/hcl/syntax/source-text.ts";
import type { Block, Body } from "../../src/hcl/syntax/tree.ts";
import { attributeIn, blockIn, decodeBySpec } from "./eval/spec-decoder.ts";
import { jsonOf, scopeOf } from "./eval/test-scope.ts";

const folder = join(corpusFolder(), "hcl-specsuite", "tests");

const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".t"));
for (const name of names.sort()) test(name.slice(0, -2), () => runCase(join(folder, name.slice(0, -2))));
test("there are cases", () => assert.ok(names.length >= 15));

function runCase(base: string): void {
  const expected = readClean(`${base}.t`);
  const spec = readClean(`${base}.hcldec`);
  const input = read(`${base}.hcl`);
  const decoded = hasErrors(input) ? undefined : decodeBySpec(spec, input.tree, scopeOf(variablesOf(spec)));
  const diagnostics = [...input.diagnostics, ...(decoded?.diagnostics ?? [])];
  assert.equal(diagnostics.map(placeText).sort(), expectedPlaces(blockIn(expected, "diagnostics")));
  const result = attributeIn(expected, "result");
  const typeExpression = attributeIn(expected, "result_type");
  const type = typeExpression === undefined ? undefined : parseTypeConstraint(typeExpression).type;
  if (decoded !== undefined && type !== undefined) assert.not.throws(() => convert(decoded.value, type));
  if (decoded !== undefined && result !== undefined) {
    const wanted = evaluate(result, emptyScope).value;
    const as = (value: Value): string | undefined => jsonOf(type === undefined ? value : convert(value, type));
    assert.is(as(decoded.value), as(wanted));
  }
  if (blockIn(expected, "traversals") !== undefined) assert.equal(expressionsIn(input.tree).flatMap(referencesOf), []);
}

function read(path: string): Parsed<Body> {
  return parseConfig(new SourceText(path, readFileSync(path, "utf8")));
}

function readClean(path: string): Body {
  const { tree, diagnostics } = read(path);
  assert.equal(diagnostics, [], path);
  return tree;
}

function hasErrors({ diagnostics }: Parsed<Body>): boolean {
  return diagnostics.length > 0;
}

function variablesOf(spec: Body): { readonly [name: string]: Value } {
  const items = blockIn(spec, "variables")?.body.items ?? [];
  return Object.fromEntries(
    items.flatMap((item) => (item.kind === "attribute" ? [[item.name, evaluate(item.value, emptyScope).value] as const] : [])),
  );
}

function expressionsIn(body: Body): Parameters<typeof referencesOf>[0][] {
  return body.items.flatMap((item) => (item.kind === "attribute" ? [item.value] : expressionsIn(item.body)));
}

/** `error 1:14:13-1:15:14`: line, column and byte. */
function placeText({ severity, subject }: Diagnostic): string {
  const at = (position: SourcePosition | undefined): string => `${position?.line}:${position?.column}:${position?.byte}`;
  return `${severity} ${at(subject?.start)}-${at(subject?.end)}`;
}

function expectedPlaces(diagnostics: Block | undefined): readonly string[] {
  return (diagnostics?.body.items ?? [])
    .flatMap((item) => (item.kind === "block" ? [`${item.type} ${positionIn(item, "from")}-${positionIn(item, "to")}`] : []))
    .sort();
}

function positionIn(block: Block, name: string): string {
  const body = blockIn(block.body, name)?.body;
  const number = (field: string): string => {
    const expression = body === undefined ? undefined : attributeIn(body, field);
    return expression === undefined ? "" : (jsonOf(evaluate(expression, emptyScope).value) ?? "");
  };
  return `${number("line")}:${number("column")}:${number("byte")}`;
}

test.run();
