import type { ConvertedFile } from "@tspack/dsl";
import type { Host } from "../command.ts";

/** What was converted, as far as it tells whether anything is left to do. */
export interface Converted {
  readonly paths: readonly string[];
  readonly files: readonly ConvertedFile[];
  readonly configType?: "json" | "hcl2" | undefined;
  /** A comparison loaded the templates already, and told what is wrong with them. */
  readonly isVerified: boolean;
}

/** The exit code of a conversion that succeeded: 1 if something is marked in a program, or a template does not load, which is told here. */
export async function attentionCode({ paths, files, configType, isVerified }: Converted, host: Host): Promise<number> {
  const [core, dsl] = await Promise.all([import("@tspack/core"), import("@tspack/dsl")]);
  const { workingDirectory, environment } = host;
  let isBroken = false;
  for (const path of isVerified ? [] : paths) {
    const problems = await dsl.templateProblems(path, { workingDirectory, environment, configType });
    host.stderr.write(core.renderDiagnostics(problems, { width: 80 }));
    isBroken ||= problems.length > 0;
  }
  return isBroken || files.some(({ text }) => text.includes("TODO(tspack)")) ? 1 : 0;
}
