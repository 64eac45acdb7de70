import { packerVariables, prepare, prepareWell, RecordingUi, rejects, runInfo } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import nullBuilder from "../../../src/components/builders/null.ts";
import { HOOK_CLEANUP_PROVISION, HOOK_PROVISION, type Hook, type HookContext } from "../../../src/sdk/hook.ts";

test("without a communicator it provisions a machine that does nothing, and makes nothing", async () => {
  const builder = await nullBuilder.create();
  await prepareWell(builder, { communicator: "none" });
  const contexts: [string, HookContext][] = [];
  const hook: Hook = { run: async (name, context) => void contexts.push([name, context]) };
  const signal = new AbortController().signal;
  const artifact = await builder.run({ ui: new RecordingUi(), hook, signal });
  assert.equal(
    contexts.map(([name, { data }]) => [name, data.ID, data.ConnType]),
    [[HOOK_PROVISION, "Null", "none"]],
  );
  assert.equal(await contexts[0]?.[1].communicator?.execute({ command: "exit 1", signal }), { exitCode: 0 });
  assert.equal([artifact?.builderId, artifact?.id, artifact?.files], ["fnoeding.null", "Null", []]);
  assert.equal(await artifact?.state("generated_data"), { ID: "Null" });
  await artifact?.destroy();
});

test("a failing provisioner is cleaned up after as on-error says", async () => {
  for (const [onError, expected] of [
    ["cleanup", [HOOK_PROVISION, HOOK_CLEANUP_PROVISION]],
    ["run-cleanup-provisioner", [HOOK_PROVISION, HOOK_CLEANUP_PROVISION]],
    ["abort", [HOOK_PROVISION]],
  ] as const) {
    const builder = await nullBuilder.create();
    await prepareWell(builder, { communicator: "none" }, { packer: packerVariables({ packer_on_error: onError }), run: runInfo() });
    const fired: string[] = [];
    const hook: Hook = {
      run: async (name) => {
        fired.push(name);
        if (name === HOOK_PROVISION) throw new Error("boom");
      },
    };
    await rejects(builder.run({ ui: new RecordingUi(), hook, signal: new AbortController().signal }), { message: /^boom$/ });
    assert.equal(fired, expected);
  }
});

test("host, user and exactly one credential are required, unless there is no communicator", async () => {
  const problems = async (config: { readonly [option: string]: unknown }) =>
    (await prepare(await nullBuilder.create(), config)).map(({ code, path }) => `${code} ${path}`).sort();
  assert.equal(await problems({}), ["TPK3104 ssh_host", "TPK3104 ssh_password", "TPK3104 ssh_username"]);
  assert.equal(await problems({ ssh_host: "h", ssh_username: "u", ssh_password: "p", ssh_agent_auth: true }), ["TPK3106 ssh_password"]);
  assert.equal(await problems({ ssh_host: "h", ssh_username: "u", ssh_agent_auth: true }), []);
  assert.equal(await problems({ communicator: "none" }), []);
});

test.run();
