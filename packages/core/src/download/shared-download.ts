import { CancelledError } from "../diagnostics/error.ts";
import { type Downloaded, type DownloadOptions, download } from "./download.ts";

/** A download under way that several builds of this process want. */
interface Flight {
  readonly result: Promise<Downloaded>;
  readonly controller: AbortController;
  waiting: number;
}

const flights = new Map<string, Flight>();

/**
 * `download`, but builds of one process that want the same file at the same time share one download and one check of its digest
 * (between processes the lock beside the file sees to that). Whoever comes first shows progress. The download is cancelled when all who wait
 * for it are.
 */
export async function sharedDownload(options: DownloadOptions): Promise<Downloaded> {
  if (options.signal.aborted) throw new CancelledError();
  const { location, checksum, destination, cacheDirectory, extension, workingDirectory } = options;
  const key = JSON.stringify([location, checksum, destination, cacheDirectory, extension, workingDirectory]);
  const flight = flights.get(key) ?? takeOff(key, options);
  flight.waiting++;
  try {
    return await resultOrAbort(flight.result, options.signal);
  } finally {
    flight.waiting--;
    if (flight.waiting === 0) {
      // Who comes now starts anew, and does not join a download that is being cancelled.
      if (flights.get(key) === flight) flights.delete(key);
      flight.controller.abort();
    }
  }
}

// --- internal ---

function takeOff(key: string, options: DownloadOptions): Flight {
  const controller = new AbortController();
  const result = download({ ...options, signal: controller.signal });
  const flight: Flight = { result, controller, waiting: 0 };
  flights.set(key, flight);
  return flight;
}

async function resultOrAbort(result: Promise<Downloaded>, signal: AbortSignal): Promise<Downloaded> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new CancelledError());
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
    // When the wait was given up, its failure interests nobody any more.
    result.catch(() => undefined);
  }
}
