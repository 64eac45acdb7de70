import { TspackError } from "../../diagnostics/error.ts";

/** What goes on a CD or floppy: folders and files, before either has a format. */
export type MediaNode = MediaFile | MediaFolder;

/** A file for a medium, whose content is read when it is written. */
export interface MediaFile {
  readonly kind: "file";
  readonly sizeBytes: number;
  /** Bytes at hand, or the absolute path of a file that is read when the image is written. */
  readonly source: { readonly content: Buffer } | { readonly path: string };
  readonly isExecutable: boolean;
}

/** A folder for a medium: its entries by their names. */
export interface MediaFolder {
  readonly kind: "folder";
  readonly entries: Map<string, MediaNode>;
}

/** An empty folder. */
export function mediaFolder(): MediaFolder {
  return { kind: "folder", entries: new Map() };
}

/** A file of text, as `cd_content` and `floppy_content` have it. */
export function mediaText(text: string): MediaFile {
  const content = Buffer.from(text);
  return { kind: "file", sizeBytes: content.length, source: { content }, isExecutable: false };
}

/**
 * The parts of a path inside a medium. Throws `TspackError` (TPK3105) for one that names no file there: with `..`, an empty one,
 * or a name longer than the 255 bytes that guests can read.
 */
export function mediaPath(path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  const refuse = (reason: string): never => {
    throw new TspackError(`${JSON.stringify(path)} is not a path for a file of the medium: ${reason}`, { code: "TPK3105" });
  };
  if (parts.length === 0 || path.endsWith("/")) return refuse("it names no file");
  if (parts.includes("..")) return refuse('it contains ".."');
  if (path.includes("\0")) return refuse("it contains a NUL character");
  const long = parts.find((part) => Buffer.byteLength(part) > 255);
  if (long !== undefined) return refuse(`a name in it has ${Buffer.byteLength(long)} bytes, and 255 is the most`);
  return parts;
}

/** The folder of that name, made when it is not there. A file in its place gives way. */
export function folderIn(parent: MediaFolder, name: string): MediaFolder {
  const found = parent.entries.get(name);
  if (found?.kind === "folder") return found;
  const made = mediaFolder();
  parent.entries.set(name, made);
  return made;
}

/** Puts a file at a path, whatever was there, and makes the folders it needs. */
export function placeFile(root: MediaFolder, parts: readonly string[], file: MediaFile): void {
  const name = parts.at(-1);
  if (name === undefined) return;
  const folder = parts.slice(0, -1).reduce(folderIn, root);
  folder.entries.set(name, file);
}
