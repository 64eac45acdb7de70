// What an executable says about itself has to be what it is installed as (rows INS-04 and INS-09).
import { CancelledError, PluginError } from "../../diagnostics/error.ts";
import { isSpokenApi, SPOKEN_API } from "../api-version.ts";
import { describePlugin, type PluginDescription } from "../describe.ts";
import { compareVersions, parseVersion, type Version } from "../version.ts";

export interface BinaryCheckOptions {
  readonly environment: { readonly [name: string]: string | undefined };
  /** A folder of its own; answers are not remembered beyond it. */
  readonly staging: string;
  readonly signal: AbortSignal;
}

/** Asks an executable what it is. Throws `PluginError` when it does not say, or speaks another protocol. */
export async function describeBinary(
  file: string,
  digest: string,
  { environment, staging, signal }: BinaryCheckOptions,
): Promise<{ readonly description: PluginDescription; readonly version: Version }> {
  const description = await describePlugin(file, digest, { environment, workingDirectory: staging, cacheDirectory: staging, signal }).catch(
    (error: unknown) => {
      throw signal.aborted ? new CancelledError() : error;
    },
  );
  const version = parseVersion(description.version);
  if (version === undefined) throw refused(`it says that it is version ${JSON.stringify(description.version)}, which is none`);
  if (!isSpokenApi(description.apiVersion)) {
    const { apiVersion } = description;
    throw refused(
      `it speaks version ${JSON.stringify(apiVersion)} of the plugin protocol, and tspack ${SPOKEN_API}`,
      "Install a version of the plugin for this protocol.",
    );
  }
  return { description, version };
}

/** Checks that a downloaded executable is the release it was downloaded as. */
export function requireRelease(
  described: { readonly description: PluginDescription; readonly version: Version },
  wanted: InstalledAs,
): void {
  const { description, version } = described;
  if (version.prerelease !== "") throw refused(`it says that it is ${description.version}, a pre-release`);
  if (compareVersions(version, wanted.version) !== 0) {
    throw refused(`it was published as ${wanted.text} and says that it is ${description.version}`);
  }
  if (description.apiVersion !== wanted.api) {
    throw refused(`it was published for ${wanted.api} of the plugin protocol and says that it speaks ${description.apiVersion}`);
  }
}

/** What an executable was published as. */
export interface InstalledAs {
  readonly version: Version;
  readonly text: string;
  readonly api: string;
}

// --- internal ---

function refused(why: string, hint = "It was not installed. Its authors need to know."): PluginError {
  return new PluginError(`the plugin is refused: ${why}`, { code: "TPK4007", hint });
}
