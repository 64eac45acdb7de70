import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { pipeline, Readable, Transform } from "node:stream";
import { BuildError } from "../../diagnostics/error.ts";
import type { RunInfo } from "../../sdk/component.ts";
import type { Progress } from "../../sdk/ui.ts";
import type { Machine } from "../shell/remote-file.ts";

/** Bytes that are read at once. */
const READ_SIZE = 256 * 1024;

/** What a transfer takes. */
export interface Transfer extends Machine {
  readonly run: RunInfo;
}

/** Uploads files and folders one after another (rows FP-04, FP-07). */
export async function uploadAll(transfer: Transfer, sources: readonly string[], destination: string): Promise<void> {
  const { communicator, ui, signal, run } = transfer;
  for (const source of sources) {
    ui.say(`Uploading ${source} => ${destination}`);
    const path = resolve(run.workingDirectory, source);
    const found = await stat(path).catch((error: unknown) => {
      throw new BuildError(`could not read ${source}`, { code: "TPK3107", cause: error });
    });
    if (found.isDirectory()) {
      // The slash at the end says "its contents" (row FP-07); resolving the path took it away.
      await communicator.uploadDirectory({ source: source.endsWith("/") ? `${path}/` : path, destination, signal });
    } else {
      const to = destination.endsWith("/") ? destination + basename(source) : destination;
      await uploadFile(transfer, path, to, found.size, found.mode & 0o777);
    }
  }
}

/** Uploads a text as a file (row FP-03). */
export async function uploadContent({ communicator, ui, signal }: Transfer, content: string, destination: string): Promise<void> {
  ui.say(`Uploading content => ${destination}`);
  const bytes = Buffer.from(content);
  await communicator.upload({ path: destination, content: Readable.from([bytes]), sizeBytes: bytes.length, signal });
}

// --- internal ---

async function uploadFile(
  { communicator, ui, signal }: Transfer,
  path: string,
  to: string,
  sizeBytes: number,
  mode: number,
): Promise<void> {
  const progress = ui.progress(basename(to), sizeBytes);
  try {
    const bytes = createReadStream(path, { highWaterMark: READ_SIZE });
    // The outcome of the pipeline reaches the communicator through the stream that it reads.
    const content = pipeline(bytes, counting(progress), () => undefined);
    await communicator.upload({ path: to, name: basename(path), content, sizeBytes, mode, signal });
  } finally {
    progress.finish();
  }
}

function counting(progress: Progress): Transform {
  return new Transform({
    highWaterMark: READ_SIZE,
    transform(chunk: Buffer, _encoding, done) {
      progress.advance(chunk.length);
      done(null, chunk);
    },
  });
}
