import type { EventListener, PluginCatalog } from "@tspack/core";
import type { Host } from "../command.ts";

/** What a command knows about plugins. */
export interface PluginSettings {
  readonly flags: { readonly "ignore-prerelease-plugins"?: boolean | undefined };
  readonly host: Host;
  /** Takes what plugins log before there is a run. */
  readonly onEvent?: EventListener | undefined;
}

/** The components of a command, plugins among them. Whoever opens it closes it. */
export function openPlugins(core: typeof import("@tspack/core"), { flags, host, onEvent }: PluginSettings): PluginCatalog {
  const { environment, workingDirectory, executableDirectory } = host;
  return core.pluginCatalog({
    environment,
    workingDirectory,
    executableDirectory,
    missingHint: host.commands.names().includes("init") ? "tspack init installs what is missing." : undefined,
    ignorePrereleases: flags["ignore-prerelease-plugins"],
    log: (level, source, text) => onEvent?.({ time: Date.now(), sequence: 0, phase: "load", kind: "log", level, source, text }),
  });
}
