import { join, resolve } from "node:path";
import type { EventListener, PluginCatalog } from "@tspack/core";
import type { Host } from "../command.ts";
import { lockFileOf } from "./lock-file.ts";

/** What a command knows about plugins. */
export interface PluginSettings {
  readonly flags: {
    readonly "ignore-prerelease-plugins"?: boolean | undefined;
    readonly plugin?: readonly string[] | undefined;
  };
  readonly host: Host;
  /** The program as the command line names it: its packages and its lock file count. */
  readonly path: string;
  /** Takes what plugins log before there is a run. */
  readonly onEvent?: EventListener | undefined;
}

/** The components of a command, plugins among them. Whoever opens it closes it. Throws for a plugin that was named and is none. */
export async function openPlugins(
  core: typeof import("@tspack/core"),
  { flags, host, path, onEvent }: PluginSettings,
): Promise<PluginCatalog> {
  const { environment, workingDirectory, executableDirectory, packageDirectory } = host;
  // Nothing else tells why a run stands still.
  const { TSPACK_PLUGIN_DEBUG: debugged = "" } = environment;
  if (debugged !== "")
    host.stderr.line(`TSPACK_PLUGIN_DEBUG=${debugged}: plugins of that name wait for a debugger before they do anything.`);
  // A template on standard input has no place of its own.
  const program = resolve(workingDirectory, path === "-" ? "." : path);
  return core.pluginCatalog({
    environment,
    workingDirectory,
    executableDirectory,
    program,
    ownPackage: packageDirectory,
    starter: packageDirectory === undefined ? undefined : join(packageDirectory, "bin/start-plugin.cjs"),
    lockFile: lockFileOf(program, core.LOCK_FILE_NAME),
    plugins: await Promise.all((flags.plugin ?? []).map((text) => core.explicitPlugin(text, workingDirectory))),
    missingHint: host.commands.names().includes("init") ? "tspack init installs what is missing." : undefined,
    ignorePrereleases: flags["ignore-prerelease-plugins"],
    log: (level, source, text) => onEvent?.({ time: Date.now(), sequence: 0, phase: "load", kind: "log", level, source, text }),
  });
}
