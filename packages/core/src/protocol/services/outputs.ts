// What a build has to itself in its run, between two programs of ours. Packer's protocol knows nothing of it.
import type { BuildOutput } from "../../sdk/component.ts";
import { readFields, readText } from "./wire.ts";

/** The field of a reply that holds them. */
export const OUTPUTS_FIELD = "TspackOutputs";

/** Outputs as they are sent. */
export function sentOutputs(outputs: readonly BuildOutput[]): readonly object[] {
  return outputs.map(({ kind, path, option }) => ({ kind, path, option }));
}

/** The outputs in a reply; none where the other end tells none. Throws a PluginError (TPK4002) for anything else. */
export function readOutputs(reply: { readonly [field: string]: unknown }, what: string): readonly BuildOutput[] {
  const list = reply[OUTPUTS_FIELD];
  if (!Array.isArray(list)) return [];
  return list.slice(0, MOST).map((item) => {
    const fields = readFields(item, what);
    return {
      kind: fields.kind === "file" ? "file" : "directory",
      path: readText(fields.path, what),
      option: readText(fields.option, what),
    };
  });
}

// --- internal ---

/** More than any builder has options for. */
const MOST = 100;
