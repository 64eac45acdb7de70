// Batch scripts on a Windows machine, run by cmd (rows SHC, WS).
import { resolve } from "node:path";
import * as z from "zod";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { type Check, defineProvisioner, type Prepared } from "../../sdk/config/define.ts";
import { duration } from "../../sdk/config/options.ts";
import type { ProvisionContext } from "../../sdk/provisioner.ts";
import { runWithUi } from "../../sdk/run-command.ts";
import { renderRepeatedly } from "../../template/render.ts";
import { checkLateTemplates, checkScripts, checkVariableFormat } from "../shell/check.ts";
import { scriptOptions } from "../shell/options.ts";
import { runScript, uploadText } from "../shell/remote.ts";
import { type Machine, requireCommunicator } from "../shell/remote-file.ts";
import { formatVariables } from "../shell/variables.ts";
import { windowsDisconnectHint, windowsExitHints } from "../windows/exit-hints.ts";

function options() {
  return z.object({
    ...scriptOptions(),
    binary: z.boolean().default(false).describe("Has no effect: scripts always go over as they are."),
    env_var_format: z
      .string()
      .optional()
      .describe('Form of one variable in `{{.Vars}}`, with `%s` for name and value. `set "%s=%s" && ` unless given.'),
    execute_command: z
      .string()
      .optional()
      .describe('Command that runs a script; may use `{{.Path}}` and `{{.Vars}}`. `{{.Vars}}"{{.Path}}"` unless given.'),
    remote_path: z
      .string()
      .default("")
      .describe("Path of a script on the machine. `c:/Windows/Temp/script.bat` unless given. The script stays there."),
    start_retry_timeout: duration().prefault("5m").describe("How long to try to upload and start a script."),
  });
}

type WindowsShellConfig = z.output<ReturnType<typeof options>>;
type Context = ProvisionContext & Prepared<WindowsShellConfig>;

export default defineProvisioner({
  type: "windows-shell",
  description: "Uploads batch scripts to a Windows machine and runs them there with cmd.",
  options,
  renderLater: ["execute_command"],
  check,
  async provision(context) {
    const { config, run, ui, signal } = context;
    const machine: Machine = { communicator: requireCommunicator(context.communicator, "windows-shell"), ui, signal };
    if (config.inline.length > 0) {
      ui.say("Provisioning with windows-shell: inline");
      // cmd misses labels in scripts whose lines end without a carriage return.
      const text = config.inline.map((line) => `${line.replace(/\r?\n/g, "\r\n")}\r\n`).join("");
      await runBatch(context, machine, "the inline script", { text });
      return;
    }
    for (const path of config.script === "" ? config.scripts : [config.script]) {
      ui.say(`Provisioning with windows-shell: ${path}`);
      await runBatch(context, machine, `the script ${path}`, { file: resolve(run.workingDirectory, path) });
    }
  },
});

// --- internal ---

async function check(given: Check<WindowsShellConfig>): Promise<Diagnostic[]> {
  const { config, template, isUnknown } = given;
  const problems = await checkScripts(given);
  if (!isUnknown("env_var_format")) problems.push(...checkVariableFormat(config.env_var_format, "env_var_format", 'set "%s=%s" && '));
  if (!isUnknown("execute_command")) {
    problems.push(...checkLateTemplates("execute_command", config.execute_command ?? "", "syntax", template));
  }
  return problems;
}

/** The script stays on the machine, as with Packer (row WS-01): the next one takes its place. */
async function runBatch(
  context: Context,
  machine: Machine,
  name: string,
  content: { readonly text: string } | { readonly file: string },
): Promise<void> {
  const { config, data, template } = context;
  // Here and below: an empty option is one that was not given, as in Packer.
  const path = config.remote_path || "c:/Windows/Temp/script.bat";
  const sources = { ...context, environmentVars: config.environment_vars, env: config.env };
  // Values are what cmd makes of them (row WS-03): there is no way to write them that holds in every place of a command.
  const variables = formatVariables(sources, config.env_var_format || 'set "%s=%s" && ', (value) => value);
  const values = { Vars: variables, Path: path };
  const command = renderRepeatedly(config.execute_command || '{{.Vars}}"{{.Path}}"', {
    ...template,
    phase: "run",
    data: { ...data, ...values },
  });
  await runScript(machine, {
    name,
    content,
    startRetryMs: config.start_retry_timeout,
    validExitCodes: config.valid_exit_codes,
    disconnect: { hint: windowsDisconnectHint },
    exitHints: windowsExitHints,
    async start() {
      await uploadText(machine, { content, isBinary: true, path });
      return runWithUi(machine.communicator, command, machine);
    },
  });
}
