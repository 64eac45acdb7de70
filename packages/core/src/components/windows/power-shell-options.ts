import * as z from "zod";
import type { Prepared } from "../../sdk/config/define.ts";
import { duration } from "../../sdk/config/options.ts";
import type { ProvisionContext } from "../../sdk/provisioner.ts";
import { scriptOptions } from "../shell/options.ts";
import { executionPolicies } from "./power-shell.ts";

/** The options of the provisioner powershell (rows SHC-01..07, PS-01..14). */
export function powerShellOptions() {
  return z.object({
    ...scriptOptions(),
    binary: z.boolean().default(false).describe("Has no effect: scripts always go over as they are."),
    debug_mode: z.number().int().min(0).max(2).default(0).describe("Trace level of `Set-PSDebug`: 0, 1 or 2."),
    elevated_env_var_format: z
      .string()
      .optional()
      .describe('Form of one variable where the script runs as `elevated_user`. `$env:%s="%s"; ` unless given.'),
    elevated_execute_command: z
      .string()
      .optional()
      .describe("Command that runs a script as `elevated_user`, in the form of `execute_command` and with the same standard."),
    elevated_password: z.string().default("").describe("Password of `elevated_user`. Leave it out for accounts of services."),
    elevated_user: z
      .string()
      .default("")
      .describe("Run the scripts as a scheduled task of this user, with all of the user's rights: `Administrator`, or `SYSTEM`."),
    env_var_format: z
      .string()
      .optional()
      .describe('Form of one variable in the file of variables, with `%s` for name and value. `$env:%s="%s"; ` unless given.'),
    execute_command: z
      .string()
      .optional()
      .describe(
        "Command that runs a script; may use `{{.Path}}`, `{{.Vars}}` (the file of variables) and `{{.WinRMPassword}}`. Unless given, `powershell -executionpolicy bypass` runs the script with the variables, and without progress output.",
      ),
    execution_policy: z
      .preprocess(policyName, z.enum(executionPolicies))
      .default("bypass")
      .describe("Execution policy for the scripts, by name or number. `none` starts no PowerShell: the machine's shell has to be one."),
    pause_after: duration().prefault("0s").describe("Time to wait after the scripts have succeeded. Not with `skip_clean`, as in Packer."),
    remote_env_var_path: z
      .string()
      .default("")
      .describe("Path of the file of variables on the machine. `c:/Windows/Temp/packer-ps-env-vars-UUID.ps1` unless given."),
    remote_path: z
      .string()
      .default("")
      .describe(
        "Path of a script on the machine; one that ends with a slash is the folder for it. `c:/Windows/Temp/script-UUID.ps1` unless given.",
      ),
    skip_clean: z.boolean().default(false).describe("Leave the scripts and the file of variables on the machine."),
    start_retry_timeout: duration().prefault("5m").describe("How long to try to upload and start a script."),
    use_pwsh: z.boolean().default(false).describe("Run the scripts with `pwsh`, PowerShell 7, instead of `powershell`."),
  });
}

/** Their parsed form. */
export type PowerShellConfig = z.output<ReturnType<typeof powerShellOptions>>;

/** A run of the provisioner. */
export type PowerShellContext = ProvisionContext & Prepared<PowerShellConfig>;

// --- internal ---

/** Numbers are accepted for names, as Packer's own enumeration counts them. */
function policyName(value: unknown): unknown {
  return typeof value === "string" && /^\d+$/.test(value) ? (executionPolicies[Number(value)] ?? value) : value;
}
