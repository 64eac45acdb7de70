// Scripts on this machine: what the provisioner and the post-processor shell-local share (rows SL-01..10).
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as z from "zod";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { BuildError } from "../../diagnostics/error.ts";
import type { Check, Prepared } from "../../sdk/config/define.ts";
import { textList } from "../../sdk/config/options.ts";
import type { GeneratedData } from "../../sdk/hook.ts";
import { runLocal } from "../../sdk/local-command.ts";
import type { Ui } from "../../sdk/ui.ts";
import { renderRepeatedly } from "../../template/render.ts";
import { checkLateTemplates, checkScripts, checkVariableFormat, refusal } from "./check.ts";
import { requireAllowedExit } from "./exit-codes.ts";
import { scriptOptions } from "./options.ts";
import { quotePath } from "./quote-path.ts";
import { formatVariables, variablesOf } from "./variables.ts";

/** The options of shell-local. Defaults that depend on the operating system are filled in when it runs. */
export function shellLocalOptions() {
  return z.object({
    ...scriptOptions(),
    command: z.string().default("").meta({ deprecated: true }).describe("One command to run. Use `inline` instead."),
    execute_command: textList()
      .optional()
      .describe(
        'Program and arguments that run a script; may use `{{.Vars}}` and `{{.Script}}`. Unless given, `/bin/sh` runs the script with the variables in its environment, on Windows `["cmd", "/V", "/C", "{{.Vars}}", "call", "{{.Script}}"]` does.',
      ),
    inline_shebang: z
      .string()
      .optional()
      .describe("First line of the inline script, without `#!`. `/bin/sh -e` unless given, on Windows none."),
    only_on: textList()
      .default([])
      .describe(
        "Run only on these operating systems: `darwin`, `freebsd`, `linux`, `openbsd`, `solaris`, `windows`. Elsewhere nothing is done.",
      ),
    tempfile_extension: z.string().optional().describe("Extension of the temporary file that holds the inline script; `.cmd` on Windows."),
    use_linux_pathing: z.boolean().default(false).describe("On Windows, pass script paths in the form of the Windows Subsystem for Linux."),
    env_var_format: z
      .string()
      .optional()
      .describe("Form of one variable in `{{.Vars}}`, with `%s` for name and value. `%s='%s' ` unless given, on Windows `set %s=%s && `."),
  });
}

export type ShellLocalConfig = z.output<ReturnType<typeof shellLocalOptions>>;

/** Options whose template strings are rendered here, when the script runs (row SL-09). */
export const shellLocalRenderLater = ["execute_command", "command", "inline", "environment_vars"] as const;

/** Refusals of shell-local. */
export async function checkShellLocal(check: Check<ShellLocalConfig>): Promise<Diagnostic[]> {
  const { config, template, isUnknown } = check;
  const hasCommand = config.command !== "" || isUnknown("command");
  const hasInline = config.inline.length > 0 || isUnknown("inline");
  const problems = await checkScripts(check, { command: hasCommand });
  if (!isUnknown("env_var_format")) problems.push(...checkVariableFormat(config.env_var_format));
  for (const option of shellLocalRenderLater) {
    if (isUnknown(option)) continue;
    problems.push(...checkLateTemplates(option, config[option] ?? [], option === "execute_command" ? "syntax" : "values", template));
  }
  for (const [index, system] of config.only_on.entries()) {
    if (isUnknown("only_on") || systems.has(system)) continue;
    const detail = `There is no operating system ${JSON.stringify(system)} here; known are ${[...systems.keys()].join(", ")}.`;
    problems.push(refusal("TPK3105", ["only_on", index], detail));
  }
  if (config.use_linux_pathing && (hasInline || hasCommand)) {
    const detail = "Inline scripts cannot be used together with use_linux_pathing.";
    problems.push(refusal("TPK3106", [hasInline ? "inline" : "command"], detail, "Put the commands into a file and name it with script."));
  }
  return problems;
}

/** What running shell-local takes. */
export interface ShellLocalRun extends Prepared<ShellLocalConfig> {
  readonly data: GeneratedData;
  readonly ui: Ui;
  readonly signal: AbortSignal;
}

/** Runs the scripts one after another. Throws TPK6006 for the first whose exit code is not allowed. */
export async function runShellLocal(context: ShellLocalRun): Promise<void> {
  const { config, run, ui, data, template, signal } = context;
  const system = systemName();
  if (config.only_on.length > 0 && !config.only_on.includes(system)) {
    ui.say(`Skipping shell-local: this is ${system}, and it is to run on ${config.only_on.join(", ")} only`);
    return;
  }
  const isWindows = system === "windows";
  const inline = config.command === "" ? config.inline : [config.command];
  const render = (text: string) => renderRepeatedly(text, { ...template, phase: "run", data });
  // Here and below: an empty option is one that was not given, as in Packer.
  const format = config.env_var_format || (isWindows && !config.use_linux_pathing ? "set %s=%s && " : "%s='%s' ");
  const sources = { ...context, environmentVars: config.environment_vars.map(render), env: config.env };
  // Not in the arguments, where every user of this machine could read them; Packer puts them there. The script sees the same.
  const inherited = isStandardForm(config, isWindows) ? onlyShellNames(variablesOf(sources)) : undefined;
  const vars = inherited === undefined ? formatVariables(sources, format) : "";
  const execute = async (path: string, name = path) => {
    ui.say(`Running local shell script: ${name}`);
    const absolute = resolve(run.workingDirectory, path);
    const script = config.use_linux_pathing ? toLinuxPath(absolute) : absolute;
    const argv = commandLine({ ...context, isWindows, vars, script });
    ui.log("info", `starting local command: ${argv.join(" ")}`);
    const env = { ...run.environment, ...inherited, PACKER_RUN_UUID: run.runUuid };
    const exitCode = await runLocal(argv, { env, cwd: run.workingDirectory, ui, signal });
    requireAllowedExit(`the local script ${name}`, exitCode, config.valid_exit_codes);
  };
  if (inline.length === 0) {
    for (const path of config.script === "" ? config.scripts : [config.script]) await execute(path);
    return;
  }
  const path = writeInlineScript(config, inline.map(render), run.temporaryDirectory, isWindows);
  try {
    await execute(path, "inline");
  } finally {
    await rm(path, { force: true });
  }
}

// --- internal ---

/** Operating systems by Packer's (Go's) names, and Node's names of them. */
const systems: ReadonlyMap<string, NodeJS.Platform> = new Map([
  ["darwin", "darwin"],
  ["freebsd", "freebsd"],
  ["linux", "linux"],
  ["openbsd", "openbsd"],
  ["solaris", "sunos"],
  ["windows", "win32"],
]);

function systemName(): string {
  for (const [name, platform] of systems) if (platform === process.platform) return name;
  return process.platform;
}

/** True if it is we who decide how the variables reach the script. */
function isStandardForm({ execute_command, env_var_format }: ShellLocalConfig, isWindows: boolean): boolean {
  return !isWindows && (execute_command ?? []).length === 0 && (env_var_format ?? "") === "";
}

/** The variables as an environment; undefined if the shell has to look at a name, which it may refuse. */
function onlyShellNames(variables: ReadonlyMap<string, string>): { readonly [name: string]: string } | undefined {
  return [...variables.keys()].every((name) => /^[A-Za-z_]\w*$/.test(name)) ? Object.fromEntries(variables) : undefined;
}

interface CommandLine extends ShellLocalRun {
  readonly isWindows: boolean;
  readonly vars: string;
  readonly script: string;
}

function commandLine({ config, template, data, isWindows, vars, script }: CommandLine): [string, ...string[]] {
  const custom = config.execute_command ?? [];
  const standard = isWindows ? ["cmd", "/V", "/C", "{{.Vars}}", "call", "{{.Script}}"] : ["/bin/sh", "-c", "{{.Vars}} {{.Script}}"];
  // In a command of the user's own, quoting is the user's business, as in Packer.
  const shownScript = custom.length > 0 || isWindows ? script : quotePath(script);
  const context = { ...template, phase: "run" as const, data: { ...data, Vars: vars, Script: shownScript, Command: shownScript } };
  const [program = "", ...args] = (custom.length > 0 ? custom : standard).map((part) => renderRepeatedly(part, context));
  return [program, ...args];
}

/**
 * Writes the script and returns its path. Synchronously: a program is never started while the file is open for writing, which
 * the kernel would refuse with "text file busy".
 */
function writeInlineScript(config: ShellLocalConfig, lines: readonly string[], folder: string, isWindows: boolean): string {
  const shebang = config.inline_shebang || (isWindows ? "" : "/bin/sh -e");
  const extension = (config.tempfile_extension || (isWindows ? "cmd" : "")).replace(/^\./, "");
  const path = join(folder, `script-${randomUUID()}${extension === "" ? "" : `.${extension}`}`);
  const text = `${shebang === "" ? "" : `#!${shebang}\n`}${lines.map((line) => `${line}\n`).join("")}`;
  try {
    writeFileSync(path, text, { mode: 0o700, flag: "wx" });
  } catch (cause) {
    throw new BuildError(`could not write the script ${path}`, { code: "TPK6011", cause });
  }
  return path;
}

/** `C:\a\b` as the Windows Subsystem for Linux sees it: `/mnt/c/a/b`. */
function toLinuxPath(path: string): string {
  const drive = /^([A-Za-z]):[\\/]/.exec(path);
  if (drive === null) return path;
  return `/mnt/${(drive[1] ?? "").toLowerCase()}/${path.slice(3).replaceAll("\\", "/")}`;
}
