// Shell scripts on the machine that is being built (rows SHC, SH).
import { randomInt } from "node:crypto";
import { resolve } from "node:path";
import * as z from "zod";
import { pause } from "../../communicator/abort.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { type Check, defineProvisioner, type Prepared } from "../../sdk/config/define.ts";
import { formatDuration } from "../../sdk/config/duration.ts";
import { duration } from "../../sdk/config/options.ts";
import type { ProvisionContext } from "../../sdk/provisioner.ts";
import { renderRepeatedly } from "../../template/render.ts";
import { checkLateTemplates, checkScripts, checkVariableFormat } from "../shell/check.ts";
import { scriptOptions } from "../shell/options.ts";
import { quotePath } from "../shell/quote-path.ts";
import { runRemoteScript, uploadText } from "../shell/remote.ts";
import { type Machine, removeLeftFiles, removeRemoteFiles, requireCommunicator, retryStart, runQuietly } from "../shell/remote-file.ts";
import { formatVariables } from "../shell/variables.ts";

function options() {
  return z.object({
    ...scriptOptions(),
    binary: z.boolean().default(false).describe("Upload scripts as they are, without rewriting line ends to Unix ones."),
    env_var_format: z
      .string()
      .optional()
      .describe(
        "Form of one variable in `{{.Vars}}`, with `%s` for name and value. `%s='%s' ` unless given; with `use_env_var_file` `export %s='%s'` and a line end.",
      ),
    execute_command: z
      .string()
      .optional()
      .describe(
        "Command that runs a script; may use `{{.Path}}`, `{{.Vars}}`, `{{.EnvVarFile}}`. `chmod +x {{.Path}}; {{.Vars}} {{.Path}}` unless given; with `use_env_var_file` `chmod +x {{.Path}}; . {{.EnvVarFile}} && {{.Path}}`.",
      ),
    expect_disconnect: z.boolean().default(false).describe("A connection that is lost while a script runs is no error."),
    inline_shebang: z
      .string()
      .optional()
      .describe("First line of the inline script, without `#!`. `/bin/sh -e` unless given, or the inline text begins with `#!`."),
    pause_after: duration().prefault("0s").describe("Time to wait after the scripts have succeeded."),
    remote_folder: z.string().default("/tmp").describe("Folder on the machine for the scripts. It has to exist."),
    remote_file: z.string().default("").describe("Name of a script on the machine; `script_` and a random number unless given."),
    remote_path: z.string().default("").describe("Path of a script on the machine, instead of folder and name."),
    skip_clean: z.boolean().default(false).describe("Leave the scripts on the machine."),
    start_retry_timeout: duration().prefault("5m").describe("How long to try to upload and start a script."),
    use_env_var_file: z
      .boolean()
      .default(false)
      .describe("Upload the variables as a file that is sourced, instead of putting them on the command line."),
  });
}

type ShellConfig = z.output<ReturnType<typeof options>>;
type Context = ProvisionContext & Prepared<ShellConfig>;

export default defineProvisioner({
  type: "shell",
  description: "Uploads shell scripts to the machine and runs them there.",
  options,
  renderLater: ["execute_command", "inline"],
  check,
  async provision(context) {
    const { config, ui, signal } = context;
    const machine: Machine = { communicator: requireCommunicator(context.communicator, "shell"), ui, signal };
    const paths = remotePaths(config);
    const uploaded = config.use_env_var_file ? [paths.script, paths.variables] : [paths.script];
    try {
      await runScripts(context, machine, paths);
      if (!config.skip_clean) await removeRemoteFiles(machine, uploaded);
    } catch (error) {
      if (!config.skip_clean) await removeLeftFiles(machine, uploaded);
      throw error;
    }
    if (config.pause_after > 0) {
      ui.say(`Pausing ${formatDuration(config.pause_after)} after this provisioner...`);
      await pause(config.pause_after, signal);
    }
  },
});

// --- internal ---

async function check(given: Check<ShellConfig>): Promise<Diagnostic[]> {
  const { config, template, isUnknown } = given;
  const problems = await checkScripts(given);
  if (!isUnknown("env_var_format")) problems.push(...checkVariableFormat(config.env_var_format));
  if (!isUnknown("execute_command")) {
    problems.push(...checkLateTemplates("execute_command", config.execute_command ?? "", "syntax", template));
  }
  if (!isUnknown("inline")) problems.push(...checkLateTemplates("inline", config.inline, "values", template));
  return problems;
}

interface RemotePaths {
  readonly script: string;
  readonly variables: string;
}

function remotePaths({ remote_folder, remote_file, remote_path }: ShellConfig): RemotePaths {
  const number = () => randomInt(9999);
  const file = remote_file === "" ? `script_${number()}.sh` : remote_file;
  return {
    script: remote_path === "" ? `${remote_folder}/${file}` : remote_path,
    variables: `${remote_folder}/varfile_${number()}.sh`,
  };
}

async function runScripts(context: Context, machine: Machine, paths: RemotePaths): Promise<void> {
  const { config, ui, data, template, run } = context;
  const withFile = config.use_env_var_file;
  // Here and below: an empty option is one that was not given, as in Packer.
  const format = config.env_var_format || (withFile ? "export %s='%s'\n" : "%s='%s' ");
  const variables = formatVariables({ ...context, environmentVars: config.environment_vars, env: config.env }, format);
  if (withFile) await uploadVariables(machine, config, paths.variables, variables);
  const shared = {
    isBinary: config.binary,
    path: paths.script,
    command: executeCommand(context, paths, variables),
    startRetryMs: config.start_retry_timeout,
    expectDisconnect: config.expect_disconnect,
    validExitCodes: config.valid_exit_codes,
  };
  if (config.inline.length > 0) {
    const lines = config.inline.map((line) => renderRepeatedly(line, { ...template, phase: "run", data }));
    ui.say("Provisioning with shell script: inline");
    await runRemoteScript(machine, { ...shared, name: "the inline script", content: { text: inlineText(lines, config.inline_shebang) } });
    return;
  }
  for (const path of config.script === "" ? config.scripts : [config.script]) {
    ui.say(`Provisioning with shell script: ${path}`);
    await runRemoteScript(machine, { ...shared, name: `the script ${path}`, content: { file: resolve(run.workingDirectory, path) } });
  }
}

/** Row SH-09. */
function inlineText(lines: readonly string[], shebang: string | undefined): string {
  const text = lines.map((line) => `${line}\n`).join("");
  if (!shebang && text.startsWith("#!")) return text;
  return `#!${shebang || "/bin/sh -e"}\n${text}`;
}

async function uploadVariables(machine: Machine, config: ShellConfig, path: string, text: string): Promise<void> {
  await retryStart(machine, "upload the environment variables", config.start_retry_timeout, async () => {
    await uploadText(machine, { content: { text }, isBinary: config.binary, path }, 0o600);
    await runQuietly(machine, `chmod 0600 ${quotePath(path)}`);
  });
}

function executeCommand({ config, template, data }: Context, paths: RemotePaths, variables: string): string {
  const withFile = config.use_env_var_file;
  const standard = withFile ? "chmod +x {{.Path}}; . {{.EnvVarFile}} && {{.Path}}" : "chmod +x {{.Path}}; {{.Vars}} {{.Path}}";
  // In a command of the user's own, quoting is the user's business, as in Packer.
  const shown = !config.execute_command ? quotePath : (path: string) => path;
  const values = { Vars: variables, Path: shown(paths.script), EnvVarFile: withFile ? shown(paths.variables) : "" };
  return renderRepeatedly(config.execute_command || standard, { ...template, phase: "run", data: { ...data, ...values } });
}
