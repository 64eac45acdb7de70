import { existsSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { PathSegment } from "../diagnostics/range.ts";
import type { Config } from "../program/program.ts";

/** Where relative paths start, and where the program is. Both absolute. */
interface Folders {
  readonly root: string;
  readonly workingDirectory: string;
}

/**
 * A file that is missing from the working directory but stands beside the program is the most common of mistakes with paths: the
 * hint then says so, and what to write. Other diagnostics are answered as they are.
 */
export function hintBesideProgram(diagnostic: Diagnostic, config: Config, { root, workingDirectory }: Folders): Diagnostic {
  if (diagnostic.code !== "TPK3107" || diagnostic.path === undefined || root === workingDirectory) return diagnostic;
  const file = fileAt(config, diagnostic.path);
  if (file === undefined || isAbsolute(file) || existsSync(resolve(workingDirectory, file)) || !existsSync(resolve(root, file))) {
    return diagnostic;
  }
  const shown = relative(root, resolve(root, file));
  const hint = `It stands beside the program, but relative paths start in the working directory. Write \`\${path.root}/${shown}\`.`;
  return { ...diagnostic, hint };
}

// --- internal ---

/** The path that an option holds, as text or in the `source` of an object. */
function fileAt(config: Config, path: readonly PathSegment[]): string | undefined {
  let value: unknown = config;
  for (const segment of path) value = entry(value, segment);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) value = entry(value, "source");
  return typeof value === "string" && value !== "" ? value : undefined;
}

function entry(value: unknown, key: PathSegment): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}
