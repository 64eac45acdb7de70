import type { CommunicatorConfig } from "../../communicator/options.ts";
import type { Communicator } from "../communicator.ts";
import { connectionKey } from "./connect.ts";
import type { StateBag, Step } from "./step.ts";
import { temporaryKeyKey } from "./temporary-key.ts";

/** Which key is removed, and how the machine is reached. */
export interface CleanUpTemporaryKeysOptions {
  readonly config: CommunicatorConfig;
  /** The way into the machine; the connection of `connectStep` unless given. */
  readonly communicator?: ((state: StateBag) => Communicator | undefined) | undefined;
}

/**
 * The step after the provisioners that takes the temporary key out of the machine's authorized keys, where
 * `ssh_clear_authorized_keys` says so (row COM-15). A key that stays is a warning, not a failure of the build.
 */
export function cleanUpTemporaryKeysStep({ config, communicator }: CleanUpTemporaryKeysOptions): Step {
  return {
    name: "remove the temporary SSH key",
    async run({ state, ui, signal }) {
      const name = state.find(temporaryKeyKey)?.name ?? config.temporary_key_pair_name;
      const found = communicator === undefined ? state.find(connectionKey)?.communicator : communicator(state);
      if (config.communicator !== "ssh" || found === undefined) return;
      const { clearAuthorizedKeys } = await import("../../communicator/ssh/clear-authorized-keys.ts");
      await clearAuthorizedKeys(found, { config: { ...config, temporary_key_pair_name: name }, ui, signal });
    },
  };
}
