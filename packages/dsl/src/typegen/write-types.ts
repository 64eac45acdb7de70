// Brings the types of a project up to date: .tspack/types, tspack-env.d.ts that leads to them, and a tsconfig where there is none.
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { writeFinishedFile } from "@tspack/core";
import { TYPES_MARK } from "./type-files.ts";

/** What has been done, or with `check` what would be; paths are relative to the project. */
export interface WrittenTypes {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** What the user has to do: whole sentences. */
  readonly notes: readonly string[];
}

/** Folder of types in a project. */
export const TYPES_FOLDER = ".tspack/types";

const ENV_FILE = "tspack-env.d.ts";
const REFERENCE = `/// <reference path="./${TYPES_FOLDER}/index.d.ts" />`;

/**
 * Writes the files of types into a project, each whole or not at all, and removes those of ours that are wanted no more, but for
 * `kept`. A file that is as it should be is not touched. Rejects with the file system's error.
 */
export async function writeTypes(
  project: string,
  files: ReadonlyMap<string, string>,
  { check = false, kept = [] }: { readonly check?: boolean | undefined; readonly kept?: readonly string[] },
): Promise<WrittenTypes> {
  const written: string[] = [];
  const removed: string[] = [];
  const notes: string[] = [];
  const write = async (path: string, text: string): Promise<void> => {
    if (check ? (await textOf(join(project, path))) !== text : await writeChanged(join(project, path), text)) written.push(path);
  };
  // The index last: what it names is there.
  for (const [name, text] of [...files].reverse().sort(([a], [b]) => Number(a === "index.d.ts") - Number(b === "index.d.ts"))) {
    await write(`${TYPES_FOLDER}/${name}`, text);
  }
  for (const name of await namesIn(join(project, TYPES_FOLDER))) {
    if (files.has(name) || kept.includes(name) || !name.endsWith(".d.ts")) continue;
    const path = join(project, TYPES_FOLDER, name);
    if (!((await textOf(path)) ?? "").split("\n", 1)[0]?.includes(TYPES_MARK)) continue;
    removed.push(`${TYPES_FOLDER}/${name}`);
    if (!check) await rm(path, { force: true });
  }
  const env = await textOf(join(project, ENV_FILE));
  if (env === undefined) await write(ENV_FILE, `${REFERENCE}\n`);
  else if (!env.includes(`${TYPES_FOLDER}/index.d.ts`))
    notes.push(`${ENV_FILE} does not lead to the types: begin it with the line ${REFERENCE}`);
  // One that belongs to a folder further up counts for this one too.
  if (!hasTsconfig(project) && !check) await write("tsconfig.json", tsconfigText(project));
  return { written: written.sort(), removed: removed.sort(), notes };
}

/** Writes a file, whole or not at all; false when it is as it should be already. Rejects with the file system's error. */
export async function writeChanged(path: string, text: string): Promise<boolean> {
  if ((await textOf(path)) === text) return false;
  await writeFinishedFile(path, (temporary) => writeFile(temporary, text));
  return true;
}

// --- internal ---

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

function hasTsconfig(folder: string): boolean {
  if (existsSync(join(folder, "tsconfig.json")) || existsSync(join(folder, "jsconfig.json"))) return true;
  const parent = dirname(folder);
  return parent !== folder && hasTsconfig(parent);
}

/** As `tspack new` writes it. Types of Node are named where they are installed: elsewhere that would be an error. */
function tsconfigText(folder: string): string {
  const compilerOptions = {
    target: "es2023",
    module: "nodenext",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    types: hasNodeTypes(folder) ? ["node"] : [],
  };
  return `${JSON.stringify({ compilerOptions, include: ["**/*.ts"] }, undefined, 2)}\n`;
}

function hasNodeTypes(folder: string): boolean {
  try {
    createRequire(join(folder, "image.ts")).resolve("@types/node/package.json");
    return true;
  } catch {
    return false;
  }
}
