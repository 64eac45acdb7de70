// One run of the provisioner powershell: where its files lie on the machine, and what is done with them.
import { randomUUID } from "node:crypto";
import { runWithUi } from "../../sdk/run-command.ts";
import { renderRepeatedly, renderTemplate } from "../../template/render.ts";
import { runScript, uploadText } from "../shell/remote.ts";
import type { Machine } from "../shell/remote-file.ts";
import { formatVariables } from "../shell/variables.ts";
import { elevatedCommand, elevatedScript } from "./elevated-task.ts";
import { windowsDisconnectHint, windowsExitHints } from "./exit-hints.ts";
import { fileCommand, type Interpreter, inlineScript, scriptCommand, shownPath } from "./power-shell.ts";
import type { PowerShellContext } from "./power-shell-options.ts";
import { escapeDoubleQuoted, scriptText } from "./quoting.ts";
import { type Removal, removeFiles, removeLeftFiles } from "./remove-files.ts";

/** A script of the user's. */
export type PowerShellScript =
  | { readonly kind: "inline"; readonly lines: readonly string[]; readonly fileName: string }
  | { readonly kind: "file"; readonly path: string; readonly file: string; readonly fileName: string };

/** What was put on the machine is known here, so that it can be removed. */
export interface PowerShellRun {
  /** Uploads and runs a script. Throws TPK6006 for an exit code that is not allowed. */
  execute(script: PowerShellScript): Promise<void>;
  /** Removes what was uploaded. Never fails, but for an abort. */
  remove(): Promise<void>;
  /** The same after a failure, quickly; with `skip_clean` only what holds a password. */
  removeLeft(): Promise<void>;
}

/** Chooses the names of all files on the machine; nothing is put there before `execute`. Whoever made it calls `remove` or `removeLeft`. */
export function powerShellRun(context: PowerShellContext, machine: Machine): PowerShellRun {
  const { config, data, template } = context;
  const isElevated = config.elevated_user !== "";
  const interpreter: Interpreter = {
    policy: config.execution_policy,
    isCore: config.use_pwsh,
    isShell: config.execution_policy === "none",
    trace: config.debug_mode,
  };
  const render = (text: string): string => renderTemplate(text, { ...template, phase: "run", data });
  const environment = {
    ...context,
    environmentVars: config.environment_vars,
    // Of a map the names are texts of the user's too (row PS-15).
    env: Object.fromEntries(Object.entries(config.env).map(([name, value]) => [render(name), value])),
  };
  // Here and below: an empty option is one that was not given, as in Packer.
  const format = (isElevated ? config.elevated_env_var_format : config.env_var_format) || '$env:%s="%s"; ';
  const variables = scriptText(formatVariables(environment, format, escapeDoubleQuoted));
  const variablesPath = config.remote_env_var_path || `c:/Windows/Temp/packer-ps-env-vars-${randomUUID()}.ps1`;
  const standardPath = `c:/Windows/Temp/script-${randomUUID()}.ps1`;
  const uploaded = new Set<string>();
  const wrappers = new Set<string>();
  const tasks = new Set<string>();

  const upload = async (path: string, content: { readonly text: string } | { readonly file: string }, mode?: number): Promise<void> => {
    await uploadText(machine, { content, isBinary: true, path }, mode);
  };

  /** The command that runs the script at a path: the user's, or the standard one for its kind. */
  const command = (path: string, kind: "inline" | "file", own: string | undefined, by: Interpreter): string => {
    const form = own ? "custom" : kind === "inline" ? "file" : "script";
    const standard = kind === "inline" ? fileCommand(by) : scriptCommand(by);
    const values = {
      Path: shownPath(path, form, by),
      Vars: shownPath(variablesPath, form, by),
      WinRMPassword: data.WinRMPassword ?? "",
    };
    return renderRepeatedly(own || standard, { ...template, phase: "run", data: { ...data, ...values } });
  };

  const startCommand = async (path: string, kind: "inline" | "file"): Promise<string> => {
    if (!isElevated) return command(path, kind, config.execute_command, interpreter);
    const name = `packer-${randomUUID()}`;
    const wrapper = `C:/Windows/Temp/packer-elevated-shell-${randomUUID()}.ps1`;
    // A task is started by cmd, whatever the machine's shell is.
    const inTask = command(path, kind, config.elevated_execute_command, { ...interpreter, isShell: false });
    wrappers.add(wrapper);
    tasks.add(name);
    const { elevated_user: user, elevated_password: password } = config;
    await upload(wrapper, { text: elevatedScript({ name, user, password, command: inTask, path: wrapper }) }, 0o600);
    return elevatedCommand(wrapper);
  };

  const removal = (paths: readonly string[], ended: readonly string[]): Removal => {
    const scriptPath = `c:/Windows/Temp/packer-cleanup-${randomUUID()}.ps1`;
    return { paths, tasks: ended, scriptPath, command: command(scriptPath, "inline", config.execute_command, interpreter) };
  };

  return {
    async execute(script) {
      const isInline = script.kind === "inline";
      machine.ui.say(`Provisioning with PowerShell: ${isInline ? "inline" : script.path}`);
      const path = remotePath(config.remote_path || standardPath, script.fileName);
      const content = isInline ? { text: inlineScript(script.lines, variablesPath, interpreter) } : { file: script.file };
      await runScript(machine, {
        name: isInline ? "the inline script" : `the script ${script.path}`,
        content,
        startRetryMs: config.start_retry_timeout,
        validExitCodes: config.valid_exit_codes,
        disconnect: { hint: windowsDisconnectHint },
        exitHints: windowsExitHints,
        async start() {
          uploaded.add(variablesPath);
          await upload(variablesPath, { text: variables }, 0o600);
          const start = await startCommand(path, script.kind);
          uploaded.add(path);
          await upload(path, content);
          return runWithUi(machine.communicator, start, machine);
        },
      });
    },
    remove: () => removeFiles(machine, removal([...uploaded], [])),
    async removeLeft() {
      const paths = [...wrappers, ...(config.skip_clean ? [] : uploaded)];
      if (paths.length > 0) await removeLeftFiles(machine, removal(paths, [...tasks]));
    },
  };
}

// --- internal ---

/** Row PS-02. */
function remotePath(path: string, fileName: string): string {
  return /[\\/]$/.test(path) ? `${path}${fileName}` : path;
}
