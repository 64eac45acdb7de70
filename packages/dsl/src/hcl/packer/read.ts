// Reads the files of a configuration and finds its declarations. Nothing is evaluated yet.
import { dirname, normalize, resolve, sep } from "node:path";
import { type Diagnostic, hasErrors } from "@tspack/core";
import { displayPath } from "../../load/display-path.ts";
import { decodeSource } from "../syntax/decode-source.ts";
import { parseConfig } from "../syntax/parse.ts";
import { parseJsonConfig } from "../syntax/parse-json.ts";
import { packerJsonSchema, rootShape } from "./block-shapes.ts";
import { blocksOf } from "./body.ts";
import { checkShape } from "./check-shape.ts";
import type { Configuration, ConfigurationFile } from "./declarations.ts";
import { declarationsIn } from "./declare.ts";
import { checkRequiredPlugins } from "./required-plugins.ts";
import { findTemplateFiles, readBytes } from "./template-files.ts";
import { checkRequiredVersions } from "./version-gate.ts";

/** Where a configuration is read from. */
export interface ReadOptions {
  /** Absolute. */
  readonly workingDirectory: string;
}

/** Reads and parses a `.pkr.hcl` or `.pkr.json` file, or all of a folder (rows FIL-01..05). All errors are in `diagnostics`. */
export function readConfiguration(path: string, { workingDirectory }: ReadOptions): Configuration {
  const wanted = resolve(workingDirectory, path);
  const found = findTemplateFiles(wanted, workingDirectory);
  const diagnostics: Diagnostic[] = [...found.diagnostics];
  const files: ConfigurationFile[] = [];
  for (const file of found.paths) {
    const read = readFile(file, workingDirectory);
    diagnostics.push(...read.diagnostics);
    if (read.file !== undefined) files.push(read.file);
  }
  const declared = declarationsIn(files);
  // As Packer has it: a folder as it was named, that of a file in its shortest form.
  const given = found.isFolder ? path : normalize(dirname(path));
  return {
    root: found.isFolder ? wanted : dirname(wanted),
    givenRoot: given.split(sep).join("/"),
    isFolder: found.isFolder,
    files,
    ...declared,
    diagnostics: [...diagnostics, ...checkAll(files, declared, hasErrors(diagnostics))],
  };
}

// --- internal ---

interface ReadFile {
  readonly file: ConfigurationFile | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

function readFile(path: string, workingDirectory: string): ReadFile {
  const read = readBytes(path, workingDirectory);
  if ("diagnostic" in read) return { file: undefined, diagnostics: [read.diagnostic] };
  const { source, diagnostics } = decodeSource(displayPath(path, workingDirectory), read.bytes);
  if (hasErrors(diagnostics)) return { file: undefined, diagnostics };
  const parsed = path.endsWith(".json") ? parseJsonConfig(source, packerJsonSchema()) : parseConfig(source);
  return { file: { source, body: parsed.tree }, diagnostics: [...diagnostics, ...parsed.diagnostics] };
}

function checkAll(
  files: readonly ConfigurationFile[],
  declared: ReturnType<typeof declarationsIn>,
  hasSyntaxErrors: boolean,
): readonly Diagnostic[] {
  const versions = checkRequiredVersions(declared.packer);
  // A template for another version: what else is wrong with it says nothing (row FIL-05).
  if (hasErrors(versions)) return versions;
  const shapes = files.flatMap(({ body }) => checkShape(body, rootShape, undefined));
  const plugins = checkRequiredPlugins(
    declared.packer.flatMap(({ block }) => blocksOf(block.body).filter(({ type }) => type === "required_plugins")),
  );
  // Behind a syntax error the tree has holes, in which things seem to be missing.
  return hasSyntaxErrors ? declared.diagnostics : [...shapes, ...plugins, ...declared.diagnostics];
}
