import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { deferredOf, TspackError } from "@tspack/core";
import { rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { all, data, fn, load, secret } from "../../src/index.ts";
import { loadContext, loading } from "../program/loading.ts";

/** Expects an error with a code and a text. */
function throws(use: () => unknown, code: string, message: RegExp): void {
  try {
    use();
  } catch (error) {
    assert.ok(TspackError.is(error), String(error));
    assert.is(error.code, code);
    assert.match(error.message, message);
    return;
  }
  assert.unreachable("it did not throw");
}

/** A call as a program without type checks may write it. */
// biome-ignore lint/suspicious/noExplicitAny: what the compiler refuses is tried here
const untyped = fn as any;

test("functions take and give plain data", () => {
  const merged: { a: number; b: string } = fn.merge({ a: 1 }, { b: "x" });
  assert.equal(merged, { a: 1, b: "x" });
  const numbers: number[] = fn.convert(["1", 2], "list(number)");
  assert.equal(numbers, [1, 2]);
  assert.equal(fn.setproduct(["a"], [1, 2]), [
    ["a", 1],
    ["a", 2],
  ]);
  assert.is(fn.lookup({ a: 1 }, "b", "none"), "none");
  assert.is(fn.coalesce(undefined, null, "", "x"), "x");
  assert.equal(untyped.element([{ deep: [null, true] }], 0), { deep: [null, true] });
  assert.is(untyped.upper(1.5), "1.5");
});

test("numbers are JavaScript numbers, also where HCL is more exact", () => {
  assert.is(typeof fn.log(50, 10), "number");
  assert.is(fn.pow(2, 64), 2 ** 64);
});

test("what a function refuses names function and argument", () => {
  throws(() => fn.element([], 1), "TPK2103", /^fn\.element, argument "list": an empty list has no elements$/);
  throws(() => untyped.upper(["a"]), "TPK2103", /^fn\.upper, argument "string": a string is required/);
  throws(() => untyped.upper(null), "TPK2103", /^fn\.upper, argument "string": it must not be null$/);
  throws(() => untyped.upper(), "TPK2103", /^fn\.upper, argument "string": it is missing$/);
  throws(() => untyped.upper("a", "b"), "TPK2103", /^fn\.upper: it takes 1 argument, not 2$/);
  throws(() => untyped.length(new Date()), "TPK2103", /a Date is no data/);
  throws(() => untyped.length(() => 1), "TPK2103", /a function is no data/);
  throws(() => fn.abs(Number.NaN), "TPK2103", /^fn\.abs, argument/);
  throws(() => fn.convert("x", "lst(string)"), "TPK2103", /^fn\.convert, argument "type"/);
  throws(() => fn.convert("x", "number"), "TPK2103", /^fn\.convert, argument "value": a number is required/);
  const circle: { self?: unknown } = {};
  circle.self = circle;
  throws(() => fn.length(circle), "TPK2103", /nests too deeply, or holds itself/);
});

test("a Ref, at any depth, is refused with the way out", () => {
  const page = data("http", "page", { url: "https://example.org" });
  throws(
    () => untyped.upper(page.body),
    "TPK1007",
    /^data\.http\.page\.body is not known yet and was handed to fn\.upper: compute with value\.map\(\(v\) => fn\.upper\(\.\.\.\)\)$/,
  );
  throws(() => untyped.templatefile("x", { deep: [secret("tea")] }), "TPK1007", /^secret value is sensitive and was handed to/);
  const upper = all([page.body, "x"]).map(([a, b]) => fn.join("-", [a, b]));
  assert.is(deferredOf(upper)?.evaluate({ value: () => "body" }), "body-x");
});

test("try and can take functions; undefined is a failure, as a missing attribute is in HCL", () => {
  const settings: { readonly a?: { readonly b: string } } = {};
  assert.is(
    fn.try(() => settings.a?.b, "none"),
    "none",
  );
  assert.is(
    fn.try(
      () => JSON.parse("{"),
      () => 5,
    ),
    5,
  );
  assert.is(
    fn.can(() => fn.element([], 0)),
    false,
  );
  assert.is(
    fn.can(() => 0),
    true,
  );
  throws(() => fn.try(() => undefined), "TPK2103", /^fn\.try: nothing succeeded: it gives undefined$/);
});

test("SOURCE_DATE_EPOCH of the load fixes clock and chance; without it they move on", () => {
  const fixed = loadContext({ environment: { SOURCE_DATE_EPOCH: "1514934721" } });
  loading(fixed, () => {
    assert.is(fn.timestamp(), "2018-01-02T23:12:01Z");
    assert.is(fn.legacy_isotime("2006-01-02"), "2018-01-02");
    assert.is(fn.uuidv4(), fn.uuidv4());
  });
  loading(loadContext({ environment: { SOURCE_DATE_EPOCH: "soon" } }), () => assert.is.not(fn.uuidv4(), fn.uuidv4()));
  loading(loadContext(), () => assert.is(fn.env("HOME"), ""));
});

test("services answer with a Secret, and the load hides it", async () => {
  const server = createServer((_, response) => response.end(JSON.stringify({ data: { foo: "tea" } })));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const context = loadContext({ environment: { VAULT_ADDR: url, VAULT_TOKEN: "t" } });
  await loading(context, async () => {
    const answer = await fn.vault("kv/a", "foo");
    assert.is(answer.reveal(), "tea");
    assert.is(deferredOf(answer)?.sensitive, true);
    assert.ok(context.secrets.has("tea"));
    await rejects(fn.vault("kv/a", "bar"), { code: "TPK2103", message: /^fn\.vault, argument "key": .*no field "bar"/ });
  });
  server.close();
});

test("files that a program reads with fn are dependencies of the load", async () => {
  const folder = tmp("fn");
  writeFileSync(join(folder, "name.txt"), "beside");
  writeFileSync(
    join(folder, "image.ts"),
    'import { build, fn, source } from "tspack";\nexport default build({ sources: [source("null", fn.file("name.txt"), { communicator: "none" })] });\n',
  );
  const { program, dependencies, diagnostics } = await load(folder, { cache: false, workingDirectory: tmp("elsewhere") });
  assert.equal(diagnostics, []);
  assert.is(program?.builds[0]?.sources[0]?.name, "beside");
  assert.ok(dependencies.includes(join(folder, "name.txt")));
});

test.run();
