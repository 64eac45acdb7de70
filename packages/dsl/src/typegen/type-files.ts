// The files below .tspack/types: one for each component, and an index that leads to them.
import type { ComponentKind } from "@tspack/core";
import { printFitting } from "./fit-size.ts";
import type { TypedComponent } from "./print-module.ts";

/** A component, and which plugin it is of: `github.com/hashicorp/docker v1.1.0`. */
export interface PluginTypes {
  readonly plugin: string;
  readonly component: TypedComponent;
}

/** Files of types by their names, and what was left out of them. */
export interface TypeFiles {
  readonly files: ReadonlyMap<string, string>;
  readonly cuts: readonly { readonly file: string; readonly cut: string }[];
}

/** Name of the file that leads to all others. */
export const TYPE_INDEX = "index.d.ts";

/** What the first line of every file says, by which they are known as ours. */
export const TYPES_MARK = "Written by `tspack types`; do not edit.";

/** Name of the file of a component; undefined for a name that is none of a component, as a plugin may tell it. */
export function typeFileName(kind: ComponentKind, type: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,120}$/.test(type) ? `${kind}-${type}.d.ts` : undefined;
}

/**
 * The files of components, and of packages that have types of their own. `kept` names files that stay as they are. The same
 * components give the same files, in whatever order they come.
 */
export function typeFiles(plugins: readonly PluginTypes[], packages: readonly string[], kept: readonly string[] = []): TypeFiles {
  const files = new Map<string, string>();
  const cuts: { readonly file: string; readonly cut: string }[] = [];
  for (const { plugin, component } of plugins) {
    const file = typeFileName(component.kind, component.type);
    if (file === undefined) continue;
    const { text, cut } = printFitting(component, `Options of a component of ${oneLine(plugin)}. ${TYPES_MARK}`);
    files.set(file, text);
    if (cut !== undefined) cuts.push({ file, cut });
  }
  const references = [...new Set([...files.keys(), ...kept])].sort().map((file) => `/// <reference path="./${file}" />\n`);
  const imports = [...new Set(packages)].sort().map((name) => `import ${JSON.stringify(name)};\n`);
  files.set(TYPE_INDEX, [`// Leads to the types of plugins. ${TYPES_MARK}\n`, ...references, ...imports].join(""));
  return { files, cuts };
}

// --- internal ---

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 200);
}
