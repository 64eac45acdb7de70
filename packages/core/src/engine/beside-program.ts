import { existsSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { PathSegment } from "../diagnostics/range.ts";
import type { Config, Program } from "../program/program.ts";

/** Errors and warnings of files that are missing; others with these codes are about no file, and have no path of one. */
const codes: ReadonlySet<string> = new Set(["TPK3107", "TPK3110", "TPK7001"]);

/**
 * A file that is missing from the working directory but stands beside the program is the most common of mistakes with paths: the
 * hint then says so, and what to write, in the program's language. Other diagnostics are answered as they are.
 */
export function hintBesideProgram(
  diagnostic: Diagnostic,
  config: Config,
  { root, configStyle }: Pick<Program, "root" | "configStyle">,
  workingDirectory: string,
): Diagnostic {
  if (!codes.has(diagnostic.code) || diagnostic.path === undefined || root === workingDirectory) return diagnostic;
  const given = fileAt(config, diagnostic.path);
  // A list of checksums.
  const prefix = given?.startsWith("file:") ? "file:" : "";
  const file = given?.slice(prefix.length);
  if (file === undefined || isAbsolute(file) || existsSync(resolve(workingDirectory, file)) || !existsSync(resolve(root, file))) {
    return diagnostic;
  }
  const shown = relative(root, resolve(root, file));
  const right = configStyle === "plain" ? `{{template_dir}}/${shown}` : `\${path.root}/${shown}`;
  const hint = `It stands beside the program, but relative paths start in the working directory. Write \`${prefix}${right}\`.`;
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
