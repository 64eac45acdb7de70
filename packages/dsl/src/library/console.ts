import type { ConsoleSession } from "../console/session.ts";
import type { LoadOptions } from "../load/options.ts";

/**
 * A console over a program: evaluates expressions with its variables, as `tspack console` does. Without a path there is no program.
 *
 * @example
 * const session = await openConsole("template.pkr.hcl");
 * console.log((await session.evaluate("upper(var.name)")).text);
 */
export async function openConsole(path?: string, options: LoadOptions = {}): Promise<ConsoleSession> {
  return (await import("../console/open.ts")).open(path, options);
}
