import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lab, packerVariables, RecordingUi, rejects, runInfo, startSshd } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { noneCommunicator } from "../../../src/communicator/none.ts";
import { communicatorOptions } from "../../../src/communicator/options.ts";
import { isCancellation } from "../../../src/diagnostics/error.ts";
import { cleanUpTemporaryKeysStep } from "../../../src/sdk/steps/clean-up-temporary-keys.ts";
import { connectionKey, connectStep } from "../../../src/sdk/steps/connect.ts";
import { runSteps } from "../../../src/sdk/steps/runner.ts";
import type { StateBag, Step } from "../../../src/sdk/steps/step.ts";
import { beginTemporaryKeyStep, temporaryKeyKey, temporaryKeyStep } from "../../../src/sdk/steps/temporary-key.ts";

async function run(steps: readonly Step[], ui = new RecordingUi(), signal = new AbortController().signal): Promise<StateBag> {
  return runSteps(steps, { ui, signal, packer: packerVariables(), run: runInfo() });
}

const config = (options: object) => communicatorOptions().parse({ ssh_username: "root", temporary_key_pair_type: "ed25519", ...options });

test("a key is made under a name of its own, and is a secret", async () => {
  const ui = new RecordingUi();
  const state = await run([temporaryKeyStep({ config: config({}) })], ui);
  const pair = state.get(temporaryKeyKey);
  assert.match(pair.name, /^packer_[0-9a-f-]{36}$/);
  assert.match(pair.publicKey, / packer_/);
  assert.ok(ui.lines.includes(`secret: ${pair.privateKey}`));
  const named = await run([temporaryKeyStep({ config: config({ temporary_key_pair_name: "mine" }) })]);
  assert.is(named.get(temporaryKeyKey).name, "mine");
});

test("none is made without SSH, nor for who brings a key or an agent", async () => {
  for (const options of [{ communicator: "none" }, { ssh_private_key_file: "id" }, { ssh_agent_auth: true }]) {
    const step = temporaryKeyStep({ config: config(options) });
    assert.is((await run([step])).find(temporaryKeyKey), undefined);
  }
});

test("a key that was begun early is the one that is handed on, and is said once", async () => {
  const ui = new RecordingUi();
  const options = { config: config({ temporary_key_pair_name: "early" }) };
  const early: Step = {
    name: "early",
    run: async ({ state }) => {
      assert.is(state.find(temporaryKeyKey), undefined);
      assert.equal(
        ui.lines.filter((line) => /^(say|error|secret)/.test(line)),
        [],
      );
    },
  };
  const state = await run([beginTemporaryKeyStep(options), early, temporaryKeyStep(options)], ui);
  assert.match(state.get(temporaryKeyKey).publicKey, /^ssh-ed25519 \S+ early$/);
  assert.is(ui.text.split("Made a temporary").length, 2, ui.text);
});

test("a key that cannot be made fails the step that hands it on, and nothing where another step fails first", async () => {
  // OpenSSL makes no key of RSA that is so short.
  const options = { config: config({ temporary_key_pair_type: "rsa", temporary_key_pair_bits: 8 }) };
  const steps: string[] = [];
  const between: Step = { name: "between", run: async () => void steps.push("between") };
  await rejects(run([beginTemporaryKeyStep(options), between, temporaryKeyStep(options)]), { message: /key size|modulus|too small/i });
  assert.equal(steps, ["between"]);
  const failing: Step = { name: "failing", run: async () => Promise.reject(new Error("something else")) };
  await rejects(run([beginTemporaryKeyStep(options), failing, temporaryKeyStep(options)]), { message: /something else/ });
});

test("a build that is cancelled does not wait for its key", async () => {
  const options = { config: config({ temporary_key_pair_type: "rsa", temporary_key_pair_bits: 3072 }) };
  const cancelling = new AbortController();
  const ui = new RecordingUi();
  const cancel: Step = {
    name: "cancel",
    // In the turn in which the next step has begun to wait.
    run: async () => void setImmediate(() => cancelling.abort(new Error("enough"))),
  };
  const error = await rejects(run([beginTemporaryKeyStep(options), cancel, temporaryKeyStep(options)], ui, cancelling.signal));
  assert.ok(isCancellation(error));
  assert.not.match(ui.text, /Made a temporary/);
});

lab(
  test,
  "sshd",
  "ssh-keygen",
  "root",
)("the key logs in, and is gone from the machine afterwards", async () => {
  const sshd = await startSshd();
  // Commands on the machine have this folder as home, and sshd reads the keys of everybody from elsewhere.
  const keys = join(sshd.directory, ".ssh/authorized_keys");
  try {
    const options = config({ ssh_host: sshd.host, ssh_port: sshd.port, ssh_clear_authorized_keys: true });
    const authorize: Step = {
      name: "authorize",
      run: async ({ state }) => sshd.authorize(state.get(temporaryKeyKey).publicKey),
    };
    const settle: Step = {
      name: "settle",
      async run({ state, signal }) {
        const { publicKey } = state.get(temporaryKeyKey);
        const command = `mkdir -p ~/.ssh && printf '%s\\n' 'ssh-rsa AAAA other' '${publicKey}' > ~/.ssh/authorized_keys`;
        assert.is((await state.get(connectionKey).communicator.execute({ command, signal })).exitCode, 0);
        assert.ok(existsSync(keys));
      },
    };
    const ui = new RecordingUi();
    const cleanUp = cleanUpTemporaryKeysStep({ config: options });
    await run([temporaryKeyStep({ config: options }), authorize, connectStep({ config: options }), settle, cleanUp], ui);
    assert.is(readFileSync(keys, "utf8"), "ssh-rsa AAAA other\n");
    assert.match(ui.text, /Removing the temporary key from the authorized keys/);
  } finally {
    await sshd.stop();
  }
});

test("a key that cannot be removed is a warning, whatever the reason; a cancelled build stays cancelled", async () => {
  const options = config({ ssh_clear_authorized_keys: true, temporary_key_pair_name: "packer_x" });
  const failing = new Map<string, () => Promise<{ exitCode: number }>>([
    ["exit code 4", async () => ({ exitCode: 4 })],
    ["the connection was lost", () => Promise.reject(new Error("the connection was lost"))],
  ]);
  for (const [reason, execute] of failing) {
    const ui = new RecordingUi();
    await run([cleanUpTemporaryKeysStep({ config: options, communicator: () => ({ ...noneCommunicator(), execute }) })], ui);
    assert.match(ui.errors.join(), `The temporary key could not be removed (${reason}); take it out`);
  }
  const stop = new AbortController();
  const execute = async (): Promise<never> => {
    stop.abort();
    throw new Error("gone");
  };
  const cancelled = run(
    [cleanUpTemporaryKeysStep({ config: options, communicator: () => ({ ...noneCommunicator(), execute }) })],
    new RecordingUi(),
    stop.signal,
  );
  assert.ok(isCancellation(await rejects(cancelled)));
});

test.run();
