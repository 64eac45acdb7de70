import type { ExitHints } from "../shell/exit-codes.ts";

/** What `cmd` and PowerShell, and shells that are none of Windows', mean by the codes that are not a script's own. */
export const windowsExitHints: ExitHints = {
  127: "Code 127 is a Unix shell's for a command that it does not find. This provisioner is for Windows machines; on others use shell.",
  9009: "Code 9009 means that cmd did not find a command; the output above names it.",
  4294770688: "This code means that PowerShell did not find the script, or may not read it. Is remote_path in a folder that is there?",
};

/** What to do where a script must not lose its connection. */
export const windowsDisconnectHint =
  "A script that restarts the machine should leave that to the provisioner windows-restart behind it. Where the connection is to be lost, allow code 2300218 in valid_exit_codes.";
