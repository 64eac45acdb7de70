import type { Connection, ConnectRequest } from "../../communicator/connect.ts";
import { type StateBag, type Step, stateKey } from "./step.ts";
import { temporaryKeyKey } from "./temporary-key.ts";

/** The connection that `connectStep` makes. */
export const connectionKey = stateKey<Connection>("connection");

/** What the builder knows about its machine; the rest of the request comes from the run. The key of `temporaryKeyStep` is used by itself. */
export interface ConnectStepOptions extends Pick<ConnectRequest, "config" | "temporaryPrivateKey"> {
  /** Where the machine is, when the builder found out; asked again on every attempt (row CON-03). */
  readonly address?: ((signal: AbortSignal, state: StateBag) => Promise<{ readonly host: string; readonly port?: number }>) | undefined;
}

/** The step that connects to the machine as the communicator's options say, and closes the connection at the end. */
export function connectStep(options: ConnectStepOptions): Step {
  return {
    name: "connect",
    async run({ state, ui, signal, packer, run }) {
      // Only here: a program that is merely validated needs no communicator.
      const { connect } = await import("../../communicator/connect.ts");
      // A retried step closes what the attempt before may have left.
      await state.find(connectionKey)?.close();
      const { config, address: find } = options;
      const address: ConnectRequest["address"] = find === undefined ? undefined : (attempt) => find(attempt, state);
      const temporaryPrivateKey = options.temporaryPrivateKey ?? state.find(temporaryKeyKey)?.privateKey;
      state.set(connectionKey, await connect({ config, address, temporaryPrivateKey, ui, signal, packer, run }));
    },
    async cleanup({ state }) {
      await state.find(connectionKey)?.close();
    },
  };
}
