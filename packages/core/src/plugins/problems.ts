// What a plugin says about its configuration, as diagnostics at the user's line.
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { PathSegment } from "../diagnostics/range.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import type { ConfigSpec } from "../sdk/config/spec.ts";

/** The error text of a plugin, one diagnostic for each error in it, at the option that it speaks of. */
export function problemsIn(text: string, spec: ConfigSpec | undefined): readonly Diagnostic[] {
  return splitErrors(text).map((one) => {
    const unknown = /unknown configuration key: '?"([^"]+)"'?/.exec(one)?.[1];
    if (unknown !== undefined) {
      const path = pathOf(unknown);
      return {
        severity: "error",
        code: "TPK3102",
        summary: "Unsupported argument",
        detail: `An argument named ${JSON.stringify(unknown)} is not expected here.`,
        hint: didYouMean(String(path.at(-1)), Object.keys(blockAt(spec, path.slice(0, -1))?.options ?? {})),
        path,
      };
    }
    return { severity: "error", code: "TPK3105", summary: "Configuration refused", detail: sentence(one), path: optionIn(one, spec) };
  });
}

/** A warning of a plugin. */
export function warningOf(text: string, spec: ConfigSpec | undefined): Diagnostic {
  return { severity: "warning", code: "TPK3110", summary: "Warning of the component", detail: sentence(text), path: optionIn(text, spec) };
}

// --- internal ---

/** The lists of errors that Go's plugins write (plugin-protocol section 5.3). */
function splitErrors(text: string): readonly string[] {
  const match = /^\s*\d+ errors?(?:\(s\))? occurred:\s*\n([\s\S]*)$/.exec(text);
  const items = match?.[1]?.split(/^\s*\* /m).map((item) => item.trim());
  // A list inside a list leaves its heading behind.
  const found = items?.filter((item) => item !== "" && !/^\d+ errors?(?:\(s\))? occurred:$/.test(item)) ?? [];
  return found.length === 0 ? [text.trim()] : found.flatMap((item) => (item === text ? [item] : splitErrors(item)));
}

/** The place of a key as Go writes it: `disk[0].size`. */
function pathOf(key: string): readonly PathSegment[] {
  if (!/^[\w-]+(?:\[\d+\]|\.[\w-]+)*$/.test(key)) return [key];
  return (key.match(/[\w-]+/g) ?? []).map((segment, index) => (index > 0 && /^\d+$/.test(segment) ? Number(segment) : segment));
}

/** The specification of the block at a path; undefined where there is none. */
function blockAt(spec: ConfigSpec | undefined, path: readonly PathSegment[]): ConfigSpec | undefined {
  let at = spec;
  for (const segment of path) {
    if (typeof segment === "number") continue;
    const type = at === undefined || !Object.hasOwn(at.options, segment) ? undefined : at.options[segment]?.type;
    at = type?.kind === "block" || type?.kind === "block-list" ? type.spec : undefined;
  }
  return at;
}

/** The option that a text is about, with its place in a list or block: one that it names, best in quotes. */
function optionIn(text: string, spec: ConfigSpec | undefined): readonly PathSegment[] {
  if (spec === undefined) return [];
  const quoted = [...text.matchAll(/["'`]([a-z][a-z0-9_]*(?:\[\d+\]|\.[a-z][a-z0-9_]*)*)["'`]/g)].map(([, name = ""]) => name);
  const words = [...text.matchAll(/\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?:\[\d+\](?:\.[a-z][a-z0-9_]*)?)*/g)].map(([name]) => name);
  const paths = [...quoted, ...words].map(pathOf);
  return paths.find(([option]) => Object.hasOwn(spec.options, String(option))) ?? [];
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?:]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
