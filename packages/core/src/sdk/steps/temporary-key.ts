// The key that a builder makes for its machine (rows COM-12 to COM-14, MISC-04).
import { randomUUID } from "node:crypto";
import { orAborted } from "../../communicator/abort.ts";
import type { CommunicatorConfig } from "../../communicator/options.ts";
import type { TemporaryKeyPair } from "../../communicator/ssh/temporary-key.ts";
import { type Step, stateKey } from "./step.ts";

/** The key pair that `temporaryKeyStep` made; not set where none is needed. `connectStep` logs in with it. */
export const temporaryKeyKey = stateKey<TemporaryKeyPair>("temporary_key");

/**
 * The step that begins to make what `temporaryKeyStep` hands on, and waits for nothing: a key of RSA takes seconds, on another thread. It
 * says nothing either; a failure is that of `temporaryKeyStep`, which has to follow.
 */
export function beginTemporaryKeyStep({ config }: { readonly config: CommunicatorConfig }): Step {
  return {
    name: "begin to make a temporary SSH key",
    async run({ state }) {
      const making = make(config);
      // Another step may fail first; then nobody asks.
      making.catch(() => undefined);
      state.set(makingKey, making);
    },
  };
}

/**
 * The step that makes a key pair for this machine alone, of the type and size that the options name, or waits for the one that
 * `beginTemporaryKeyStep` has begun. A later step of the builder puts `publicKey` on the machine. Nothing is made for a communicator that is
 * not SSH, and where the user brings a key file or an agent.
 */
export function temporaryKeyStep({ config }: { readonly config: CommunicatorConfig }): Step {
  return {
    name: "make a temporary SSH key",
    async run({ state, ui, signal }) {
      if (config.communicator !== "ssh") return;
      // Nothing ends the making of a key; a build that is cancelled need not wait for it.
      const begun = state.find(makingKey);
      // One that failed is not asked again when the user has this step tried once more.
      state.set(makingKey, undefined);
      const pair = await orAborted(begun ?? make(config), signal);
      if (pair === undefined) {
        ui.say(config.ssh_agent_auth ? "Using the keys of the SSH agent" : `Using the SSH key ${config.ssh_private_key_file}`);
        return;
      }
      ui.say(`Made a temporary ${config.temporary_key_pair_type} key for SSH`);
      ui.secret(pair.privateKey);
      state.set(temporaryKeyKey, pair);
    },
  };
}

// --- internal ---

/** What is being made. */
const makingKey = stateKey<Promise<TemporaryKeyPair | undefined> | undefined>("temporary_key_in_the_making");

async function make(config: CommunicatorConfig): Promise<TemporaryKeyPair | undefined> {
  if (config.communicator !== "ssh") return undefined;
  // Only here: a program that is merely validated needs no keys.
  const { makeTemporaryKeyPair } = await import("../../communicator/ssh/temporary-key.ts");
  return makeTemporaryKeyPair(config, `packer_${randomUUID()}`);
}
