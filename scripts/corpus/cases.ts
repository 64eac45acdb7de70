// The configurations of a corpus of templates: which files belong together.
import { existsSync, readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { hasErrors } from "@tspack/core";
import { readConfiguration } from "../../packages/dsl/src/hcl/packer/read.ts";
import { jsonTemplatesIn, jsonVariableFiles } from "./json-templates.ts";

/** A template: a folder, or one file of a folder whose files are no configuration together. */
export interface Case {
  readonly kind: "hcl" | "json";
  /** Relative to the corpus. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Where relative paths start. */
  readonly folder: string;
  readonly isFolder: boolean;
  readonly variableFiles: readonly string[];
}

/** Folders of a corpus that hold templates, and whether each file stands for itself. */
const parts: readonly { readonly folder: string; readonly isOneByOne: boolean }[] = [
  { folder: "templates", isOneByOne: false },
  { folder: "packer-fixtures", isOneByOne: false },
  { folder: "doc-snippets", isOneByOne: true },
];

/** All cases, in order of their names. */
export function casesIn(corpus: string): readonly Case[] {
  return parts.flatMap(({ folder, isOneByOne }) => {
    const path = join(corpus, folder);
    return existsSync(path) ? casesBelow(path, corpus, isOneByOne) : [];
  });
}

function casesBelow(folder: string, corpus: string, isOneByOne: boolean): readonly Case[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const templates = entries.filter((entry) => entry.isFile() && /\.pkr\.(hcl|json)$/.test(entry.name)).map(({ name }) => name);
  const below = entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => casesBelow(join(folder, name), corpus, isOneByOne));
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const others = jsonTemplatesIn(folder, names).map((name): Case => {
    const path = join(folder, name);
    return { kind: "json", name: relative(corpus, path), path, folder, isFolder: false, variableFiles: jsonVariableFiles(path, names) };
  });
  if (templates.length === 0) return [...others, ...below];
  const variableFiles = entries
    .filter((entry) => entry.isFile() && /\.pkrvars\.(hcl|json)$/.test(entry.name) && !entry.name.includes(".auto."))
    .map(({ name }) => join(folder, name));
  const make = (path: string, isFolder: boolean): Case => ({
    kind: "hcl",
    name: relative(corpus, path),
    path,
    folder,
    isFolder,
    variableFiles,
  });
  const whole = make(folder, true);
  if (!isOneByOne && (templates.length === 1 || isOneConfiguration(folder))) return [whole, ...others, ...below];
  return [...templates.map((name) => make(join(folder, basename(name)), false)), ...others, ...below];
}

/** Files that declare the same things twice are alternatives, each a template of its own. */
function isOneConfiguration(folder: string): boolean {
  const { diagnostics } = readConfiguration(folder, { workingDirectory: folder });
  return !hasErrors(diagnostics.filter(({ code }) => code === "TPK2202" || code === "TPK2206"));
}
