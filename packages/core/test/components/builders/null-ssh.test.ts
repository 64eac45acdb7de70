// The null builder on a real OpenSSH server, with the provisioners that work through its communicator.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  lab,
  makeSshKey,
  packerVariables,
  prepareWell,
  RecordingUi,
  rejects,
  runInfo,
  type Sshd,
  startSshd,
  tmp,
  within,
} from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import nullBuilder from "../../../src/components/builders/null.ts";
import file from "../../../src/components/provisioners/file.ts";
import shell from "../../../src/components/provisioners/shell.ts";
import type { Config } from "../../../src/program/program.ts";
import { HOOK_PROVISION, type HookContext } from "../../../src/sdk/hook.ts";

const sshTest = lab(test, "sshd", "ssh-keygen", "root");

/** Runs a null build on a server of its own; what it does there is the body. */
async function onMachine(
  body: (context: HookContext, server: Sshd) => Promise<void>,
  signal = new AbortController().signal,
): Promise<RecordingUi> {
  const server = await startSshd();
  try {
    const key = makeSshKey(tmp("key"), "id", "ed25519");
    server.authorize(key.publicKey);
    const builder = await nullBuilder.create();
    const access = { ssh_host: server.host, ssh_port: server.port, ssh_username: "root", ssh_private_key_file: key.file };
    await prepareWell(builder, access, { run: runInfo(), packer: packerVariables() });
    const ui = new RecordingUi();
    const hook = {
      run: async (name: string, context: HookContext) => {
        if (name === HOOK_PROVISION) await body(context, server);
      },
    };
    await within(30_000, async () => builder.run({ ui, hook, signal }));
    return ui;
  } finally {
    await server.stop();
  }
}

async function provision(factory: typeof shell, config: Config, context: HookContext): Promise<void> {
  const component = await factory.create();
  await prepareWell(component, config);
  await component.provision({ ...context, communicator: context.communicator });
}

sshTest("scripts run there with the values of the connection, and leave nothing", async () => {
  const folder = tmp("remote");
  const ui = await onMachine(async (context, { host, port }) => {
    assert.equal([context.data.ID, context.data.Host, context.data.Port, context.data.User], ["Null", host, port, "root"]);
    await provision(
      shell,
      { inline: ["echo {{.Host}} {{build `User`}} $A", "echo err >&2"], env: { A: "it's" }, remote_folder: folder },
      context,
    );
    await rejects(provision(shell, { inline: ["exit 4"], remote_folder: folder, use_env_var_file: true }, context), { code: "TPK6006" });
  });
  assert.ok(ui.lines.includes("stdout: 127.0.0.1 root it's"));
  assert.ok(ui.lines.includes("stderr: err"));
  assert.equal(readdirSync(folder), []);
});

sshTest("files and folders go there and back", async () => {
  const here = tmp("here");
  const there = tmp("there");
  writeFileSync(join(here, "a"), "a");
  await onMachine(async (context) => {
    await provision(file, { sources: [join(here, "a"), `${here}/`], destination: `${there}/` }, context);
    await provision(file, { content: "c", destination: `${there}/c` }, context);
    await provision(file, { source: `${there}/*`, destination: `${here}/back/`, direction: "download" }, context);
  });
  assert.equal(readdirSync(join(here, "back")).sort(), ["a", "c"]);
  assert.is(readFileSync(join(here, "back", "c"), "utf8"), "c");
});

sshTest("a machine that restarts under a script is waited for when that is expected", async () => {
  const folder = tmp("remote");
  const flag = join(tmp(), "flag");
  await onMachine(async (context, server) => {
    const restart = async () => {
      await within(30_000, async () => {
        while (!readdirSync(join(flag, "..")).includes("flag")) await new Promise(setImmediate);
      });
      await server.kill();
      await server.start();
    };
    const config = { inline: [`echo > ${flag}`, "sleep 60"], remote_folder: folder, expect_disconnect: true };
    await Promise.all([provision(shell, config, context), restart()]);
    assert.equal(readdirSync(folder), []);
  });
});

sshTest("an abort ends the script on the machine and the connection", async () => {
  const controller = new AbortController();
  const folder = tmp("remote");
  const result = onMachine(async (context) => {
    context.ui.output = () => controller.abort();
    await provision(shell, { inline: ["echo started", "sleep 60"], remote_folder: folder }, context);
  }, controller.signal);
  await within(20_000, () => rejects(result, { code: "TPK6009" }));
  assert.equal(readdirSync(folder), []);
});

test.run();
