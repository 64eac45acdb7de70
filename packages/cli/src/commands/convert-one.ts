import { statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { ComponentCatalog } from "@tspack/core";
import type { Conversion } from "@tspack/dsl";
import type { Host } from "../command.ts";
import { catchInterrupts } from "../interrupts.ts";
import { attentionCode } from "./convert-attention.ts";
import { loadOptions } from "./program.ts";

type LoadFlags = Parameters<typeof loadOptions>[1];

/** The flags of `tspack convert` that a conversion of one template heeds. */
export interface ConvertFlags extends LoadFlags {
  readonly out?: string | undefined;
  /** Exit code when `-check` finds a file that is not up to date. */
  readonly outdatedCode: number;
  readonly stdout?: boolean | undefined;
  readonly check?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly verify?: boolean | undefined;
}

/** What a conversion works with. */
export interface ConvertSettings {
  readonly host: Host;
  /** Tells the types of options. */
  readonly catalog: ComponentCatalog;
}

/** `tspack convert` of one template. Gives the exit code. */
export async function convertTemplate(flags: ConvertFlags, path: string, { host, catalog }: ConvertSettings): Promise<number> {
  const [core, dsl] = await Promise.all([import("@tspack/core"), import("@tspack/dsl")]);
  const target = targetOf(path, flags.out, host);
  const conversion = await dsl.convert(path, {
    workingDirectory: host.workingDirectory,
    environment: host.environment,
    configType: flags["config-type"],
    file: target.file,
    folder: target.folder,
    isSingleFile: target.isSingleFile || flags.stdout === true,
    catalog,
  });
  host.stderr.write(core.renderDiagnostics(conversion.diagnostics, { width: 80 }));
  if (core.hasErrors(conversion.diagnostics)) return 1;
  const attention = (isVerified: boolean): Promise<number> =>
    attentionCode({ paths: [path], files: conversion.files, configType: flags["config-type"], isVerified }, host);
  const display = (file: string): string => relative(host.workingDirectory, file) || ".";
  if (flags.stdout === true) {
    for (const { text } of conversion.files) host.stdout.write(text);
    return attention(false);
  }
  const outdated = dsl.outdatedFiles(conversion.files, target.folder);
  if (flags.check === true) {
    for (const file of outdated) host.stdout.line(display(file));
    if (outdated.length > 0) return flags.outdatedCode;
  } else {
    const written = dsl.writeFiles(conversion.files, { folder: target.folder, isForced: flags.force === true, display });
    host.stderr.write(core.renderDiagnostics(written.diagnostics, { width: 80 }));
    if (written.diagnostics.length > 0) return 1;
    for (const file of written.paths) host.stdout.line(display(file));
    tell(conversion, host);
  }
  // Whether it is up to date is all that is asked.
  if (flags.verify !== true) return flags.check === true ? 0 : attention(false);
  const interrupts = catchInterrupts();
  try {
    const options = await loadOptions(path, flags, host, { signal: interrupts.signal, catalog, undeclared: "ignore" });
    const template = resolve(host.workingDirectory, path);
    const verification = await dsl.verifyConversion(template, join(target.folder, target.file), options);
    host.stderr.write(core.renderDiagnostics(verification.diagnostics, { width: 80 }));
    if (core.hasErrors(verification.diagnostics)) return 1;
    host.stderr.line("Verified: the template and the program mean the same.");
    return flags.check === true ? 0 : attention(true);
  } finally {
    interrupts.release();
  }
}

// --- internal ---

interface Target {
  /** Absolute. */
  readonly folder: string;
  readonly file: string;
  readonly isSingleFile: boolean;
}

function targetOf(path: string, out: string | undefined, host: Host): Target {
  if (out !== undefined && /\.[cm]?ts$/.test(out)) {
    const file = resolve(host.workingDirectory, out);
    return { folder: dirname(file), file: basename(file), isSingleFile: true };
  }
  const template = resolve(host.workingDirectory, path);
  const folder = out === undefined ? (isFolder(template) ? template : dirname(template)) : resolve(host.workingDirectory, out);
  return { folder, file: "image.ts", isSingleFile: false };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Missing or unreadable: told by whoever reads it.
    return false;
  }
}

function tell({ report }: Conversion, host: Host): void {
  const { templates, linesIn, linesOut, simplified, attention } = report;
  host.stderr.line(`${count(templates.length, "file")} of ${count(linesIn, "line")} became ${count(linesOut, "line")} of TypeScript.`);
  for (const sentence of simplified) host.stderr.line(`- ${sentence}`);
  if (attention.length > 0)
    host.stderr.line(`${count(attention.length, "place")} to look at: see the warnings above, and TODO(tspack) in the program.`);
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}
