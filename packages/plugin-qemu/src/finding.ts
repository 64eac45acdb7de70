// What the checks of options find, as diagnostics at an option.
import type { Diagnostic } from "@tspack/core/sdk";
import type { QemuOptions } from "./options.ts";

export type Option = keyof QemuOptions & string;

/** Something that the build cannot be run with. */
export function problem(code: Diagnostic["code"], option: Option, detail: string, hint?: string): Diagnostic {
  const summary = code === "TPK3108" ? "Invalid template string" : code === "TPK3106" ? "Conflicting arguments" : "Invalid argument value";
  return { severity: "error", code, summary, detail, hint, path: [option] };
}

/** Something that is hardly meant so. */
export function doubt(option: Option, detail: string, hint?: string): Diagnostic {
  return { severity: "warning", code: "TPK3110", summary: "Doubtful argument", detail, hint, path: [option] };
}
