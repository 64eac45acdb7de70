/// <reference path="./yazl.d.ts" />
import type { Readable } from "node:stream";
import { ZipFile } from "yazl";
import { BuildError } from "../diagnostics/error.ts";

/** One file of a zip archive. */
export interface ZipEntry {
  /** Path of the file as its user knows it. Roots and `..` are left out of the archive, as every unpacker does. */
  readonly name: string;
  /** Permission bits. */
  readonly mode: number;
  readonly sizeBytes: number;
  /** Called when the file's turn comes; the stream is read to its end, or destroyed when writing stops early. */
  readonly content: () => Readable;
}

/** Archives carry no times, so that the same files give the same bytes: the earliest that the format has. */
const noTime = new Date(1980, 0, 1);

/**
 * Writes a zip archive (zip64 where sizes need it) with back-pressure; one file is open at a time. `level` is -1 (default) to 9.
 * Throws `BuildError` (TPK6011) when a file does not have the announced size.
 */
export async function* writeZip(
  entries: readonly ZipEntry[],
  { level }: { readonly level: number },
): AsyncGenerator<Buffer, void, undefined> {
  const zip = new ZipFile();
  let open: Readable | undefined;
  const fail = (error: Error): void => {
    zip.outputStream.destroy(new BuildError("could not write the zip archive", { code: "TPK6011", cause: error }));
  };
  zip.on("error", fail);
  for (const entry of entries) {
    const options = {
      mtime: noTime,
      forceDosTimestamp: true,
      mode: 0o100000 | (entry.mode & 0o7777),
      size: entry.sizeBytes,
      compressionLevel: level === -1 ? 6 : level,
    };
    zip.addReadStreamLazy(zipName(entry.name), options, (done) => {
      // yazl leaves the failures of what it reads to us.
      open = entry.content().on("error", fail);
      done(null, open);
    });
  }
  zip.end();
  try {
    for await (const chunk of zip.outputStream) yield chunk;
  } finally {
    open?.destroy();
    zip.outputStream.destroy();
  }
}

/** A name that stays inside the folder it is unpacked to. */
export function zipName(path: string): string {
  const parts = path.replace(/^[A-Za-z]:/, "").split(/[\\/]/);
  return parts.filter((part) => part !== "" && part !== "." && part !== "..").join("/");
}
