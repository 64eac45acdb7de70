import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type TarEntry, writeTar } from "../../../archive/tar-writer.ts";
import { writeZip } from "../../../archive/zip-writer.ts";
import { compressor } from "../../../compression/compressor.ts";
import { BuildError } from "../../../diagnostics/error.ts";
import type { ArchiveFormat } from "./format.ts";

/** A file to put into an archive. */
export interface ArchiveInput {
  /** As the artifact names it. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface ArchiveOptions {
  readonly format: ArchiveFormat;
  /** -1 (the format's default) to 9. */
  readonly level: number;
  readonly signal: AbortSignal;
  readonly environment: { readonly [name: string]: string | undefined };
  /** Told how much of the input was read. */
  readonly onBytes: (bytes: number) => void;
}

const READ_BYTES = 1024 * 1024;

/** Looks at the files of an artifact. Throws `BuildError` (TPK3107) for one that is missing, or is no plain file. */
export async function findInput(name: string, path: string): Promise<ArchiveInput> {
  let found: Awaited<ReturnType<typeof stat>>;
  try {
    found = await stat(path);
  } catch (error) {
    throw new BuildError(`could not read ${name}`, { code: "TPK3107", cause: error });
  }
  if (!found.isFile()) {
    throw new BuildError(`${name} is not a plain file, so it cannot be compressed`, {
      code: "TPK3107",
      hint: "Only files can go into the archive; name those of a folder with the artifice post-processor.",
    });
  }
  return { name, path, sizeBytes: found.size, mode: found.mode & 0o7777, uid: found.uid, gid: found.gid };
}

/** Writes the archive. Leaves removing an unfinished one to the caller. */
export async function writeArchive(inputs: readonly ArchiveInput[], target: string, options: ArchiveOptions): Promise<void> {
  const { format, level, signal, environment } = options;
  const read = (input: ArchiveInput): Readable =>
    createReadStream(input.path, { highWaterMark: READ_BYTES }).on("data", (chunk) => options.onBytes(chunk.length));
  const source = contentOf(inputs, format, level, read);
  const destination = createWriteStream(target, { flags: "wx" });
  if (format.compression === undefined) return pipeline(source, destination, { signal });
  const stage = compressor(format.compression, { level: levelFor(format, level), signal, environment });
  return pipeline(source, stage, destination, { signal });
}

function contentOf(
  inputs: readonly ArchiveInput[],
  format: ArchiveFormat,
  level: number,
  read: (input: ArchiveInput) => Readable,
): AsyncIterable<Buffer> {
  switch (format.archive) {
    case "tar":
      return writeTar(inputs.map((input) => tarEntry(input, read)));
    case "zip":
      return writeZip(
        inputs.map((input) => ({ ...input, content: () => read(input) })),
        { level },
      );
    case undefined: {
      const [input] = inputs;
      if (input === undefined || inputs.length > 1) {
        throw new BuildError(`without tar or zip exactly one file can be compressed, and the artifact has ${inputs.length}`, {
          code: "TPK6003",
          hint: `Let the name end in .tar.${format.compression ?? "gz"} or .zip to put several files together.`,
        });
      }
      return read(input);
    }
  }
}

/** Base name, permissions and owner, but no time: so that the same files give the same bytes. */
function tarEntry(input: ArchiveInput, read: (input: ArchiveInput) => Readable): TarEntry {
  const { sizeBytes, mode, uid, gid } = input;
  return { name: basename(input.name), type: "file", mode, uid, gid, sizeBytes, content: () => read(input) };
}

function levelFor({ compression }: ArchiveFormat, level: number): number | undefined {
  if (level === -1) return undefined;
  // bzip2 has no 0, and for the others 0 was asked for by nobody (row PP-08).
  return compression === "bz2" ? Math.max(1, level) : level;
}
