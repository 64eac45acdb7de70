// The Datasource service (plugin-protocol section 7.5). It has no user interface and no streams of its own.
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { BuildError, ConfigError } from "../../diagnostics/error.ts";
import type { Datasource } from "../../sdk/datasource.ts";
import type { Ui } from "../../sdk/ui.ts";
import type { RpcClient, RpcService } from "../transport.ts";
import { callUntilCancelled } from "./cancel.ts";
import { prepareServed, type ServedComponent } from "./component.ts";
import { readDiagnostics } from "./diagnostics.ts";
import { readBasicError, readBytes, readFields, readTexts } from "./wire.ts";

/** Has the data source at the other end check and keep its configuration. One of ours answers diagnostics; any other rejects. */
export async function callDatasourceConfigure(
  rpc: RpcClient,
  configs: readonly unknown[],
  signal: AbortSignal,
): Promise<readonly Diagnostic[] | undefined> {
  const what = "the reply of Datasource.Configure";
  const reply = await rpc.call("Datasource.Configure", { Configs: configs }, signal);
  // Failures come in the header; the field repeats them.
  const failure = readBasicError(readFields(reply, what).Error, what);
  if (failure !== undefined) throw new ConfigError(failure);
  return readDiagnostics(reply, what);
}

/** Asks for the encoded specification of the answer. */
export async function callOutputSpec(rpc: RpcClient, signal?: AbortSignal): Promise<Buffer> {
  const { OutputSpec } = readFields(await rpc.call("Datasource.OutputSpec", undefined, signal), "the reply of Datasource.OutputSpec");
  return readBytes(OutputSpec, "OutputSpec");
}

/** Executes the data source at the other end. Returns the encoded answer; tells what one of ours wants hidden. */
export async function callExecute(rpc: RpcClient, signal: AbortSignal, onSecret?: (text: string) => void): Promise<Buffer> {
  const what = "the reply of Datasource.Execute";
  const call = { rpc, method: "Datasource.Execute", argument: undefined, signal };
  const { Value, Error: failed, [SECRETS_FIELD]: secrets } = readFields(await callUntilCancelled(call), what);
  for (const secret of readTexts(secrets, SECRETS_FIELD)) onSecret?.(secret);
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
  /** What it wanted hidden so far, for a host of ours. */
  readonly secrets?: (() => readonly string[]) | undefined;
}

/** Serves a data source. */
export function datasourceService(served: ServedDatasource): RpcService {
  const abort = new AbortController();
  return {
    ConfigSpec: async () => ({ ConfigSpec: await served.configSpec() }),
    OutputSpec: async () => ({ OutputSpec: await served.outputSpec() }),
    Configure: async (argument) => {
      const { extension } = await prepareServed(served, argument);
      return { Error: undefined, ...extension };
    },
    Execute: async () => {
      const answer = await served.component.execute({ ui: served.ui, signal: abort.signal });
      const secrets = served.secrets?.() ?? [];
      const extension = secrets.length === 0 ? {} : { [SECRETS_FIELD]: [...secrets] };
      return { Value: await served.encodeAnswer(answer), Error: undefined, ...extension };
    },
    Cancel: () => abort.abort(),
  };
}

// --- internal ---

/** The field of a reply with texts to hide: data sources have no user interface that could be told. */
const SECRETS_FIELD = "TspackSecrets";
