// The Datasource service (plugin-protocol section 7.5). It has no user interface and no streams of its own.
import { BuildError, ConfigError } from "../../diagnostics/error.ts";
import type { Datasource } from "../../sdk/datasource.ts";
import type { Ui } from "../../sdk/ui.ts";
import type { RpcClient, RpcService } from "../transport.ts";
import { callUntilCancelled } from "./cancel.ts";
import { prepareServed, type ServedComponent } from "./component.ts";
import { readBasicError, readBytes, readFields } from "./wire.ts";

/** Has the data source at the other end check and keep its configuration. Rejects with what is wrong. */
export async function callDatasourceConfigure(rpc: RpcClient, configs: readonly unknown[], signal: AbortSignal): Promise<void> {
  const what = "the reply of Datasource.Configure";
  // Failures come in the header; the field repeats them.
  const failure = readBasicError(readFields(await rpc.call("Datasource.Configure", { Configs: configs }, signal), what).Error, what);
  if (failure !== undefined) throw new ConfigError(failure);
}

/** Asks for the encoded specification of the answer. */
export async function callOutputSpec(rpc: RpcClient, signal?: AbortSignal): Promise<Buffer> {
  const { OutputSpec } = readFields(await rpc.call("Datasource.OutputSpec", undefined, signal), "the reply of Datasource.OutputSpec");
  return readBytes(OutputSpec, "OutputSpec");
}

/** Executes the data source at the other end. Returns the encoded answer. */
export async function callExecute(rpc: RpcClient, signal: AbortSignal): Promise<Buffer> {
  const what = "the reply of Datasource.Execute";
  const call = { rpc, method: "Datasource.Execute", argument: undefined, signal };
  const { Value, Error: failed } = readFields(await callUntilCancelled(call), what);
  const failure = readBasicError(failed, what);
  if (failure !== undefined) throw new BuildError(failure, { code: "TPK6004" });
  return readBytes(Value, "Value");
}

/** A data source as a plugin serves it. */
export interface ServedDatasource extends ServedComponent<Datasource> {
  outputSpec(): Promise<Buffer>;
  encodeAnswer(answer: { readonly [name: string]: unknown }): Promise<Buffer>;
  /** What it says goes to the plugin's log: the wire has no user interface for it. */
  readonly ui: Ui;
}

/** Serves a data source. */
export function datasourceService(served: ServedDatasource): RpcService {
  const abort = new AbortController();
  return {
    ConfigSpec: async () => ({ ConfigSpec: await served.configSpec() }),
    OutputSpec: async () => ({ OutputSpec: await served.outputSpec() }),
    Configure: async (argument) => {
      await prepareServed(served, argument);
      return { Error: undefined };
    },
    Execute: async () => {
      const answer = await served.component.execute({ ui: served.ui, signal: abort.signal });
      return { Value: await served.encodeAnswer(answer), Error: undefined };
    },
    Cancel: () => abort.abort(),
  };
}
