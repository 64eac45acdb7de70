// Expressions of the corpus' vectors mean the same in TypeScript: every one that HCL evaluates is converted, run and type-checked.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { corpusFolder, tmp } from "@tspack/test-support";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { evaluateAll, typeCheckAll } from "./generated.ts";
import { type Given, TestScope } from "./scope.ts";

const corpus = corpusFolder();
const test = suite("vectors of expressions");

interface Vector {
  readonly kind: string;
  readonly src: string;
  readonly ok: boolean;
  readonly unknown?: boolean;
}

const folder = join(corpus, "hcl-vectors");
const { variables }: { variables: { [name: string]: { type: string; value: unknown } } } = JSON.parse(
  readFileSync(join(folder, "scope.json"), "utf8"),
);
const vectors: readonly Vector[] = JSON.parse(readFileSync(join(folder, "vectors.json"), "utf8"));
/** What is unknown in the vectors is a Ref to one of these. */
const later: { readonly [name: string]: unknown } = { unk: "later", unum: 1, ubool: true, dyn: 1 };
const scope = new TestScope(
  Object.fromEntries(
    Object.entries(variables).map(([name, { type, value }]): [string, Given] => [
      name,
      Object.hasOwn(later, name) ? { type, value: later[name], isRef: true } : { type, value },
    ]),
  ),
);
// `strlen` is no function of Packer.
const cases = vectors.filter(({ kind, ok, src }) => ok && (kind === "expr" || kind === "template") && !src.includes("strlen"));

test("they have the value that HCL gives, and the types that TypeScript asks for", async () => {
  const rows = cases.map(({ kind, src }) => {
    const form = kind === "expr" ? "expr" : "template";
    let expected: unknown;
    try {
      expected = scope.evaluate(src, form);
    } catch (error) {
      // Only with an unknown value there was an answer: with this one there is none.
      expected = error;
    }
    return { src, expected, text: scope.convert(src, form).code.text };
  });
  const results = evaluateAll(
    rows.map(({ text }) => text),
    scope.bindings(),
  );
  const differences = rows.flatMap(({ src, expected, text }, index) => {
    let actual: unknown;
    try {
      actual = scope.settled(results[index]);
    } catch (error) {
      actual = error;
    }
    if (expected instanceof Error) return [];
    return same(actual, expected) ? [] : [`${src}  →  ${text}: ${show(actual)} instead of ${show(expected)}`];
  });
  assert.equal(differences, []);
  const complaints = await typeCheckAll(
    join(tmp(), "check"),
    rows.map(({ text }) => text),
    scope.declarations(),
  );
  assert.equal(complaints, []);
  const without = rows.filter(({ expected }) => expected instanceof Error);
  console.log(
    `vectors of expressions: ${rows.length - without.length} agree by value, ${without.length} have none with what stands for unknown`,
  );
  assert.ok(without.length < 10, without.map(({ src }) => src).join("\n"));
});

/** null and undefined are one: HCL's null. */
function same(actual: unknown, expected: unknown): boolean {
  return isDeepStrictEqual(plain(actual), plain(expected));
}

function plain(value: unknown): unknown {
  if (value instanceof Error) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return Object.is(value, -0) ? 0 : (value ?? null);
}

function show(value: unknown): string {
  return value instanceof Error ? `${value.name}: ${value.message}` : JSON.stringify(value);
}

test.run();
