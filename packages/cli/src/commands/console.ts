import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ConsoleSession } from "@tspack/dsl";
import { command, type Host } from "../command.ts";
import { evaluationFlags, outputFlags, programFlags } from "./flags.ts";
import { loadOptions, locateProgram } from "./program.ts";

const { var: variable, "var-file": variableFile, "config-type": configType } = programFlags;

const help = `An expression is evaluated, and its value printed: upper(var.name), local.tags, cidrhost("10.0.0.0/24", 5).
Over a JSON template a line is text with calls: {{user \`name\`}}, {{isotime}}.

  variables   shows the variables and their values
  help        shows this
  exit        leaves, as Ctrl-D does

Tab completes names, the arrow keys bring back earlier lines.`;

/** `tspack console` (rows CMD-05, FLG-23, DET-08 to DET-11, EXIT-11). */
export const consoleCommand = command(
  {
    name: "console",
    summary: "try expressions over a program's variables",
    about:
      "Evaluates expressions of HCL with the variables and locals of a template, or with the variables of an image.ts as var.NAME; over a JSON template, text with Go template calls. " +
      "Without a program, in a folder that has none, functions are there all the same. Data sources are not asked: what depends on them is <unknown>.\n\n" +
      "Lines that are piped in are all evaluated, and the last result is printed; the exit code is 1 if one of them was wrong.",
    usage: "[flags] [FILE or FOLDER]",
    examples: [
      { command: "tspack console images/", does: "asks for expressions" },
      { command: "echo 'cidrsubnet(var.network, 8, 2)' | tspack console -var network=10.0.0.0/16 web.pkr.hcl", does: "prints 10.0.2.0/24" },
    ],
    maxPositionals: 1,
    words: "programs",
    flags: { var: variable, "var-file": variableFile, "config-type": configType, ...evaluationFlags, color: outputFlags.color },
  },
  async ({ flags, positionals, host }) => {
    const [word] = positionals;
    const { path, notes } = locateProgram(word, host);
    const [core, dsl] = await Promise.all([import("@tspack/core"), import("@tspack/dsl")]);
    for (const note of notes) host.stderr.line(note);
    const options = await loadOptions(path, flags, host, { undeclared: "ignore" });
    const session = await dsl.openConsole(
      word !== undefined || (flags["config-type"] === undefined && hasProgram(host)) ? path : undefined,
      options,
    );
    const show = (diagnostics: ConsoleSession["diagnostics"]): void =>
      host.stderr.write(core.renderDiagnostics(diagnostics, { width: 80 }));
    show(session.diagnostics);
    if (core.hasErrors(session.diagnostics)) return 1;
    const answer = async (line: string): Promise<{ readonly text: string | undefined; readonly isWrong: boolean }> => {
      const { text, diagnostics } = await session.evaluate(line);
      show(diagnostics);
      return { text, isWrong: core.hasErrors(diagnostics) };
    };
    return process.stdin.isTTY ? converse(session, host, answer) : answerPiped(session, host, answer);
  },
);

// --- internal ---

type Answer = (line: string) => Promise<{ readonly text: string | undefined; readonly isWrong: boolean }>;

/** Row DET-10: without a word and a program here, there is none. */
function hasProgram(host: Host): boolean {
  const folder = host.workingDirectory;
  return existsSync(join(folder, "image.ts")) || readdirSync(folder).some((name) => /\.pkr\.(hcl|json)$/.test(name));
}

/** The answer to a word of the console itself; undefined for an expression. */
function wordAnswer(line: string, session: ConsoleSession): string | undefined {
  if (line === "help") return help;
  return line === "variables" ? session.variables() : undefined;
}

async function answerPiped(session: ConsoleSession, host: Host, answer: Answer): Promise<number> {
  let last: string | undefined;
  let isWrong = false;
  for (const line of (await host.readInput()).split(/\r?\n/).map((text) => text.trim())) {
    if (line === "exit") break;
    if (line === "") continue;
    const known = wordAnswer(line, session);
    const result = known === undefined ? await answer(line) : { text: known, isWrong: false };
    last = result.text;
    isWrong ||= result.isWrong;
  }
  if (last !== undefined) host.stdout.line(last);
  return isWrong ? 1 : 0;
}

/** Asks for lines until the end. Ctrl-C gives up a line, and leaves on an empty one (row DET-08). */
async function converse(session: ConsoleSession, host: Host, answer: Answer): Promise<number> {
  const prompt = createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: "> ",
    historySize: 500,
    removeHistoryDuplicates: true,
    completer: (line: string) => {
      const [candidates, replaced] = session.complete(line);
      return [[...candidates], replaced];
    },
  });
  prompt.on("SIGINT", () => {
    if (prompt.line === "") {
      prompt.close();
      return;
    }
    // Ctrl-E and Ctrl-U: the whole line goes.
    prompt.write(null, { ctrl: true, name: "e" });
    prompt.write(null, { ctrl: true, name: "u" });
  });
  host.stdout.line(session.language === "hcl" ? "Expressions of HCL; help shows more." : "Text with {{ }} calls; help shows more.");
  prompt.prompt();
  for await (const text of prompt) {
    const line = text.trim();
    if (line === "exit") break;
    if (line !== "") {
      const answered = wordAnswer(line, session) ?? (await answer(line)).text;
      if (answered !== undefined) host.stdout.line(answered);
    }
    prompt.prompt();
  }
  prompt.close();
  return 0;
}
