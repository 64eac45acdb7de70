// Option types of the components that come with tspack. Printed from their schemas by `npm run typegen`; do not edit.
import type { Dict, Input, List } from "tspack";

/** Options of the provisioner breakpoint. Pauses the build until enter is pressed. */
export interface BreakpointConfig {
  /** Text to show while waiting. */
  note?: Input<string> | undefined;
  /** Go on without waiting. Default: `false`. */
  disable?: Input<boolean> | undefined;
}

/** Options of the provisioner file. Uploads files and folders to the machine, or downloads them from it. */
export interface FileConfig {
  /** File or folder to transfer. A folder with a slash at the end means its contents. */
  source?: Input<string> | undefined;
  /** Several files or folders to transfer; `destination` should then end with a slash. */
  sources?: List<string> | undefined;
  /** Text to upload as a file. Cannot be combined with `source` and `sources`. */
  content?: Input<string> | undefined;
  /** Where to put it. A path with a slash at the end is the folder to put it into. */
  destination: Input<string>;
  /** `upload` to the machine or `download` from it. Default: `"upload"`. */
  direction?: Input<"upload" | "download" | (string & {})> | undefined;
  /** The sources come into being during the build, so do not check them before it. Default: `false`. */
  generated?: Input<boolean> | undefined;
}

/** Options of the provisioner powershell. Uploads PowerShell scripts to the machine and runs them there. */
export interface PowershellConfig {
  /** Lines of a script to run. */
  inline?: List<string> | undefined;
  /** Path of a script on this machine to run. */
  script?: Input<string> | undefined;
  /** Paths of scripts on this machine to run, in this order. */
  scripts?: List<string> | undefined;
  /** Exit codes of a script that count as success. An empty list means 0 alone. Default: `[0]`. */
  valid_exit_codes?: List<number> | undefined;
  /** Environment variables for the scripts, each as "NAME=value". */
  environment_vars?: List<string> | undefined;
  /** Environment variables for the scripts, by name. They win over `environment_vars`. */
  env?: Dict<string> | undefined;
  /** Has no effect: scripts always go over as they are. Default: `false`. */
  binary?: Input<boolean> | undefined;
  /** Trace level of `Set-PSDebug`: 0, 1 or 2. Default: `0`. */
  debug_mode?: Input<number> | undefined;
  /** Form of one variable where the script runs as `elevated_user`. `$env:%s="%s"; ` unless given. */
  elevated_env_var_format?: Input<string> | undefined;
  /** Command that runs a script as `elevated_user`, in the form of `execute_command` and with the same standard. */
  elevated_execute_command?: Input<string> | undefined;
  /** Password of `elevated_user`. Leave it out for accounts of services. */
  elevated_password?: Input<string> | undefined;
  /** Run the scripts as a scheduled task of this user, with all of the user's rights: `Administrator`, or `SYSTEM`. */
  elevated_user?: Input<string> | undefined;
  /** Form of one variable in the file of variables, with `%s` for name and value. `$env:%s="%s"; ` unless given. */
  env_var_format?: Input<string> | undefined;
  /**
   * Command that runs a script; may use `{{.Path}}`, `{{.Vars}}` (the file of variables) and `{{.WinRMPassword}}`.
   * Unless given, `powershell -executionpolicy bypass` runs the script with the variables, and without progress
   * output.
   */
  execute_command?: Input<string> | undefined;
  /**
   * Execution policy for the scripts, by name or number. `none` starts no PowerShell: the machine's shell has to
   * be one. Default: `"bypass"`.
   */
  execution_policy?: Input<"bypass" | "allsigned" | "default" | "remotesigned" | "restricted" | "undefined" | "unrestricted" | "none" | (string & {})> | undefined;
  /** Time to wait after the scripts have succeeded. Not with `skip_clean`, as in Packer. Default: `"0s"`. */
  pause_after?: Input<string> | undefined;
  /** Path of the file of variables on the machine. `c:/Windows/Temp/packer-ps-env-vars-UUID.ps1` unless given. */
  remote_env_var_path?: Input<string> | undefined;
  /**
   * Path of a script on the machine; one that ends with a slash is the folder for it.
   * `c:/Windows/Temp/script-UUID.ps1` unless given.
   */
  remote_path?: Input<string> | undefined;
  /** Leave the scripts and the file of variables on the machine. Default: `false`. */
  skip_clean?: Input<boolean> | undefined;
  /** How long to try to upload and start a script. Default: `"5m"`. */
  start_retry_timeout?: Input<string> | undefined;
  /** Run the scripts with `pwsh`, PowerShell 7, instead of `powershell`. Default: `false`. */
  use_pwsh?: Input<boolean> | undefined;
}

/** Options of the provisioner shell. Uploads shell scripts to the machine and runs them there. */
export interface ShellConfig {
  /** Lines of a script to run. */
  inline?: List<string> | undefined;
  /** Path of a script on this machine to run. */
  script?: Input<string> | undefined;
  /** Paths of scripts on this machine to run, in this order. */
  scripts?: List<string> | undefined;
  /** Exit codes of a script that count as success. An empty list means 0 alone. Default: `[0]`. */
  valid_exit_codes?: List<number> | undefined;
  /** Environment variables for the scripts, each as "NAME=value". */
  environment_vars?: List<string> | undefined;
  /** Environment variables for the scripts, by name. They win over `environment_vars`. */
  env?: Dict<string> | undefined;
  /** Upload scripts as they are, without rewriting line ends to Unix ones. Default: `false`. */
  binary?: Input<boolean> | undefined;
  /**
   * Form of one variable in `{{.Vars}}`, with `%s` for name and value. `%s='%s' ` unless given; with
   * `use_env_var_file` `export %s='%s'` and a line end.
   */
  env_var_format?: Input<string> | undefined;
  /**
   * Command that runs a script; may use `{{.Path}}`, `{{.Vars}}`, `{{.EnvVarFile}}`. `chmod +x {{.Path}};
   * {{.Vars}} {{.Path}}` unless given; with `use_env_var_file` `chmod +x {{.Path}}; . {{.EnvVarFile}} &&
   * {{.Path}}`.
   */
  execute_command?: Input<string> | undefined;
  /** A connection that is lost while a script runs is no error. Default: `false`. */
  expect_disconnect?: Input<boolean> | undefined;
  /** First line of the inline script, without `#!`. `/bin/sh -e` unless given, or the inline text begins with `#!`. */
  inline_shebang?: Input<string> | undefined;
  /** Time to wait after the scripts have succeeded. Default: `"0s"`. */
  pause_after?: Input<string> | undefined;
  /** Folder on the machine for the scripts. It has to exist. Default: `"/tmp"`. */
  remote_folder?: Input<string> | undefined;
  /** Name of a script on the machine; `script_` and a random number unless given. */
  remote_file?: Input<string> | undefined;
  /** Path of a script on the machine, instead of folder and name. */
  remote_path?: Input<string> | undefined;
  /** Leave the scripts on the machine. Default: `false`. */
  skip_clean?: Input<boolean> | undefined;
  /** How long to try to upload and start a script. Default: `"5m"`. */
  start_retry_timeout?: Input<string> | undefined;
  /** Upload the variables as a file that is sourced, instead of putting them on the command line. Default: `false`. */
  use_env_var_file?: Input<boolean> | undefined;
}

/** Options of the provisioner shell-local. Runs shell scripts on the machine that tspack runs on. */
export interface ShellLocalConfig {
  /** Lines of a script to run. */
  inline?: List<string> | undefined;
  /** Path of a script on this machine to run. */
  script?: Input<string> | undefined;
  /** Paths of scripts on this machine to run, in this order. */
  scripts?: List<string> | undefined;
  /** Exit codes of a script that count as success. An empty list means 0 alone. Default: `[0]`. */
  valid_exit_codes?: List<number> | undefined;
  /** Environment variables for the scripts, each as "NAME=value". */
  environment_vars?: List<string> | undefined;
  /** Environment variables for the scripts, by name. They win over `environment_vars`. */
  env?: Dict<string> | undefined;
  /**
   * One command to run. Use `inline` instead.
   * @deprecated
   */
  command?: Input<string> | undefined;
  /**
   * Program and arguments that run a script; may use `{{.Vars}}` and `{{.Script}}`. Unless given, `/bin/sh` runs
   * the script with the variables in its environment, on Windows `["cmd", "/V", "/C", "{{.Vars}}", "call",
   * "{{.Script}}"]` does.
   */
  execute_command?: List<string> | undefined;
  /** First line of the inline script, without `#!`. `/bin/sh -e` unless given, on Windows none. */
  inline_shebang?: Input<string> | undefined;
  /**
   * Run only on these operating systems: `darwin`, `freebsd`, `linux`, `openbsd`, `solaris`, `windows`. Elsewhere
   * nothing is done.
   */
  only_on?: List<string> | undefined;
  /** Extension of the temporary file that holds the inline script; `.cmd` on Windows. */
  tempfile_extension?: Input<string> | undefined;
  /** On Windows, pass script paths in the form of the Windows Subsystem for Linux. Default: `false`. */
  use_linux_pathing?: Input<boolean> | undefined;
  /**
   * Form of one variable in `{{.Vars}}`, with `%s` for name and value. `%s='%s' ` unless given, on Windows `set
   * %s=%s && `.
   */
  env_var_format?: Input<string> | undefined;
}

/** Options of the provisioner sleep. Waits for some time. */
export interface SleepConfig {
  /** How long to wait, such as `30s`. Default: `"0s"`. */
  duration?: Input<string> | undefined;
}

/** Options of the provisioner windows-restart. Restarts a Windows machine and waits until it is back. */
export interface WindowsRestartConfig {
  /** Wait also as long as one of `registry_keys` is there. Default: `false`. */
  check_registry?: Input<boolean> | undefined;
  /**
   * Keys that say that the machine will restart again. Unless given, `RebootPending`, `PackagesPending` and
   * `RebootInProgress` of Component Based Servicing.
   */
  registry_keys?: List<string> | undefined;
  /** Command that has to succeed once before the machine counts as back, besides tspack's own check. */
  restart_check_command?: Input<string> | undefined;
  /** Command that restarts the machine. `shutdown /r /f /t 0 /c "packer restart"` unless given. */
  restart_command?: Input<string> | undefined;
  /** How long the restart may take, from the command until the machine is back. `0s` means `5m`. Default: `"5m"`. */
  restart_timeout?: Input<string> | undefined;
}

/**
 * Options of the provisioner windows-shell. Uploads batch scripts to a Windows machine and runs them there with
 * cmd.
 */
export interface WindowsShellConfig {
  /** Lines of a script to run. */
  inline?: List<string> | undefined;
  /** Path of a script on this machine to run. */
  script?: Input<string> | undefined;
  /** Paths of scripts on this machine to run, in this order. */
  scripts?: List<string> | undefined;
  /** Exit codes of a script that count as success. An empty list means 0 alone. Default: `[0]`. */
  valid_exit_codes?: List<number> | undefined;
  /** Environment variables for the scripts, each as "NAME=value". */
  environment_vars?: List<string> | undefined;
  /** Environment variables for the scripts, by name. They win over `environment_vars`. */
  env?: Dict<string> | undefined;
  /** Has no effect: scripts always go over as they are. Default: `false`. */
  binary?: Input<boolean> | undefined;
  /** Form of one variable in `{{.Vars}}`, with `%s` for name and value. `set "%s=%s" && ` unless given. */
  env_var_format?: Input<string> | undefined;
  /** Command that runs a script; may use `{{.Path}}` and `{{.Vars}}`. `{{.Vars}}"{{.Path}}"` unless given. */
  execute_command?: Input<string> | undefined;
  /** Path of a script on the machine. `c:/Windows/Temp/script.bat` unless given. The script stays there. */
  remote_path?: Input<string> | undefined;
  /** How long to try to upload and start a script. Default: `"5m"`. */
  start_retry_timeout?: Input<string> | undefined;
}

declare module "tspack" {
  interface Provisioners {
    breakpoint: BreakpointConfig;
    file: FileConfig;
    powershell: PowershellConfig;
    shell: ShellConfig;
    "shell-local": ShellLocalConfig;
    sleep: SleepConfig;
    "windows-restart": WindowsRestartConfig;
    "windows-shell": WindowsShellConfig;
  }
}
