// Refusals that are the same for everything that runs scripts. Found when the build is prepared.
import { access, constants, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { formatPath, type PathSegment } from "../../diagnostics/range.ts";
import type { RunInfo } from "../../sdk/component.ts";
import type { Check } from "../../sdk/config/define.ts";
import { type TemplateContext, TemplateError } from "../../template/context.ts";
import { printFormat } from "../../template/printf.ts";
import { checkTemplate, renderTemplate } from "../../template/render.ts";
import type { ScriptOptions } from "./options.ts";

/** An option of this name was given two meanings, or one that cannot hold. */
export function refusal(code: "TPK3104" | "TPK3105" | "TPK3106", path: readonly PathSegment[], detail: string, hint?: string): Diagnostic {
  const summaries = { TPK3104: "Missing required argument", TPK3105: "Invalid argument value", TPK3106: "Conflicting arguments" };
  return { severity: "error", code, summary: summaries[code], detail, hint, path };
}

/** Options that each say by themselves what to run: exactly one of them has to be given. `given` is true for unknown values too. */
export function checkExclusive(options: readonly string[], given: (option: string) => boolean): Diagnostic[] {
  const [first, second] = options.filter(given);
  const names = `${options.slice(0, -1).join(", ")} and ${options.at(-1)}`;
  if (first === undefined) return [refusal("TPK3104", [options[0] ?? ""], `There is nothing to run: one of ${names} must be given.`)];
  if (second !== undefined) return [refusal("TPK3106", [second], `Only one of ${names} may be given.`)];
  return [];
}

/**
 * What to run and the variables for it: one of `inline`, `script`, `scripts` and what `also` names is given, the scripts are there, the
 * variables have names (rows SHC-01..06).
 */
export async function checkScripts(
  { config, run, isUnknown }: Pick<Check<ScriptOptions>, "config" | "run" | "isUnknown">,
  also: { readonly [option: string]: boolean } = {},
): Promise<Diagnostic[]> {
  const { inline, script, scripts } = config;
  const given: { readonly [option: string]: boolean } = {
    inline: inline.length > 0 || isUnknown("inline"),
    script: script !== "" || isUnknown("script"),
    scripts: scripts.length > 0 || isUnknown("scripts"),
    ...also,
  };
  const problems = checkExclusive(Object.keys(given), (option) => given[option] === true);
  if (!isUnknown("script") && script !== "") problems.push(...(await checkFile(script, ["script"], "script", run)));
  if (!isUnknown("scripts")) {
    for (const [index, path] of scripts.entries()) problems.push(...(await checkFile(path, ["scripts", index], "script", run)));
  }
  if (!isUnknown("environment_vars") && !isUnknown("env")) problems.push(...checkVariables(config.environment_vars, config.env));
  return problems;
}

/** A file of the user's that has to be there. Paths that hold template calls for run time are not looked at. */
export async function checkFile(path: string, option: readonly PathSegment[], what: string, run: RunInfo): Promise<Diagnostic[]> {
  if (path.includes("{{")) return [];
  const problem = await fileProblem(resolve(run.workingDirectory, path));
  if (problem === undefined) return [];
  const detail = `The ${what} ${JSON.stringify(path)} ${problem}.`;
  return [{ severity: "error", code: "TPK3107", summary: "File not found", detail, path: option }];
}

/** Variables as the user wrote them (rows SHC-05, SHC-06). Values are not shown: they may be secrets. */
export function checkVariables(environmentVars: readonly string[], env: { readonly [name: string]: string }): Diagnostic[] {
  const problems: Diagnostic[] = [];
  for (const [index, entry] of environmentVars.entries()) {
    if (entry.indexOf("=") > 0) continue;
    problems.push(refusal("TPK3105", ["environment_vars", index], 'An environment variable is not of the form "NAME=value".'));
  }
  if (Object.hasOwn(env, "")) problems.push(refusal("TPK3105", ["env"], "An environment variable has no name."));
  return problems;
}

/** `env_var_format` has a place for the name and one for the value. */
export function checkVariableFormat(format: string | undefined, option = "env_var_format", example = "%s='%s' "): Diagnostic[] {
  if (!format || !printFormat(format, ["NAME", "value"]).includes("%!")) return [];
  const hint = `Write it like ${JSON.stringify(example)}.`;
  return [refusal("TPK3105", [option], "The format needs one %s for the name and one for the value.", hint)];
}

/** How much of a template string that the component renders itself can be checked before it runs. */
export type LateTemplate = "syntax" | "values";

/**
 * Template strings that the component renders when the build runs: their syntax, and unless they use values of their own, also
 * that they can be rendered.
 */
export function checkLateTemplates(
  option: string,
  value: string | readonly string[],
  check: LateTemplate,
  context: TemplateContext,
): Diagnostic[] {
  const texts = typeof value === "string" ? [value] : value;
  return texts.flatMap((text, index): Diagnostic[] => {
    try {
      if (check === "syntax") checkTemplate(text, context);
      else renderTemplate(text, context);
      return [];
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const path = typeof value === "string" ? [option] : [option, index];
      const detail = `The argument ${JSON.stringify(formatPath(path))} cannot be rendered: ${error.message}.`;
      return [{ severity: "error", code: "TPK3108", summary: "Invalid template string", detail, hint: error.hint, path }];
    }
  });
}

// --- internal ---

async function fileProblem(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isFile()) return "is not a file";
    await access(path, constants.R_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "ENOENT" ? "does not exist" : "cannot be read";
  }
}
