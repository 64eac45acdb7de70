import { definePostProcessor } from "../../sdk/config/define.ts";
import { checkShellLocal, runShellLocal, shellLocalOptions, shellLocalRenderLater } from "../shell/local.ts";

/** Runs scripts on this machine once the artifact is there, and passes the artifact on (rows SL-11, PP-20). */
export default definePostProcessor({
  type: "shell-local",
  description: "Runs shell scripts on the machine that tspack runs on, and passes the artifact on.",
  options: shellLocalOptions,
  renderLater: shellLocalRenderLater,
  check: checkShellLocal,
  async postProcess(context) {
    const { config, artifact } = context;
    // A single text is a command for the shell: so it was before there was a list (row SL-11).
    const [only, ...others] = config.execute_command ?? [];
    const isSingle = only !== undefined && others.length === 0;
    await runShellLocal({ ...context, config: isSingle ? { ...config, execute_command: ["sh", "-c", only] } : config });
    return { artifact, keep: true, forceKeep: true };
  },
});
