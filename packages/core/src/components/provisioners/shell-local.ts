import { defineProvisioner } from "../../sdk/config/define.ts";
import { checkShellLocal, runShellLocal, shellLocalOptions, shellLocalRenderLater } from "../shell/local.ts";

/** Runs scripts on this machine while the build's machine exists (rows SL). Needs no communicator (row SL-10). */
export default defineProvisioner({
  type: "shell-local",
  description: "Runs shell scripts on the machine that tspack runs on.",
  options: shellLocalOptions,
  renderLater: shellLocalRenderLater,
  check: checkShellLocal,
  provision: runShellLocal,
});
