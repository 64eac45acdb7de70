import { deferredOf } from "@tspack/core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { type Schema, variable } from "../../src/index.ts";
import type { VariableInput } from "../../src/program/context.ts";
import { loadContext, loading, textInputs, told } from "./loading.ts";

/** The value of `variable(…)` when `x` is given as this text, and what was told. */
function withText(text: string, options: Parameters<typeof variable<unknown>>[1]): readonly [unknown, ...string[]] {
  const context = loadContext({ inputs: textInputs({ x: text }) });
  const value = loading(context, () => variable<unknown>("x", options));
  return [value, ...told(context.diagnostics)];
}

function withTyped(typed: unknown, options?: Parameters<typeof variable<unknown>>[1]): readonly [unknown, ...string[]] {
  const inputs = new Map<string, VariableInput>([["x", { value: { typed }, from: "prod.pkrvars.json" }]]);
  const context = loadContext({ inputs });
  const value = loading(context, () => variable<unknown>("x", options));
  return [value, ...told(context.diagnostics)];
}

const unfit = (reason: string, from = "-var"): string => `TPK1103 The value of "x" from ${from} does not fit: ${reason}.`;

test("text without a default or schema is taken as it is", () => {
  assert.equal(withText("[1]", {}), ["[1]"]);
});

test("text is converted by the type of the default", () => {
  assert.equal(withText("5", { default: 2 }), [5]);
  assert.equal(withText(" true ", { default: false }), [true]);
  assert.equal(withText("5", { default: "2" }), ["5"]);
  assert.equal(withText('["a", "b"]', { default: ["z"] }), [["a", "b"]]);
  assert.equal(withText('{ "a": "2", "b": [] }', { default: { a: 1 } }), [{ a: 2, b: [] }]);
});

test("text that does not fit the default is told with its origin, and the default stands in", () => {
  assert.equal(withText("five", { default: 2 }), [2, unfit("the text is not a number")]);
  assert.equal(withText("", { default: 2 }), [2, unfit("the text is not a number")]);
  assert.equal(withText("yes", { default: false }), [false, unfit("the text is not true or false")]);
  assert.equal(withText("a,b", { default: ["z"] })[1], unfit('the text is not JSON, and it must be a list, such as ["a", "b"]'));
  assert.equal(withText("{}", { default: ["z"] })[1], unfit("the value is not a list"));
  assert.equal(withText('["a", []]', { default: ["z"] })[1], unfit("the value[1] is not text"));
  assert.equal(withText("{}", { default: { a: 1 } })[1], unfit('the value has no "a"'));
});

test("with a schema the text is tried first, then what it says as JSON", () => {
  assert.equal(withText("5", z.string()), ["5"]);
  assert.equal(withText("5", z.number()), [5]);
  assert.equal(withText("true", { schema: z.boolean() }), [true]);
  assert.equal(withText('["a"]', z.array(z.string())), [["a"]]);
  assert.equal(withText("5", z.coerce.number().default(2)), [5]);
});

test("what a schema says about a value is told", () => {
  const [, message] = withText("0", z.coerce.number().int().min(1, "at least one is needed"));
  assert.is(message, unfit("at least one is needed"));
  const [, deep] = withText('{ "size": "big" }', z.object({ size: z.number("must be a number") }));
  assert.is(deep, unfit("size: must be a number"));
});

test("typed values are checked; scalars convert where nothing is lost", () => {
  assert.equal(withTyped("a"), ["a"]);
  assert.equal(withTyped(5), ["5"]);
  assert.equal(withTyped("5", { default: 2 }), [5]);
  assert.equal(withTyped(["a", 1], { default: ["z"] }), [["a", "1"]]);
  assert.equal(withTyped(["a"], { default: 2 }), [2, unfit("the value is not a number", "prod.pkrvars.json")]);
  assert.equal(withTyped(["a"])[1], unfit("the value is not text", "prod.pkrvars.json"));
  assert.equal(withTyped("5", z.number())[1]?.startsWith("TPK1103"), true);
});

test("a default is used when nothing is given; undefined is a value", () => {
  const context = loadContext();
  loading(context, () => {
    assert.is(variable("a", { default: "x" }), "x");
    assert.is(variable("b", z.coerce.number().default(2)), 2);
    assert.is(variable<string | undefined>("c", { default: undefined }), undefined);
    assert.is(variable("d", z.string().optional()), undefined);
  });
  assert.equal(context.diagnostics, []);
});

test("the default has to fit the schema as well", () => {
  const context = loadContext();
  loading(context, () => variable("x", { default: "a", schema: z.string().min(3, "too short") }));
  assert.equal(told(context.diagnostics), [unfit("too short", "the default")]);
});

test("all missing variables are told, and stand-ins let the program go on", () => {
  const context = loadContext();
  loading(context, () => {
    assert.is(variable("one").toUpperCase(), "");
    assert.is(variable("two", { schema: z.string() }), "");
    assert.is(variable("three", { sensitive: true }).reveal(), "");
  });
  assert.equal(
    context.diagnostics.map(({ code, detail }) => `${code} ${detail}`),
    ["one", "two", "three"].map((name) => `TPK1101 The variable "${name}" has no value.`),
  );
  assert.is(context.diagnostics[0]?.hint, "Set it with -var 'one=…', PKR_VAR_one or a variable file, or give it a default.");
});

test("a schema that checks asynchronously is an error", async () => {
  const schema: Schema<string> = { "~standard": { version: 1, vendor: "test", validate: () => Promise.reject(new Error("late")) } };
  assert.equal(withText("x", schema)[1], unfit("its schema checks asynchronously, which a variable cannot wait for"));
});

test("a sensitive variable is a secret, and no message shows what was given", () => {
  const context = loadContext({ inputs: textInputs({ token: "hunter2", pin: "hunter3" }) });
  loading(context, () => {
    const token = variable("token", { sensitive: true });
    assert.is(deferredOf(token)?.label, "var.token");
    assert.is(token.reveal(), "hunter2");
    variable("pin", { sensitive: true, schema: z.string().refine(() => false, { error: ({ input }) => `bad: ${String(input)}` }) });
  });
  assert.equal([...context.secrets], ["hunter2", "hunter3"]);
  assert.is(context.diagnostics.length, 1);
  assert.not.match(JSON.stringify(context.diagnostics), "hunter");
});

test("`sensitive: false` gives the plain value", () => {
  const context = loadContext({ inputs: textInputs({ x: "v" }) });
  assert.is(
    loading(context, () => variable("x", { sensitive: false })),
    "v",
  );
  assert.is(context.secrets.size, 0);
});

test("variables are recorded with what inspect shows", () => {
  const context = loadContext({ inputs: textInputs({ cpus: "4" }) });
  loading(context, () => variable("cpus", { default: 2, description: "CPUs" }));
  const [{ origin: _origin, ...recorded } = {}] = context.variables;
  assert.equal(recorded, { name: "cpus", value: 4, default: 2, description: "CPUs", sensitive: false });
});

test("two variables of one name are told", () => {
  const context = loadContext();
  loading(context, () => [variable("a", { default: "1" }), variable("a", { default: "2" })]);
  assert.equal(told(context.diagnostics), ['TPK1105 There is another variable with the name "a".']);
});

test("outside a load a variable has its default, or throws", () => {
  assert.is(variable("x", { default: 2 }), 2);
  assert.throws(() => variable("x"), /The variable "x" has no value/);
});

test.run();
