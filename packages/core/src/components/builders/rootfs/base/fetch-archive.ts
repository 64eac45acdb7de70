import { parseChecksum } from "../../../../checksum/checksum.ts";
import { cacheDirectory } from "../../../../download/cache-directory.ts";
import { download } from "../../../../download/download.ts";
import type { BaseContext } from "./prepare-base.ts";

/** Downloads an archive into the cache, or checks one that is here; answers its path. A wrong checksum is TPK7002. */
export async function fetchArchive(location: string, checksum: string | undefined, { run, ui, signal }: BaseContext): Promise<string> {
  const { environment, workingDirectory } = run;
  const found = await download({
    location,
    checksum: parseChecksum(checksum ?? "none"),
    cacheDirectory: cacheDirectory(environment),
    workingDirectory,
    environment,
    signal,
    progress: (label, totalBytes) => ui.progress(label, totalBytes),
    log: (text) => ui.log("info", text),
  });
  return found.path;
}
