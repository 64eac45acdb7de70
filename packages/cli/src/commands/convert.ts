import { statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Conversion } from "@tspack/dsl";
import { UsageError } from "../argv.ts";
import { command, type Host } from "../command.ts";
import { catchInterrupts } from "../interrupts.ts";
import { attentionCode } from "./convert-attention.ts";
import { programFlags } from "./flags.ts";
import { loadOptions } from "./program.ts";

/** Exit code when `-check` found that the program on disk is not what the template converts to. */
const OUTDATED = 3;

/** `tspack convert`: a Packer template to an image.ts that means the same. */
export const convertCommand = command(
  {
    name: "convert",
    summary: "turn a Packer template into an image.ts",
    about:
      "Writes image.ts beside the template: variables, locals, sources and builds in TypeScript, with the comments. Many variables go to " +
      "variables.ts. Nothing that exists is overwritten unless -force is given, and nothing is written half.\n\n" +
      "-verify loads both and compares what they mean, for the defaults and for the values given with -var and -var-file. What cannot be " +
      "expressed is marked TODO(tspack) in the program, and told. A template that does not load is converted all the same, unless it cannot " +
      "be read.\n\n" +
      "-into takes several templates that are nearly alike: what they share goes to shared.ts, and a short file each says what differs.\n\n" +
      "Exit code 1 with a program written means that something is marked in it, or wrong with the template, or that -verify found a " +
      `difference. Exit code ${OUTDATED} means that -check found the program on disk to be missing or out of date.`,
    usage: "[flags] [FILE or FOLDER …]",
    examples: [
      { command: "tspack convert", does: "converts the templates in this folder to image.ts" },
      { command: "tspack convert -stdout old.pkr.hcl", does: "shows what would be written" },
      { command: "tspack convert -out new -verify old.pkr.hcl", does: "writes new/image.ts and proves that it means the same" },
      { command: "tspack convert -into images debian11/ debian12/", does: "writes images/shared.ts, debian11.ts and debian12.ts" },
    ],
    maxPositionals: Number.POSITIVE_INFINITY,
    words: "programs",
    flags: {
      out: {
        kind: "text",
        value: "FOLDER or FILE",
        group: "Output",
        summary: "Where to write; a name that ends in .ts is a single file. The folder of the template unless given.",
      },
      into: {
        kind: "text",
        value: "FOLDER",
        group: "Output",
        summary: "Merges several templates: a module with what they share, and a short file each, in this folder.",
      },
      stdout: { kind: "switch", group: "Output", summary: "Prints the program, as a single file, and writes nothing." },
      check: {
        kind: "switch",
        group: "Output",
        summary: `Writes nothing; exits with ${OUTDATED} unless the program on disk is up to date.`,
      },
      force: { kind: "switch", group: "Output", summary: "Overwrites files that exist." },
      verify: { kind: "switch", group: "Output", summary: "Compares what the template and the program on disk mean." },
      var: programFlags.var,
      "var-file": programFlags["var-file"],
      "config-type": programFlags["config-type"],
    },
  },
  async ({ flags, positionals, host }) => {
    requireSense(flags, positionals);
    if (flags.into !== undefined)
      return (await import("./convert-into.ts")).convertTemplatesInto(
        { ...flags, into: flags.into, outdatedCode: OUTDATED },
        positionals,
        host,
      );
    const path = positionals[0] ?? ".";
    const [core, dsl] = await Promise.all([import("@tspack/core"), import("@tspack/dsl")]);
    const target = targetOf(path, flags.out, host);
    const conversion = await dsl.convert(path, {
      workingDirectory: host.workingDirectory,
      environment: host.environment,
      configType: flags["config-type"],
      file: target.file,
      folder: target.folder,
      isSingleFile: target.isSingleFile || flags.stdout === true,
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
      if (outdated.length > 0) return OUTDATED;
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
      const options = await loadOptions(path, flags, host, { signal: interrupts.signal, undeclared: "ignore" });
      const template = resolve(host.workingDirectory, path);
      const verification = await dsl.verifyConversion(template, join(target.folder, target.file), options);
      host.stderr.write(core.renderDiagnostics(verification.diagnostics, { width: 80 }));
      if (core.hasErrors(verification.diagnostics)) return 1;
      host.stderr.line("Verified: the template and the program mean the same.");
      return flags.check === true ? 0 : attention(true);
    } finally {
      interrupts.release();
    }
  },
);

// --- internal ---

function requireSense(
  flags: { readonly stdout?: boolean | undefined; readonly into?: string | undefined; readonly [flag: string]: unknown },
  paths: readonly string[],
): void {
  if (paths.includes("-"))
    throw new UsageError("a template cannot be converted from standard input", { hint: "Write it to a file first." });
  const isSet = (name: string): boolean => flags[name] !== undefined && flags[name] !== false;
  if (flags.into !== undefined) {
    const others = ["out", "stdout"].filter(isSet);
    if (others.length > 0)
      throw new UsageError(`-into goes with none of -${others.join(", -")}`, { hint: "-into names the folder that is written to." });
    if (paths.length < 2)
      throw new UsageError("-into merges several templates", { hint: "Name them all, or convert a single one with -out." });
    return;
  }
  if (paths.length > 1) {
    const hint = "Usage: tspack convert [flags] [FILE or FOLDER]; -into FOLDER converts several templates together.";
    throw new UsageError(`"${paths[1] ?? ""}" is one word too many for \`tspack convert\``, { hint });
  }
  if (flags.stdout !== true) return;
  const others = ["out", "check", "force", "verify"].filter(isSet);
  if (others.length === 0) return;
  throw new UsageError(`-stdout goes with none of -${others.join(", -")}`, {
    hint: "-stdout writes nothing; leave it out to write files.",
  });
}

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
