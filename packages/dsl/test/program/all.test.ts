import { deferredOf, dependencyName, type Scope, TspackError } from "@tspack/core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { all, data, isRef, type Ref, secret, t } from "../../src/index.ts";

const first = data("http", "first", { url: "https://example.org/1" });
const second = data("http", "second", { url: "https://example.org/2" });

const scope: Scope = {
  value: (dependency) => (dependency.kind === "data" ? `${dependency.name}.${dependency.path.join(".")}` : undefined),
};

function evaluated(ref: unknown): unknown {
  const deferred = deferredOf(ref);
  assert.ok(deferred !== undefined, "not a Ref");
  return deferred?.evaluate(scope);
}

test("a list of values, some of them Refs, is one Ref that waits for them all", () => {
  const both: Ref<string> = all([first.body, second.body, 3]).map(([a, b, n]) => `${a}+${b}+${n.toFixed(1)}`);
  assert.is(evaluated(both), "first.body+second.body+3.0");
  assert.equal(deferredOf(both)?.waitsFor.map(dependencyName), ["data.http.first.body", "data.http.second.body"]);
});

test("a record of values has its fields as Refs, and Refs are found at any depth", () => {
  const record = all({ url: first.url, deep: { list: [second.body] }, known: "x" });
  assert.is(evaluated(record.known), "x");
  assert.is(evaluated(record.map(({ url, deep, known }) => [url, ...deep.list, known].join(" "))), "first.url second.body x");
  assert.is(evaluated(t`${record.url}!`), "first.url!");
});

test("it is sensitive if one of the values is, and waits for each thing once", () => {
  assert.is(deferredOf(all([first.body]))?.sensitive, false);
  const mixed = all([secret("tea"), first.body, first.body]);
  assert.is(deferredOf(mixed)?.sensitive, true);
  assert.equal(deferredOf(mixed)?.waitsFor.map(dependencyName), ["data.http.first.body"]);
  const told: unknown[] = [];
  const shout = mixed.map(([tea]) => tea.toUpperCase());
  assert.is(deferredOf(shout)?.evaluate({ ...scope, secret: (value) => told.push(value) }), "TEA");
  assert.ok(told.includes("TEA"), "what comes of a secret is told as one");
});

test("without a Ref in it, it is a Ref to what is known", () => {
  const known = all([1, 2]);
  assert.ok(isRef(known));
  assert.is(evaluated(known.map(([a, b]) => a + b)), 3);
});

test("used as a value it says what it is made of", () => {
  assert.throws(
    () => `${String(all([first.body, "x"]))}`,
    (error: unknown) =>
      TspackError.is(error) && error.message.startsWith("all([data.http.first.body, ...]) is not known yet and was used as text"),
  );
});

test.run();
