// What the four kinds of component have in common on the wire: ConfigSpec, and the configurations of Prepare and Configure.
import { type Diagnostic, hasErrors } from "../../diagnostics/diagnostic.ts";
import { ConfigError } from "../../diagnostics/error.ts";
import type { Component, ComponentKind, PrepareRequest } from "../../sdk/component.ts";
import type { RpcClient } from "../transport.ts";
import { DIAGNOSTICS_FIELD, sentDiagnostics } from "./diagnostics.ts";
import { OUTPUTS_FIELD, sentOutputs } from "./outputs.ts";
import { readBytes, readFields } from "./wire.ts";

/** What the services of the kinds are called on the wire. */
export const serviceNames: { readonly [kind in ComponentKind]: string } = {
  builder: "Builder",
  provisioner: "Provisioner",
  "post-processor": "PostProcessor",
  datasource: "Datasource",
};

/** What a plugin serves: a component, and how its configuration looks on the wire. */
export interface ServedComponent<C extends Component = Component> {
  readonly component: C;
  /** The specification of its options, encoded as the host asked for it. */
  configSpec(): Promise<Buffer>;
  /** The configurations of a call as one request. */
  prepareRequest(configs: readonly unknown[]): PrepareRequest;
  /** The other end is tspack: it is told diagnostics as they are. */
  readonly isExtended?: boolean | undefined;
}

/** Asks for the encoded specification of the options: `Builder.ConfigSpec` and the like. */
export async function callConfigSpec(rpc: RpcClient, service: string, signal?: AbortSignal): Promise<Buffer> {
  const { ConfigSpec } = readFields(await rpc.call(`${service}.ConfigSpec`, undefined, signal), `the reply of ${service}.ConfigSpec`);
  return readBytes(ConfigSpec, "ConfigSpec");
}

/** What a served component found. */
export interface PreparedService {
  readonly warnings: readonly string[];
  readonly generatedVariables: readonly string[];
  /** Fields that a reply has besides those of Packer's protocol: diagnostics and outputs, for a host of ours. */
  readonly extension: { readonly [field: string]: unknown };
}

/**
 * Prepares a served component. Throws with all errors in one text, as Go's plugins report them, unless the host takes diagnostics.
 */
export async function prepareServed(served: ServedComponent, argument: unknown): Promise<PreparedService> {
  const { Configs } = readFields(argument, "the argument of Prepare");
  const request = served.prepareRequest(Array.isArray(Configs) ? Configs : []);
  const { diagnostics, generatedVariables = [], outputs = [] } = await served.component.prepare(request);
  if (served.isExtended === true) {
    const extension = {
      [DIAGNOSTICS_FIELD]: sentDiagnostics(diagnostics),
      ...(outputs.length > 0 ? { [OUTPUTS_FIELD]: sentOutputs(outputs) } : {}),
    };
    return { warnings: [], generatedVariables, extension };
  }
  const texts = diagnostics.filter(({ severity }) => severity === "error").map(textOf);
  if (hasErrors(diagnostics)) throw new ConfigError(listOfErrors(texts), { diagnostics });
  return { warnings: diagnostics.map(textOf), generatedVariables, extension: {} };
}

/** The reply of a call that answers nothing in Packer's protocol. */
export function replyOf({ extension }: PreparedService): PreparedService["extension"] | undefined {
  return Object.keys(extension).length === 0 ? undefined : extension;
}

// --- internal ---

function textOf({ summary, detail, hint }: Diagnostic): string {
  return [detail ?? summary, hint].filter((part) => part !== undefined).join(" ");
}

/** As the SDK of Go writes several errors. */
function listOfErrors(texts: readonly string[]): string {
  return texts.length === 1 ? (texts[0] ?? "") : `${texts.length} error(s) occurred:\n\n${texts.map((text) => `* ${text}`).join("\n")}`;
}
