// What went wrong with a plugin, as users are told.
import { BuildError, errorText, PluginError } from "../diagnostics/error.ts";
import { withTail } from "../diagnostics/log-tail.ts";
import { RemoteError } from "../protocol/rpc/remote-error.ts";
import type { ComponentKind } from "../sdk/component.ts";
import { type PluginComponent, titleOf } from "./plugin-component.ts";
import type { PluginProcess } from "./process.ts";

/**
 * What a call failed with, as the engine reports it: what the component itself says is a failure of the build, in its own words; a
 * plugin that crashed, hung or broke its protocol is a PluginError that names it, what it was doing (`while it provisioned`), and the
 * end of its log. Anything else stays as it is.
 */
export async function explainFailure(error: unknown, component: PluginComponent, used: PluginProcess, phase: string): Promise<unknown> {
  if (error instanceof RemoteError) return componentFailure(error, component.kind);
  if (!(error instanceof PluginError) || error.message.startsWith(titleOf(component))) return error;
  await used.settle();
  const end = used.exit;
  const what = end === undefined ? "failed" : "was lost";
  // The cause stands before the log, not behind its last line; it is not repeated there.
  const message = [`${titleOf(component)} ${what} ${phase}`, ...(end === undefined ? [] : [end]), errorText(error)].join(": ");
  return new PluginError(withTail(message, used.tail), { code: error.code, cause: error, hint: HINT });
}

/** A failure in the component's own words. One of ours tells its code as well. */
export function componentFailure({ message, failure }: RemoteError, kind: ComponentKind): BuildError {
  return new BuildError(message, { code: failure.code ?? codes[kind], option: failure.option });
}

// --- internal ---

const HINT = "PACKER_LOG=1 shows all that plugins log.";

const codes = { builder: "TPK6001", provisioner: "TPK6002", "post-processor": "TPK6003", datasource: "TPK6004" } as const satisfies {
  readonly [kind in ComponentKind]: string;
};
