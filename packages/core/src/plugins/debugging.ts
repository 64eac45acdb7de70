// Plugins that run with a debugger (`TSPACK_PLUGIN_DEBUG=NAME[:PORT]`). For authors: a plugin for Node stops before its first line, and
// waits for a debugger at a port of this machine. Packer has nothing like it.
import { PluginError } from "../diagnostics/error.ts";

/** How a process is started that is debugged. */
export interface Debugging {
  /** Goes over the environment of the process. */
  readonly environment: { readonly [name: string]: string };
  readonly port: number;
  /** The process is gone: another one may have its port. */
  release(): void;
}

const DEBUG_VARIABLE = "TSPACK_PLUGIN_DEBUG";
/** Node's own. */
const DEFAULT_PORT = 9229;
const LAST_PORT = 65_535;

/** Ports of processes that run. Each process needs one of its own. */
const taken = new Set<number>();

/**
 * What is to be done to debug a component of this type; undefined when nobody wants that. The name is that of a plugin or of one of its
 * components. The first process gets the port, others that run at the same time get those after it. Call `release` in the end. Throws a
 * PluginError (TPK4001) when the variable says neither.
 */
export function debuggingOf(type: string, environment: { readonly [name: string]: string | undefined }): Debugging | undefined {
  const wanted = environment[DEBUG_VARIABLE];
  if (wanted === undefined || wanted === "") return undefined;
  const [, name, digits] = /^([0-9A-Za-z]+(?:-[0-9A-Za-z]+)*)(?::(\d{1,5}))?$/.exec(wanted) ?? [];
  let port = digits === undefined ? DEFAULT_PORT : Number(digits);
  if (name === undefined || port === 0 || port > LAST_PORT) {
    const hint = `Write ${DEBUG_VARIABLE}=NAME or ${DEBUG_VARIABLE}=NAME:PORT.`;
    throw new PluginError(`${DEBUG_VARIABLE} is ${JSON.stringify(wanted)}, which names no plugin`, { code: "TPK4001", hint });
  }
  if (type !== name && !type.startsWith(`${name}-`)) return undefined;
  while (taken.has(port) && port < LAST_PORT) port++;
  taken.add(port);
  // By the environment, since the plugin may be a script that starts Node itself. The SDK keeps it from what the plugin starts.
  const options = [environment.NODE_OPTIONS ?? "", `--inspect-brk=127.0.0.1:${port}`].join(" ").trim();
  return { environment: { NODE_OPTIONS: options }, port, release: () => void taken.delete(port) };
}
