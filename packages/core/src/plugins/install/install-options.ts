import type { Environment } from "../../download/proxy.ts";
import type { Progress } from "../../sdk/ui.ts";
import type { PluginPlaces } from "../directories.ts";

/** What every way to install a plugin needs. */
export interface InstallOptions extends PluginPlaces {
  /** Where plugins are (PACKER_PLUGIN_PATH and others), proxies, certificates, mirrors and the token are read from here. */
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Told about retries and waiting, one line each. */
  readonly log: (text: string) => void;
  /** Called when the bytes of an archive begin to move. */
  readonly progress?: ((label: string, totalBytes?: number) => Progress) | undefined;
}

/** A plugin that is in its place. */
export interface InstalledPlugin {
  readonly source: string;
  /** Without `v`. */
  readonly version: string;
  /** `x5.0` */
  readonly api: string;
  /** Absolute path. */
  readonly file: string;
  /** SHA-256 of the file. */
  readonly digest: string;
}
