// Several templates to one folder of programs that share what they have in common.
import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type Diagnostic, hasErrors } from "@tspack/core";
import { type Conversion, type ConvertedFile, countLines } from "../conversion.ts";
import { type ConvertOptions, convert } from "../convert.ts";
import type { Compiler } from "../format/format-source.ts";
import { findFamily } from "./family.ts";
import { fileNames } from "./file-names.ts";
import { type MergeableProgram, type MergedPrograms, mergePrograms } from "./merge-programs.ts";
import { NotMergeable } from "./not-mergeable.ts";
import type { Setting } from "./settings.ts";

/** Where and how templates are merged. */
export interface ConvertIntoOptions extends Omit<ConvertOptions, "file" | "isSingleFile" | "folder"> {
  /** Folder of the programs. */
  readonly folder: string;
}

/** A template among those that are merged. */
export interface MergedTemplate {
  /** As the user wrote it. */
  readonly path: string;
  /** Name of its program's file. */
  readonly file: string;
  readonly linesIn: number;
  readonly linesOut: number;
  /** Why it shares nothing; undefined if it does. */
  readonly alone?: string | undefined;
  /** Variable files that Packer reads beside the template without being told (row VAR-07): its program does not. Absolute. */
  readonly variableFiles: readonly string[];
}

/** The report of a merge. */
export interface MergeReport {
  readonly templates: readonly MergedTemplate[];
  readonly linesIn: number;
  readonly linesOut: number;
  /** Lines of the shared module. */
  readonly sharedLines: number;
  /** Names of what differs: `isoUrl`, `hasVagrant.script`. */
  readonly settings: readonly string[];
  readonly simplified: readonly string[];
  readonly attention: readonly Diagnostic[];
}

/** Programs for several templates. */
export interface MergedConversion {
  /** Empty if a template could not be read. */
  readonly files: readonly ConvertedFile[];
  readonly report: MergeReport;
  readonly diagnostics: readonly Diagnostic[];
}

/** Name of the module that holds what is shared. */
const sharedName = "shared";

/**
 * Converts templates that are nearly alike to one shared module and a short file each, in one folder. A template that is too different
 * from the others becomes a program of its own there.
 *
 * @example
 * const { files } = await convertInto(["debian11", "debian12"], { folder: "images" });
 */
export async function convertInto(paths: readonly string[], options: ConvertIntoOptions): Promise<MergedConversion> {
  const workingDirectory = resolve(options.workingDirectory ?? process.cwd());
  const folder = resolve(workingDirectory, options.folder);
  const names = fileNames(
    paths.map((path) => resolve(workingDirectory, path)),
    [sharedName],
  );
  const conversions: Conversion[] = [];
  for (const [index, path] of paths.entries()) {
    conversions.push(await convert(path, { ...options, workingDirectory, folder, file: `${names[index] ?? ""}.ts`, isSingleFile: true }));
  }
  const diagnostics = conversions.flatMap((conversion) => conversion.diagnostics);
  if (hasErrors(diagnostics)) return { files: [], report: reportOf(conversions, { templates: [], shared: "", settings: [] }), diagnostics };
  const { ts } = await import("ts-morph");
  const programs = conversions.map(({ files: [file] }, index) => ({ name: names[index] ?? "", text: file?.text ?? "" }));
  const { merged, members, alone } = mergeFamily(ts, programs);
  const templates: MergedTemplate[] = [];
  const files: ConvertedFile[] = merged === undefined ? [] : [{ name: `${sharedName}.ts`, text: merged.shared }];
  for (const [index, { name, text: whole }] of programs.entries()) {
    const text = merged?.files[members.indexOf(index)] ?? whole;
    const file = `${name}.ts`;
    files.push({ name: file, text });
    const linesIn = conversions[index]?.report.linesIn ?? 0;
    const path = paths[index] ?? "";
    const variableFiles = variableFilesOf(resolve(workingDirectory, path));
    templates.push({ path, file, linesIn, linesOut: countLines(text), alone: alone.get(index), variableFiles });
  }
  const report = reportOf(conversions, { templates, shared: merged?.shared ?? "", settings: merged?.settings ?? [] });
  return { files, report, diagnostics };
}

// --- internal ---

interface FamilyResult {
  readonly merged: MergedPrograms | undefined;
  /** Positions of the programs that were merged, in the order of the result. */
  readonly members: readonly number[];
  /** Why programs were not. */
  readonly alone: ReadonlyMap<number, string>;
}

/** Merges as many as can be: one that does not fit is left out, and the others are tried again. */
function mergeFamily(compiler: Compiler, programs: readonly MergeableProgram[]): FamilyResult {
  const family = findFamily(programs.map(({ text }) => text));
  const alone = new Map<number, string>();
  for (const { index, likeness } of family.outsiders) {
    alone.set(index, `only ${Math.round(likeness * 100)} % of its lines are like those of the others`);
  }
  let { members } = family;
  while (members.length > 1) {
    const tried = members;
    try {
      const own = tried.flatMap((index) => programs[index] ?? []);
      const merged = mergePrograms(compiler, own);
      requireGain(own, merged);
      const whole = own.reduce((sum, { text }) => sum + countLines(text), 0);
      if (linesOf(merged) > whole * LONGER + FEW_LINES) {
        for (const index of tried) alone.set(index, "a shared module would make them longer");
        break;
      }
      return { merged, members, alone };
    } catch (error) {
      if (!(error instanceof NotMergeable)) throw error;
      const index = tried[error.index] ?? tried[tried.length - 1] ?? 0;
      alone.set(index, error.message);
      members = tried.filter((one) => one !== index);
    }
  }
  if (members.length === 1) alone.set(members[0] ?? 0, "no other template is like it");
  return { merged: undefined, members: [], alone };
}

/** For fewer places to change a few more lines are worth it. */
const LONGER = 1.2;

/** A file of so few lines is short, whatever share of its program it is. */
const FEW_LINES = 15;

/** Throws `NotMergeable` for the program that differs most, if what is left of it would be a list of exceptions. */
function requireGain(programs: readonly MergeableProgram[], { files, settings }: MergedPrograms): void {
  let worst: { readonly index: number; readonly own: number; readonly whole: number } | undefined;
  for (const [index, { text }] of programs.entries()) {
    const [own, whole] = [countValues(settings, index), countLines(text)];
    if (countLines(files[index] ?? "") <= FEW_LINES || own * 3 <= whole) continue;
    if (worst === undefined || own / whole > worst.own / worst.whole) worst = { index, own, whole };
  }
  if (worst !== undefined)
    throw new NotMergeable(worst.index, `it would need ${worst.own} settings, as a program it has ${worst.whole} lines`);
}

function linesOf({ shared, files }: MergedPrograms): number {
  return files.reduce((sum, text) => sum + countLines(text), countLines(shared));
}

function countValues(settings: readonly Setting[], index: number): number {
  return settings.reduce((sum, { values, inner = [] }) => sum + (values.has(index) ? 1 + countValues(inner, index) : 0), 0);
}

/** The files `*.auto.pkrvars.*` of a template that is a folder. */
function variableFilesOf(path: string): readonly string[] {
  try {
    const names = readdirSync(path).filter((name) => /\.auto\.pkrvars\.(hcl|json)$/.test(name));
    return names.sort().map((name) => join(path, name));
  } catch {
    // A single file: none is read beside it.
    return [];
  }
}

interface Outcome {
  readonly templates: readonly MergedTemplate[];
  readonly shared: string;
  readonly settings: readonly Setting[];
}

function reportOf(conversions: readonly Conversion[], { templates, shared, settings }: Outcome): MergeReport {
  const sharedLines = countLines(shared);
  return {
    templates,
    linesIn: conversions.reduce((sum, { report }) => sum + report.linesIn, 0),
    linesOut: templates.reduce((sum, { linesOut }) => sum + linesOut, sharedLines),
    sharedLines,
    settings: settings.flatMap((setting) => settingNames(setting, "")),
    simplified: [
      ...new Set(conversions.flatMap(({ report }) => report.simplified)),
      ...templates.flatMap(({ file, variableFiles }) =>
        variableFiles.map((name) => `${basename(name)} stands beside its template and not beside ${file}: give it with -var-file.`),
      ),
    ],
    attention: conversions.flatMap(({ report }) => report.attention),
  };
}

function settingNames({ name, inner = [] }: Setting, path: string): readonly string[] {
  return [`${path}${name}`, ...inner.flatMap((each) => settingNames(each, `${path}${name}.`))];
}
