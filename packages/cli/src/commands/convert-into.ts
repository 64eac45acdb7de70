import { join, relative, resolve } from "node:path";
import type { MergeReport } from "@tspack/dsl";
import type { Host } from "../command.ts";
import { catchInterrupts } from "../interrupts.ts";
import { attentionCode } from "./convert-attention.ts";
import type { ConvertSettings } from "./convert-one.ts";
import { loadOptions } from "./program.ts";

type LoadFlags = Parameters<typeof loadOptions>[1];

/** The flags of `tspack convert` that merging heeds. */
export interface ConvertIntoFlags extends LoadFlags {
  readonly into: string;
  /** Exit code when `-check` finds a file that is not up to date. */
  readonly outdatedCode: number;
  readonly check?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly verify?: boolean | undefined;
}

/** `tspack convert -into`: several templates to a shared module and a short file each. Gives the exit code. */
export async function convertTemplatesInto(flags: ConvertIntoFlags, paths: readonly string[], settings: ConvertSettings): Promise<number> {
  const { host, catalog } = settings;
  const [core, dsl] = await Promise.all([import("@tspack/core"), import("@tspack/dsl")]);
  const folder = resolve(host.workingDirectory, flags.into);
  const display = (file: string): string => relative(host.workingDirectory, file) || ".";
  const conversion = await dsl.convertInto(paths, {
    workingDirectory: host.workingDirectory,
    environment: host.environment,
    configType: flags["config-type"],
    folder,
    catalog,
  });
  host.stderr.write(core.renderDiagnostics(conversion.diagnostics, { width: 80 }));
  if (core.hasErrors(conversion.diagnostics)) return 1;
  if (flags.check === true) {
    const outdated = dsl.outdatedFiles(conversion.files, folder);
    for (const file of outdated) host.stdout.line(display(file));
    if (outdated.length > 0) return flags.outdatedCode;
  } else {
    const written = dsl.writeFiles(conversion.files, { folder, isForced: flags.force === true, display });
    host.stderr.write(core.renderDiagnostics(written.diagnostics, { width: 80 }));
    if (written.diagnostics.length > 0) return 1;
    for (const file of written.paths) host.stdout.line(display(file));
    tell(conversion.report, host);
  }
  const isVerified = flags.verify === true;
  if (isVerified && (await verify(flags, { ...settings, folder, report: conversion.report })) !== 0) return 1;
  return flags.check === true ? 0 : attentionCode({ paths, files: conversion.files, configType: flags["config-type"], isVerified }, host);
}

// --- internal ---

interface Merged extends ConvertSettings {
  /** Absolute. */
  readonly folder: string;
  readonly report: MergeReport;
}

/** Compares each template with its file. */
async function verify(flags: ConvertIntoFlags, { folder, report, host, catalog }: Merged): Promise<number> {
  const [core, dsl] = await Promise.all([import("@tspack/core"), import("@tspack/dsl")]);
  const interrupts = catchInterrupts();
  let failed = 0;
  try {
    for (const { path, file, variableFiles } of report.templates) {
      // Those that are read beside the template come first, as they do there.
      const own = { ...flags, "var-file": [...variableFiles, ...flags["var-file"]] };
      const options = await loadOptions(path, own, host, { signal: interrupts.signal, catalog, undeclared: "ignore" });
      const verification = await dsl.verifyConversion(resolve(host.workingDirectory, path), join(folder, file), options);
      host.stderr.write(core.renderDiagnostics(verification.diagnostics, { width: 80 }));
      if (core.hasErrors(verification.diagnostics)) failed++;
    }
  } finally {
    interrupts.release();
  }
  const total = report.templates.length;
  if (failed === 0) host.stderr.line(`Verified: all ${total} templates and their programs mean the same.`);
  else host.stderr.line(`${total - failed} of ${total} templates mean the same as their programs.`);
  return failed === 0 ? 0 : 1;
}

function tell({ templates, linesIn, linesOut, sharedLines, settings, simplified, attention }: MergeReport, host: Host): void {
  const merged = templates.filter(({ alone }) => alone === undefined);
  const line = (text: string): void => host.stderr.line(text);
  line(`${count(templates.length, "template")} of ${count(linesIn, "line")} became ${count(linesOut, "line")} of TypeScript.`);
  if (merged.length > 0) {
    line(`- shared.ts: ${count(sharedLines, "line")}, for ${merged.length} templates`);
    for (const { path, file, linesIn: before, linesOut: after } of merged)
      line(`- ${file}: ${count(after, "line")}, of ${before} in ${path}`);
    if (settings.length > 0) line(`- what differs: ${settings.join(", ")}`);
  }
  for (const { path, file, linesOut: after, alone } of templates) {
    if (alone !== undefined) line(`- ${file}: ${count(after, "line")}, a program of its own: ${path} was not merged, ${alone}`);
  }
  for (const sentence of simplified) line(`- ${sentence}`);
  if (attention.length > 0)
    line(`${count(attention.length, "place")} to look at: see the warnings above, and TODO(tspack) in the programs.`);
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}
