import { prepare, prepareWell, RecordingUi } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { defineProvisioner } from "../../../src/sdk/config/define.ts";
import { duration, textList } from "../../../src/sdk/config/options.ts";

const seen: unknown[] = [];

const greeter = defineProvisioner({
  type: "greeter",
  description: "Says hello.",
  options: () =>
    z.object({
      who: z.string().describe("Whom to greet."),
      pause: duration().default(2000).describe("How long to wait."),
      mode: z.enum(["loud", "quiet"]).default("quiet").describe("How."),
      extra: textList().optional().describe("More names."),
      times: z.number().int().optional().describe("How often."),
      command: z.string().optional().describe("Rendered by the component."),
    }),
  renderLater: ["command"],
  check: ({ config, isUnknown }) =>
    config.who === "nobody" && !isUnknown("who")
      ? [{ severity: "error", code: "TPK3105", summary: "Invalid argument value", detail: "Nobody is there.", path: ["who"] }]
      : [],
  async provision({ config }) {
    seen.push(config);
  },
});

const context = () => ({ ui: new RecordingUi(), communicator: undefined, data: { Host: "example" }, signal: new AbortController().signal });

test("all problems of a configuration are reported at once, each at its option", async () => {
  const problems = await prepare(await greeter.create(), { pause: "long", mode: "lowd", wo: "x" });
  assert.equal(problems.map((problem) => [problem.code, problem.path]).sort(), [
    ["TPK3102", ["wo"]],
    ["TPK3104", ["who"]],
    ["TPK3105", ["mode"]],
    ["TPK3105", ["pause"]],
  ]);
});

test("a value that does not fit is not called missing", async () => {
  const [problem] = await prepare(await greeter.create(), { who: "you", times: 1.5 });
  assert.equal([problem?.code, problem?.detail], ["TPK3105", 'The argument "times" must be a whole number.']);
});

test("a value that is not known yet is neither checked nor reported", async () => {
  const component = await greeter.create();
  assert.equal(await prepare(component, { who: "nobody", mode: "<unknown>" }, { unknown: [["who"], ["mode"]] }), []);
});

test("a second prepare replaces everything of the first", async () => {
  const component = await greeter.create();
  await prepareWell(component, { who: "first", extra: ["a"] });
  await prepareWell(component, { who: "second" });
  seen.length = 0;
  await component.provision(context());
  assert.equal(seen, [{ who: "second", pause: 2000, mode: "quiet" }]);
});

test("a component whose prepare failed refuses to run", async () => {
  const component = await greeter.create();
  await prepareWell(component, { who: "first" });
  await prepare(component, { who: "nobody" });
  const error = await component.provision(context()).then(
    () => undefined,
    (reason: Error) => reason,
  );
  assert.match(error?.message ?? "", "without having been prepared");
});

test("the specification is read from the schema", async () => {
  const spec = await greeter.configSpec();
  assert.equal(spec?.options.who, {
    type: { kind: "string" },
    required: true,
    description: "Whom to greet.",
    default: undefined,
    choices: undefined,
    deprecated: undefined,
  });
  assert.equal(spec?.options.mode?.choices, ["loud", "quiet"]);
  assert.equal(spec?.options.pause?.type, { kind: "string" });
  assert.equal(spec?.options.extra?.type, { kind: "list", element: { kind: "string" } });
  assert.is(spec?.options.mode?.required, false);
});

test.run();
