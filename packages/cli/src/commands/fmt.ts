import { constants } from "node:fs";
import { access, chmod, readFile, realpath, stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileTrouble } from "@tspack/core";
import { UsageError } from "../argv.ts";
import { command, type Host } from "../command.ts";
import { unifiedDiff } from "../display/unified-diff.ts";
import { fmtFiles } from "./fmt-files.ts";

/** Exit code when `-check` found files that formatting would change (row EXIT-04). */
const WOULD_CHANGE = 3;

/** `tspack fmt` (rows CMD-06, FLG-27..30, DET-12..14, EXIT-04, INV-11). */
export const fmtCommand = command(
  {
    name: "fmt",
    summary: "format HCL templates and variable files",
    about:
      "Rewrites .pkr.hcl and .pkrvars.hcl files in the canonical form of Packer's own formatter, and prints the names of those that changed. " +
      "Of a folder these are the files in it, but for hidden ones. A file with a syntax error is left as it is. " +
      "With - standard input is formatted to standard output.\n\n" +
      `Exit code ${WOULD_CHANGE} means that -check found something to change.`,
    usage: "[flags] FILE or FOLDER or - …",
    examples: [
      { command: "tspack fmt .", does: "formats the templates in this folder" },
      { command: "tspack fmt -check -diff -recursive .", does: "shows what would change, here and in all folders below" },
      { command: "tspack fmt - < a.pkr.hcl", does: "prints a file formatted" },
    ],
    maxPositionals: Number.POSITIVE_INFINITY,
    words: "templates",
    flags: {
      check: { kind: "switch", group: "Flags", summary: "Writes nothing; exits with 3 when something would change." },
      diff: { kind: "switch", group: "Flags", summary: "Prints what changes as a unified diff; not for standard input." },
      write: { kind: "switch", group: "Flags", summary: "Writes the files; on unless -write=false or -check is given." },
      recursive: { kind: "switch", group: "Flags", summary: "Goes into folders of the given folders too." },
    },
  },
  async ({ flags, positionals, host }) => {
    if (positionals.length === 0) {
      throw new UsageError("`tspack fmt` needs to know what to format", {
        hint: "Name files or folders, a point for this one, or - for standard input.",
      });
    }
    const options: FmtOptions = { isDiff: flags.diff === true, isWriting: flags.write !== false && flags.check !== true };
    let hasFailed = false;
    let hasChanged = false;
    const count = (outcome: Outcome): void => {
      hasFailed ||= outcome === "failed";
      hasChanged ||= outcome === "changed";
    };
    for (const word of positionals) {
      if (word === "-") {
        count(await formatInput(host));
        continue;
      }
      for (const file of fmtFiles(word, { workingDirectory: host.workingDirectory, isRecursive: flags.recursive === true })) {
        count(file.trouble === undefined ? await formatFile(file.path, options, host) : await unreadable(file.path, file.trouble, host));
      }
    }
    if (hasFailed) return 1;
    return flags.check === true && hasChanged ? WOULD_CHANGE : 0;
  },
);

// --- internal ---

type Outcome = "same" | "changed" | "failed";

interface FmtOptions {
  readonly isDiff: boolean;
  readonly isWriting: boolean;
}

async function formatFile(path: string, { isDiff, isWriting }: FmtOptions, host: Host): Promise<Outcome> {
  const absolute = resolve(host.workingDirectory, path);
  let bytes: Buffer;
  try {
    bytes = await readFile(absolute);
  } catch (error) {
    return unreadable(path, `It could not be read: ${fileTrouble(error)}.`, host);
  }
  const formatted = await format(path, bytes, host);
  if (formatted === undefined) return "failed";
  if (formatted.before === formatted.after) return "same";
  if (isWriting) {
    try {
      await replace(absolute, formatted.after);
    } catch (error) {
      return unreadable(path, `It could not be written: ${fileTrouble(error)}.`, host);
    }
  }
  host.stdout.line(path);
  // Packer's labels.
  if (isDiff) host.stdout.write(unifiedDiff({ before: `old/${path}`, after: `new/${path}` }, formatted.before, formatted.after));
  return "changed";
}

/** What is formatted is printed always, also when nothing changes (row DET-13). */
async function formatInput(host: Host): Promise<Outcome> {
  const formatted = await format("standard input", Buffer.from(await host.readInput()), host);
  if (formatted === undefined) return "failed";
  host.stdout.write(formatted.after);
  return formatted.before === formatted.after ? "same" : "changed";
}

async function format(name: string, bytes: Buffer, host: Host): Promise<{ readonly before: string; readonly after: string } | undefined> {
  const { formatHclFile } = await import("@tspack/dsl");
  const { original, formatted, diagnostics } = formatHclFile(name, bytes);
  if (diagnostics.length === 0) return { before: original, after: formatted };
  const { renderDiagnostics, withExcerpt } = await import("@tspack/core");
  host.stderr.write(
    renderDiagnostics(
      diagnostics.map((diagnostic) => withExcerpt(diagnostic, () => original)),
      { width: 80 },
    ),
  );
  return undefined;
}

/** Puts the new text in the place of the old one in one step; links keep pointing, and the mode stays. */
async function replace(path: string, text: string): Promise<void> {
  const { writeFinishedFile } = await import("@tspack/core");
  const target = await realpath(path);
  // A file that may not be written is refused, though its folder would allow to replace it.
  await access(target, constants.W_OK);
  const { mode } = await stat(target);
  await writeFinishedFile(target, async (temporary) => {
    await writeFile(temporary, text);
    await chmod(temporary, mode & 0o7777);
  });
}

async function unreadable(path: string, detail: string, host: Host): Promise<Outcome> {
  const { renderDiagnostics } = await import("@tspack/core");
  host.stderr.write(
    renderDiagnostics([{ severity: "error", code: "TPK2002", summary: "Not formatted", detail: `${path}: ${detail}` }], { width: 80 }),
  );
  return "failed";
}
