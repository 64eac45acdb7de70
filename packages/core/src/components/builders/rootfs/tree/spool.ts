import { type FileHandle, open } from "node:fs/promises";
import { writeFailed } from "../output/write-failed.ts";
import type { FileSlice } from "./node.ts";

/**
 * A temporary file that keeps the contents of many: unpacked archives and uploads. One file needs no names, so nothing in an
 * archive can choose where it is written. Contents are added one after another; whoever made the spool calls `finish`.
 */
export class Spool {
  readonly file: string;
  #handle: Promise<FileHandle> | undefined;
  #end = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    this.file = file;
  }

  /** Stores content; resolves to where it is. Stops when the signal aborts. */
  add(content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<{ readonly content: FileSlice; readonly sizeBytes: number }> {
    const added = this.#last.then(() => this.#append(content, signal));
    // The next one waits whether this one succeeds or not.
    this.#last = added.catch(() => undefined);
    return added;
  }

  /** Nothing more is added; contents stay readable until the file is removed with the folder it is in. */
  async finish(): Promise<void> {
    await this.#last;
    const handle = this.#handle;
    this.#handle = undefined;
    await (await handle)?.close();
  }

  async #append(content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<{ content: FileSlice; sizeBytes: number }> {
    this.#handle ??= open(this.file, this.#end === 0 ? "wx" : "r+");
    const handle = await this.#handle;
    const offset = this.#end;
    for await (const chunk of content) {
      signal.throwIfAborted();
      await writeAll(handle, chunk, this.#end).catch((cause: unknown) => {
        throw writeFailed(this.file, cause);
      });
      this.#end += chunk.length;
    }
    return { content: { file: this.file, offset, spooled: true }, sizeBytes: this.#end - offset };
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}
