// Writes converted files: all of them or none.
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Diagnostic, errorText } from "@tspack/core";
import type { ConvertedFile } from "./conversion.ts";

/** Where files are put, and whether others give way. */
export interface WriteOptions {
  /** Absolute; made if it is not there. */
  readonly folder: string;
  readonly isForced: boolean;
  /** A file as messages call it; its path unless given. */
  readonly display?: ((path: string) => string) | undefined;
}

/** What came of writing. Nothing was written when there are diagnostics. */
export interface Written {
  /** Absolute paths of the files that are new or changed. */
  readonly paths: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The files of a conversion that are not on disk as they are. */
export function outdatedFiles(files: readonly ConvertedFile[], folder: string): readonly string[] {
  return files
    .map(({ name, text }) => ({ path: join(folder, name), text }))
    .flatMap(({ path, text }) => (textOf(path) === text ? [] : [path]));
}

/**
 * Writes files, each in one step. A file that exists and says something else is not overwritten unless forced (TPK2403), and then none
 * is written. What fails half-way leaves no file behind that was not there before.
 */
export function writeFiles(files: readonly ConvertedFile[], { folder, isForced, display = (path) => path }: WriteOptions): Written {
  const outdated = new Set(outdatedFiles(files, folder));
  const all = files.map(({ name, text }) => ({ path: join(folder, name), text })).filter(({ path }) => outdated.has(path));
  const taken = isForced ? [] : all.filter(({ path }) => textOf(path) !== undefined).map(({ path }) => path);
  if (taken.length > 0) return { paths: [], diagnostics: [takenDiagnostic(taken.map(display))] };
  const temporary: { readonly from: string; readonly to: string }[] = [];
  try {
    for (const { path, text } of all) {
      mkdirSync(dirname(path), { recursive: true });
      const from = join(dirname(path), `.tspack-${randomBytes(6).toString("hex")}.tmp`);
      temporary.push({ from, to: path });
      writeFileSync(from, text, { flag: "wx" });
    }
    for (const { from, to } of temporary) renameSync(from, to);
  } catch (error) {
    for (const { from } of temporary) rmSync(from, { force: true });
    const detail = `The program could not be written to ${display(folder)}: ${errorText(error)}.`;
    return { paths: [], diagnostics: [{ severity: "error", code: "TPK2002", summary: "Unwritable file", detail }] };
  }
  return { paths: all.map(({ path }) => path), diagnostics: [] };
}

// --- internal ---

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    // Something that is no file, or cannot be read, is in the way as well.
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : "";
  }
}

function takenDiagnostic(paths: readonly string[]): Diagnostic {
  return {
    severity: "error",
    code: "TPK2403",
    summary: "A file would be overwritten",
    detail: `${paths.join(" and ")} ${paths.length === 1 ? "is" : "are"} there already, and ${paths.length === 1 ? "says" : "say"} something else. Nothing was written.`,
    hint: "Write elsewhere with -out, look at the result with -stdout, or overwrite with -force.",
  };
}
