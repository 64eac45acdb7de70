import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { type Deferred, deferredKey, deferredOf, dependencyName, type Scope, TspackError } from "@tspack/core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { data, isRef, type Ref, type Secret, secret, t, variable } from "../../src/index.ts";
import { loadContext, loading, textInputs } from "./loading.ts";

interface Image {
  id: string;
  size: number;
  files: string[];
  tags: { name: string };
}

/** A Ref to text as the types have it: programs without type checks do everything that the table forbids. */
// biome-ignore lint/suspicious/noExplicitAny: what the compiler refuses is tried here
const image = data("image", "x", {}) as any;
const id = image.id;

const scope: Scope = {
  value(dependency) {
    const answer: Image = { id: "ami-1", size: 2, files: ["a", "b"], tags: { name: "base" } };
    // biome-ignore lint/suspicious/noExplicitAny: walks any path
    return dependency.path.reduce((value: any, segment) => value[segment], answer);
  },
};

function evaluated(ref: unknown, within: Scope = scope): unknown {
  const deferred = deferredOf(ref);
  if (deferred === undefined) throw new Error("not a Ref");
  return deferred.evaluate(within);
}

function waits(ref: unknown): readonly string[] {
  return (deferredOf(ref)?.waitsFor ?? []).map(dependencyName);
}

/** Expects the error of a Ref used by accident, with this text. */
function misused(use: () => unknown, text: string): void {
  try {
    use();
  } catch (error) {
    assert.ok(TspackError.is(error), `not our error: ${String(error)}`);
    assert.is(error.code, "TPK1007");
    assert.is(error.message, text);
    return;
  }
  assert.unreachable("it did not throw");
}

const asText =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the message shows code
  "data.image.x.id is not known yet and was used as text: compose text with t`...${value}...`, or compute with value.map((v) => ...)";
const as = (what: string, ref = "data.image.x.id"): string =>
  `${ref} is not known yet and was used as ${what}: compute with value.map((v) => ...)`;

// Section 5 of the types page, row by row.

test("a template literal, and + with text, throw and name the way out", () => {
  misused(() => `${id}`, asText);
  misused(() => `a${id}`, asText);
  // biome-ignore lint/style/useTemplate: the operator is what is tried
  misused(() => "a" + id, asText);
  let text = "a";
  misused(() => (text += id), asText);
});

test("arithmetic throws", () => {
  misused(() => id + 1, asText);
  misused(() => id * 2, as("a number"));
  misused(() => -id, as("a number"));
  misused(() => id < 2, as("a number"));
});

test("methods of text throw and say how to call them", () => {
  misused(
    () => id.toUpperCase(),
    "data.image.x.id is not known yet and its toUpperCase() was called: compute with value.map((v) => v.toUpperCase(...))",
  );
  misused(() => id.split("-"), "data.image.x.id is not known yet and its split() was called: compute with value.map((v) => v.split(...))");
});

test("an element of a list is a Ref; spreading and iterating throw", () => {
  assert.equal(waits(image.files[0]), ["data.image.x.files[0]"]);
  assert.is(evaluated(image.files[1]), "b");
  misused(() => [...image.files], as("a list", "data.image.x.files"));
  misused(
    () => {
      for (const file of image.files) assert.unreachable(String(file));
    },
    as("a list", "data.image.x.files"),
  );
});

test("functions that want text throw", () => {
  assert.throws(() => readFileSync(id), /data\.image\.x\.id/);
  misused(() => Number.parseInt(id, 10), asText);
  misused(() => encodeURIComponent(id), asText);
  misused(() => Buffer.from(id), as("a value"));
});

test("comparisons are silently false", () => {
  assert.is(id === "ami-1", false);
  switch (id) {
    case "ami-1":
      assert.unreachable();
  }
});

test("String, JSON.stringify, join and computed keys throw", () => {
  misused(() => String(id), asText);
  misused(() => JSON.stringify(id), as("JSON"));
  misused(() => JSON.stringify({ deep: [id] }), as("JSON"));
  misused(() => [id].join(), asText);
  misused(() => ({ [id]: 1 }), asText);
});

test("spreading into an object and listing keys throw", () => {
  misused(() => ({ ...id }), as("an object"));
  misused(() => Object.keys(id), as("an object"));
  misused(() => {
    for (const key in id) assert.unreachable(key);
  }, as("an object"));
});

test("conditions and includes are silently true and false", () => {
  assert.ok(id);
  assert.is(!id, false);
  assert.is(id ?? "x", id);
  const list: unknown[] = ["ami-1"];
  assert.is(list.includes(id), false);
});

test("setting a field throws", () => {
  misused(() => {
    id.name = "x";
  }, as("an object"));
  misused(() => Object.assign(id, { name: "x" }), as("an object"));
  misused(() => delete id.name, as("an object"));
});

test("await gives the Ref itself", async () => {
  assert.is(await id, id);
});

test("inspect and console show the path", () => {
  assert.is(inspect(id), "data.image.x.id");
  assert.is(inspect({ id }), "{ id: data.image.x.id }");
  assert.is(inspect(image.id.map((value: string) => value)), "data.image.x.id.map(...)");
});

// What Refs are for.

test("fields narrow what is waited for", () => {
  assert.equal(waits(image), ["data.image.x"]);
  assert.equal(waits(image.tags.name), ["data.image.x.tags.name"]);
  assert.equal(waits(image.get("tags").get("name")), ["data.image.x.tags.name"]);
  assert.equal(waits(image.get("map")), ["data.image.x.map"]);
  assert.is(evaluated(image.tags.name), "base");
  assert.is(image.tags.name, image.tags.name);
});

test("a field with the name of a method is still a Ref", () => {
  assert.ok(isRef(image.values));
  assert.equal(waits(image.values), ["data.image.x.values"]);
});

test("map computes once the value is known, and chains", () => {
  const short = id.map((text: string) => ({ first: text.slice(0, 3) })).first.map((text: string) => text.toUpperCase());
  assert.equal(waits(short), ["data.image.x.id"]);
  assert.is(evaluated(short), "AMI");
});

test("map may give Refs, which are resolved too", () => {
  const both = id.map((text: string) => [text, image.size]);
  assert.equal(evaluated(both), ["ami-1", 2]);
});

test("a field of nothing is an error that names it", () => {
  assert.throws(() => evaluated(id.map(() => undefined).name), /data\.image\.x\.id\.map\(\.\.\.\) has no value/);
});

test("isRef tells Refs from everything else", () => {
  for (const ref of [image, id, id.map(String), secret("x"), t`x`]) assert.ok(isRef(ref));
  for (const other of ["x", 1, null, undefined, {}, [], () => 1, Symbol.iterator]) assert.not.ok(isRef(other));
  assert.ok(deferredKey in id);
});

test("t puts values together, and waits for all of them", () => {
  const text = t`${id} has ${image.size} files, ${true} at ${new Date(0) as unknown as string}`;
  assert.is(evaluated(text), "ami-1 has 2 files, true at 1970-01-01T00:00:00.000Z");
  assert.equal(waits(text), ["data.image.x.id", "data.image.x.size"]);
  assert.is(inspect(text).replaceAll("$", ""), "t`{data.image.x.id} has {data.image.x.size} files, true at 1970-01-01T00:00:00.000Z`");
});

test("t refuses what has no text form, now or later", () => {
  const list = ["a"] as unknown as string;
  assert.throws(() => t`x ${list}`, /value 1 of t`x \$\{\.\.\.\}` is a list, which has no text form/);
  assert.throws(() => t`x ${undefined as unknown as string}`, /is undefined, which has no text form/);
  assert.throws(() => evaluated(t`x ${image.files}`), /data\.image\.x\.files is a list, which has no text form/);
});

// Secrets.

test("a secret is guarded, and its message does not show it", () => {
  const token = secret("hunter2");
  misused(() => String(token), asText.replace("data.image.x.id is not known yet", "secret value is sensitive"));
  misused(() => JSON.stringify({ token }), "secret value is sensitive and was used as JSON: compute with value.map((v) => ...)");
  assert.is(inspect(token), "secret value");
  assert.is(token.reveal(), "hunter2");
});

test("what is made of a secret is sensitive, and told to the scope", () => {
  const token: Secret<string> = secret("hunter2");
  const encoded: Ref<string> = token.map((text) => Buffer.from(text).toString("base64"));
  const header = t`Bearer ${encoded}`;
  const told: unknown[] = [];
  const listening: Scope = { ...scope, secret: (value) => told.push(value) };
  assert.is(evaluated(header, listening), "Bearer aHVudGVyMg==");
  assert.equal(told, ["hunter2", "aHVudGVyMg=="]);
  for (const ref of [token, encoded, header]) assert.is((deferredOf(ref) as Deferred).sensitive, true);
  assert.is(deferredOf(t`plain ${1}`)?.sensitive, false);
});

test("secrets are registered with the load: texts and numbers at any depth", () => {
  const context = loadContext({ inputs: textInputs({ token: "abc" }) });
  loading(context, () => {
    secret({ user: "u", pins: [1234, "p"], on: true, empty: "" });
    variable("token", { sensitive: true });
  });
  assert.equal([...context.secrets], ["u", "1234", "p", "abc"]);
});

test("a value known only later can be marked as secret", () => {
  const hidden = secret<string>(id);
  assert.equal(waits(hidden), ["data.image.x.id"]);
  assert.is(deferredOf(hidden)?.sensitive, true);
  assert.throws(() => hidden.reveal(), /data\.image\.x\.id/);
});

test.run();
