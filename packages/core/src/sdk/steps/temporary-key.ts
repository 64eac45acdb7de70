// The key that a builder makes for its machine (rows COM-12 to COM-14, MISC-04).
import { randomUUID } from "node:crypto";
import type { CommunicatorConfig } from "../../communicator/options.ts";
import type { TemporaryKeyPair } from "../../communicator/ssh/temporary-key.ts";
import { type Step, stateKey } from "./step.ts";

/** The key pair that `temporaryKeyStep` made; not set where none is needed. `connectStep` logs in with it. */
export const temporaryKeyKey = stateKey<TemporaryKeyPair>("temporary_key");

/**
 * The step that makes a key pair for this machine alone, of the type and size that the options name. A later step of the builder puts
 * `publicKey` on the machine. Nothing is made for a communicator that is not SSH, and where the user brings a key file or an agent.
 */
export function temporaryKeyStep({ config }: { readonly config: CommunicatorConfig }): Step {
  return {
    name: "make a temporary SSH key",
    async run({ state, ui }) {
      if (config.communicator !== "ssh") return;
      // Only here: a program that is merely validated needs no keys.
      const { makeTemporaryKeyPair } = await import("../../communicator/ssh/temporary-key.ts");
      const pair = await makeTemporaryKeyPair(config, `packer_${randomUUID()}`);
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
