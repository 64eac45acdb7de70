import { type Downloaded, type DownloadOptions, download } from "./download.ts";
import { SharedWork } from "./shared-work.ts";

const downloads = new SharedWork<Downloaded>();

/**
 * `download`, but builds of one process that want the same file at the same time share one download and one check of its digest
 * (between processes the lock beside the file sees to that). Whoever comes first shows progress. The download is cancelled when all who wait
 * for it are.
 */
export async function sharedDownload(options: DownloadOptions): Promise<Downloaded> {
  const { location, checksum, archive, destination, cacheDirectory, extension, workingDirectory } = options;
  const key = JSON.stringify([location, checksum, archive, destination, cacheDirectory, extension, workingDirectory]);
  return downloads.join(key, options.signal, (signal) => download({ ...options, signal }));
}
