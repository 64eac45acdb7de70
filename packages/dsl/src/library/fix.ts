import type { FixedTemplate, FixOptions } from "../json/fix/fix-template.ts";

/**
 * Brings an outdated legacy JSON template up to date and gives it as JSON text, as `tspack fix` prints it. Renders nothing, writes
 * nothing. The path `-` means the text in `options.standardInput`.
 *
 * @example
 * const { text, diagnostics } = await fixTemplate("template.json", { workingDirectory: process.cwd() });
 */
export async function fixTemplate(path: string, options: FixOptions = {}): Promise<FixedTemplate> {
  return (await import("../json/fix/fix-template.ts")).fixTemplate(path, options);
}

/** The fixers by name with what each does, in the order in which they run. */
export async function listFixers(): Promise<readonly { readonly name: string; readonly summary: string }[]> {
  return (await import("../json/fix/fixers.ts")).fixers.map(({ name, summary }) => ({ name, summary }));
}
