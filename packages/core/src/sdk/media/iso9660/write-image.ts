// Writing a CD image: ISO 9660 (ECMA-119) with Rock Ridge for Unix and Joliet for Windows.
import { type FileHandle, open } from "node:fs/promises";
import { BuildError, type TspackError } from "../../../diagnostics/error.ts";
import { fileTrouble } from "../../../files/file-trouble.ts";
import type { MediaFile, MediaFolder } from "../tree.ts";
import { pathTable, pathTableSize, terminator, type Volume, volumeDescriptor } from "./descriptors.ts";
import { type DraftDirectory, directoryBytes, draftDirectory } from "./directory-records.ts";
import { directoriesOf, type FileContent } from "./directory-tree.ts";
import { SECTOR_BYTES, sectors } from "./fields.ts";
import { isoNaming, jolietNaming } from "./names.ts";
import { ContinuationArea } from "./rock-ridge.ts";

/** What a CD says of itself. */
export interface IsoImageOptions {
  /** The volume's name: at most 32 printable ASCII characters. */
  readonly label: string;
  /** Written as the time of everything, in ms since 1970: the same tree and time give the same bytes. */
  readonly timeMs: number;
  readonly signal: AbortSignal;
}

const FIRST_DESCRIPTOR = 16;
/** Folders have 16-bit numbers in the path table. */
const MOST_FOLDERS = 0xffff;
const MOST_BLOCKS = 0xffff_ffff;
const COPY_BYTES = 4 * 1024 * 1024;
const zeros = Buffer.alloc(COPY_BYTES);

/**
 * Writes a CD image with the content of `root`. Files are copied piece by piece, so memory does not depend on their size; those
 * of 4 GiB and more get several extents. Throws `BuildError`: TPK6011 when the image cannot be written, TPK3107 when a file
 * cannot be read or changes meanwhile, TPK3105 when there are more folders than a CD can have. A part of an image may be left.
 */
export async function writeIsoImage(path: string, root: MediaFolder, options: IsoImageOptions): Promise<{ readonly sizeBytes: number }> {
  const plan = planImage(root, options);
  const image = await open(path, "w").catch((error: unknown) => {
    throw unwritable(error);
  });
  try {
    // What is not written below stays zero.
    await writing(image.truncate(plan.blocks * SECTOR_BYTES));
    for (const { block, bytes } of plan.parts()) await writeAt(image, bytes, block * SECTOR_BYTES);
    for (const { file, block } of plan.contents) await copyFile(image, file, block * SECTOR_BYTES, options.signal);
  } finally {
    await image.close();
  }
  return { sizeBytes: plan.blocks * SECTOR_BYTES };
}

// --- internal ---

interface ImagePlan {
  /** Size of the whole image. */
  readonly blocks: number;
  /** Everything but the files' contents. */
  parts(): Iterable<{ readonly block: number; readonly bytes: Buffer }>;
  readonly contents: readonly FileContent[];
}

/** Gives everything its place: descriptors, path tables, folders, what did not fit into their records, files. */
function planImage(root: MediaFolder, { label, timeMs }: IsoImageOptions): ImagePlan {
  const found = new Map<MediaFile, FileContent>();
  const area = new ContinuationArea();
  const trees = [
    { kind: "primary", directories: directoriesOf(root, isoNaming, found), rockRidge: { area, timeMs } },
    { kind: "joliet", directories: directoriesOf(root, jolietNaming, found), rockRidge: undefined },
  ] as const;
  let next = FIRST_DESCRIPTOR + trees.length + 1;
  const take = (bytes: number): number => {
    const block = next;
    next += sectors(bytes);
    return block;
  };
  const volumes: Volume[] = [];
  for (const { kind, directories } of trees) {
    const [top] = directories;
    if (top === undefined || directories.length > MOST_FOLDERS) throw tooManyFolders(directories.length);
    const pathTableBytes = pathTableSize(directories);
    volumes.push({ kind, root: top, pathTableBytes, littleEndianBlock: take(pathTableBytes), bigEndianBlock: take(pathTableBytes) });
  }
  const drafts: DraftDirectory[] = [];
  for (const { directories, rockRidge } of trees) {
    for (const directory of directories) {
      drafts.push(draftDirectory(directory, rockRidge));
      directory.block = take(directory.sizeBytes);
    }
  }
  const areaBlock = take(area.sizeBytes);
  // Empty files have no place, but are read all the same: those of /proc say that they are empty and are not.
  const contents = [...found.values()];
  for (const content of contents) if (content.file.sizeBytes > 0) content.block = take(content.file.sizeBytes);
  const blocks = next;
  if (blocks > MOST_BLOCKS)
    throw new BuildError("the files are larger than a CD image can be (8 TiB)", { code: "TPK3105", option: "cd_files" });
  function* parts() {
    for (const [index, volume] of volumes.entries()) {
      yield { block: FIRST_DESCRIPTOR + index, bytes: volumeDescriptor(volume, { label, blocks, timeMs }) };
      const directories = trees[index]?.directories ?? [];
      yield { block: volume.littleEndianBlock, bytes: pathTable(directories, "little") };
      yield { block: volume.bigEndianBlock, bytes: pathTable(directories, "big") };
    }
    yield { block: FIRST_DESCRIPTOR + volumes.length, bytes: terminator() };
    for (const draft of drafts) yield { block: draft.directory.block, bytes: directoryBytes(draft, timeMs, areaBlock) };
    yield { block: areaBlock, bytes: area.toBuffer() };
  }
  return { blocks, parts, contents };
}

async function copyFile(image: FileHandle, file: MediaFile, position: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { source, sizeBytes } = file;
  if ("content" in source) {
    await writeAt(image, source.content, position);
    return;
  }
  const input = await open(source.path).catch((error: unknown) => {
    throw unreadable(source.path, fileTrouble(error), error);
  });
  try {
    const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, sizeBytes + 1));
    for (let done = 0; ; ) {
      signal.throwIfAborted();
      const { bytesRead } = await input.read(buffer, 0, buffer.length, done).catch((error: unknown) => {
        throw unreadable(source.path, fileTrouble(error), error);
      });
      // Its place on the CD was measured before: neither more nor less may come.
      if (done + bytesRead > sizeBytes || (bytesRead === 0 && done < sizeBytes)) {
        throw unreadable(source.path, `its size changed while it was read (it had ${sizeBytes} bytes)`);
      }
      if (bytesRead === 0) return;
      await writeAt(image, buffer.subarray(0, bytesRead), position + done);
      done += bytesRead;
    }
  } finally {
    await input.close();
  }
}

/**
 * Writes all of the bytes: one call to the system may write fewer, as when the disk is nearly full. Zeros are there already, so the holes of
 * a disk image stay holes.
 */
async function writeAt(image: FileHandle, bytes: Buffer, position: number): Promise<void> {
  if (zeros.compare(bytes, 0, bytes.length, 0, Math.min(bytes.length, COPY_BYTES)) === 0) return;
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await writing(image.write(bytes, done, bytes.length - done, position + done));
    done += bytesWritten;
  }
}

async function writing<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw unwritable(error);
  }
}

function unwritable(cause: unknown): TspackError {
  return new BuildError(`the CD image could not be written: ${fileTrouble(cause)}`, { code: "TPK6011", cause });
}

function unreadable(path: string, reason: string, cause?: unknown): TspackError {
  return new BuildError(`${path} could not be copied to the CD: ${reason}`, { code: "TPK3107", option: "cd_files", cause });
}

function tooManyFolders(count: number): TspackError {
  return new BuildError(`a CD can have ${MOST_FOLDERS} folders, and these are ${count}`, {
    code: "TPK3105",
    option: "cd_files",
    hint: "Put them into an archive, or name fewer in cd_files.",
  });
}
