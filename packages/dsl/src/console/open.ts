import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { inputKind } from "../load/input-kind.ts";
import { load } from "../load/load.ts";
import type { LoadOptions } from "../load/options.ts";
import { programConsole, templateConsole } from "./hcl-console.ts";
import { jsonConsole } from "./json-console.ts";
import type { ConsoleSession } from "./session.ts";

/**
 * Opens a console over a program: expressions of HCL over an HCL template or an image.ts, Go template calls over a JSON template.
 * Without a path there is no program (row DET-10): then `options.configType` says which language, HCL unless given.
 */
export async function open(path: string | undefined, options: LoadOptions): Promise<ConsoleSession> {
  if (path === undefined)
    return options.configType === "json" ? jsonConsole(undefined, [], options) : programConsole(undefined, [], options);
  const kind = inputKind(path, options);
  if (kind === "hcl" && existsSync(resolve(options.workingDirectory ?? process.cwd(), path))) return templateConsole(path, options);
  const { program, diagnostics } = await load(path, options);
  return kind === "json" ? jsonConsole(program, diagnostics, options) : programConsole(program, diagnostics, options);
}
