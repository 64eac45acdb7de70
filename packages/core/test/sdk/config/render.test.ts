import { prepare, prepareWell, RecordingUi, rejects } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { defineProvisioner } from "../../../src/sdk/config/define.ts";
import type { GeneratedData } from "../../../src/sdk/hook.ts";

/** A provisioner that says what its options are when it runs. */
const echo = defineProvisioner({
  type: "echo",
  description: "Says its options.",
  options: () =>
    z.object({
      text: z.string().default("").describe("Text."),
      list: z.array(z.string()).default([]).describe("Texts."),
      later: z.string().default("").describe("Text that is not rendered here."),
    }),
  renderLater: ["later"],
  provision: async ({ config, ui }) => ui.say(JSON.stringify(config)),
});

async function optionsAtRunTime(config: { readonly [option: string]: unknown }, data: GeneratedData): Promise<unknown> {
  const component = await echo.create();
  await prepareWell(component, config);
  const ui = new RecordingUi();
  await component.provision({ ui, communicator: undefined, data, signal: new AbortController().signal });
  return JSON.parse(ui.text.replace("say: ", ""));
}

test("texts that need the running build are rendered when it runs, the others before", async () => {
  const options = await optionsAtRunTime(
    { text: "{{build_name}}", list: ["{{.Host}}", "{{upper `a`}}"], later: "{{.Host}}" },
    { Host: "h" },
  );
  assert.equal(options, { text: "test", list: ["h", "A"], later: "{{.Host}}" });
});

test("a text is rendered once: quoted braces and braces in values stay", async () => {
  const options = await optionsAtRunTime({ text: "{{`{{ .Jinja }}`}}", list: ["{{.Host}}"] }, { Host: "{{x}}" });
  assert.equal(options, { text: "{{ .Jinja }}", list: ["{{x}}"], later: "" });
});

test("a template that cannot be rendered is reported once, at its place", async () => {
  const problems = await prepare(await echo.create(), { list: ["a", "{{nope}}"] });
  assert.equal(
    problems.map(({ code, path }) => [code, path]),
    [["TPK3108", ["list", 1]]],
  );
});

test("a value that the build turns out not to have fails when it runs, with the option's name", async () => {
  const error = await rejects(optionsAtRunTime({ text: "{{build `Nope`}}" }, { Host: "h" }), { code: "TPK3108" });
  assert.match(error.message, /"text" cannot be rendered: build: the build has no value named "Nope"/);
});

test.run();
