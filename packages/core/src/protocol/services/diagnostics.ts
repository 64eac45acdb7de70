// What is wrong with a configuration, between two programs of ours: with its code, and the path of the option that it is about.
// Packer's protocol has texts alone, and is told those.
import { type ErrorCode, errorCodes } from "../../diagnostics/codes.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { PathSegment } from "../../diagnostics/range.ts";
import { readFields, readText } from "./wire.ts";

/** The field of a reply that holds them. */
export const DIAGNOSTICS_FIELD = "TspackDiagnostics";

/** Diagnostics as they are sent. Where they stand in a file, the plugin does not know. */
export function sentDiagnostics(diagnostics: readonly Diagnostic[]): readonly object[] {
  return diagnostics.map(({ severity, code, summary, detail, hint, path }) => ({
    severity,
    code,
    summary,
    detail: detail ?? "",
    hint: hint ?? "",
    path: [...(path ?? [])],
  }));
}

/** The diagnostics in a reply; undefined when the other end tells them as texts. Throws a PluginError (TPK4002) for anything else. */
export function readDiagnostics(reply: unknown, what: string): readonly Diagnostic[] | undefined {
  if (typeof reply !== "object" || reply === null) return undefined;
  const list = readFields(reply, what)[DIAGNOSTICS_FIELD];
  if (!Array.isArray(list)) return undefined;
  return list.slice(0, MOST).map((item) => {
    const fields = readFields(item, what);
    const code = readText(fields.code, what);
    const detail = readText(fields.detail, what);
    const hint = readText(fields.hint, what);
    return {
      severity: fields.severity === "warning" ? "warning" : "error",
      code: isCode(code) ? code : "TPK3105",
      summary: readText(fields.summary, what),
      ...(detail === "" ? {} : { detail }),
      ...(hint === "" ? {} : { hint }),
      path: Array.isArray(fields.path) ? fields.path.filter(isSegment) : [],
    };
  });
}

// --- internal ---

/** More than anybody reads. */
const MOST = 1000;

function isCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}

function isSegment(value: unknown): value is PathSegment {
  return typeof value === "string" || typeof value === "number";
}
