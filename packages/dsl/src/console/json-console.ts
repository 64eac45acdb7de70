// The console over a legacy JSON template: lines are text with Go template calls, as Packer's console takes them (row DET-10).
import { resolve } from "node:path";
import { coreVersion, type Diagnostic, deferredOf, type Program, redactDiagnostics, TemplateError, templateCalls } from "@tspack/core";
import { renderTemplate, type TemplateContext } from "@tspack/core/sdk";
import type { LoadOptions } from "../load/options.ts";
import { sensitiveText } from "./print-value.ts";
import type { ConsoleSession } from "./session.ts";

/** The console of a JSON template; without one, the calls work that need no variable. */
export function jsonConsole(program: Program | undefined, diagnostics: readonly Diagnostic[], options: LoadOptions): ConsoleSession {
  const context: TemplateContext = {
    phase: "run",
    coreVersion,
    userVariables: program?.userVariables ?? {},
    templatePath: program?.templatePath,
    workingDirectory: resolve(options.workingDirectory ?? process.cwd()),
    startedAtMs: Math.round(performance.timeOrigin),
  };
  const secrets = new Set(program?.secrets);
  const hidden = (text: string): string =>
    [...secrets].reduce((shown, secret) => (secret === "" ? shown : shown.replaceAll(secret, sensitiveText)), text);
  return {
    diagnostics,
    language: "template",
    async evaluate(line) {
      try {
        return { text: hidden(renderTemplate(line, context)), diagnostics: [] };
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        const problem: Diagnostic = {
          severity: "error",
          code: "TPK2302",
          summary: "Wrong template call",
          detail: `${error.message}.`,
          hint: error.hint,
        };
        return { text: undefined, diagnostics: redactDiagnostics([problem], secrets) };
      }
    },
    variables: () =>
      (program?.variables ?? [])
        .map(
          ({ name, value, sensitive }) =>
            `${name}: ${sensitive || deferredOf(value) !== undefined ? sensitiveText : JSON.stringify(value)}`,
        )
        .join("\n"),
    complete(line) {
      const word = /(?:user\s+`|[\w]*)[^`\s{|(]*$/.exec(line)?.[0] ?? "";
      if (!line.includes("{{")) return [[], word];
      const names = Object.keys(context.userVariables ?? {}).map((name) => `user \`${name}\``);
      return [[...names, ...templateCalls(context).keys()].filter((name) => name.startsWith(word)).sort(), word];
    },
  };
}
