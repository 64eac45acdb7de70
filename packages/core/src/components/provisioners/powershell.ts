// PowerShell scripts on a Windows machine (rows SHC, PS).
import { randomUUID } from "node:crypto";
import { basename, resolve } from "node:path";
import { pause } from "../../communicator/abort.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { type Check, defineProvisioner } from "../../sdk/config/define.ts";
import { formatDuration } from "../../sdk/config/duration.ts";
import { checkLateTemplates, checkScripts, checkVariableFormat, refusal } from "../shell/check.ts";
import { type Machine, requireCommunicator } from "../shell/remote-file.ts";
import { type PowerShellConfig, type PowerShellContext, powerShellOptions } from "../windows/power-shell-options.ts";
import { type PowerShellScript, powerShellRun } from "../windows/run-power-shell.ts";

export default defineProvisioner({
  type: "powershell",
  description: "Uploads PowerShell scripts to the machine and runs them there.",
  options: powerShellOptions,
  renderLater: ["execute_command", "elevated_execute_command"],
  check,
  async provision(context) {
    const { config, ui, signal } = context;
    const machine: Machine = { communicator: requireCommunicator(context.communicator, "powershell"), ui, signal };
    // The engine knows it where it comes from a sensitive variable, and not where it was written down.
    if (config.elevated_password !== "") ui.secret(config.elevated_password);
    const run = powerShellRun(context, machine);
    try {
      for (const script of scriptsOf(context)) await run.execute(script);
      if (!config.skip_clean) await run.remove();
    } catch (error) {
      await run.removeLeft();
      throw error;
    }
    // Without the removal there is no pause either (row PS-13).
    if (!config.skip_clean && config.pause_after > 0) {
      ui.say(`Pausing ${formatDuration(config.pause_after)} after this provisioner...`);
      await pause(config.pause_after, signal);
    }
  },
});

// --- internal ---

async function check(given: Check<PowerShellConfig>): Promise<Diagnostic[]> {
  const { config, template, isUnknown } = given;
  const problems = await checkScripts(given);
  for (const option of ["env_var_format", "elevated_env_var_format"] as const) {
    if (!isUnknown(option)) problems.push(...checkVariableFormat(config[option], option, '$env:%s="%s"; '));
  }
  for (const option of ["execute_command", "elevated_execute_command"] as const) {
    if (!isUnknown(option)) problems.push(...checkLateTemplates(option, config[option] ?? "", "syntax", template));
  }
  const isPasswordGiven = config.elevated_password !== "" && !isUnknown("elevated_password");
  if (isPasswordGiven && config.elevated_user === "" && !isUnknown("elevated_user")) {
    const detail = "There is a password for a user with elevated rights, and no user.";
    problems.push(refusal("TPK3104", ["elevated_user"], detail, "Set elevated_user, or leave elevated_password out."));
  }
  return problems;
}

function scriptsOf({ config, run }: PowerShellContext): readonly PowerShellScript[] {
  if (config.inline.length > 0) return [{ kind: "inline", lines: config.inline, fileName: `script-${randomUUID()}.ps1` }];
  const paths = config.script === "" ? config.scripts : [config.script];
  return paths.map((path) => ({ kind: "file", path, file: resolve(run.workingDirectory, path), fileName: basename(path) }));
}
