import type { FileUpgrade, FileUpgradeOptions } from "../json/upgrade/upgrade-file.ts";

/**
 * Reads a legacy JSON template and gives it as HCL text, as `tspack hcl2_upgrade` writes it. Evaluates nothing, writes nothing.
 *
 * @example
 * const { text, diagnostics } = await upgradeToHcl("template.json", { workingDirectory: process.cwd() });
 */
export async function upgradeToHcl(path: string, options: FileUpgradeOptions): Promise<FileUpgrade> {
  return (await import("../json/upgrade/upgrade-file.ts")).upgradeFile(path, options);
}
