// Options that the compiler refuses although the template is to stay as it is: marked where they stand.
import type { ConfigSpec } from "@tspack/core";
import { type Entry, objectText, type Remark } from "../module/pieces.ts";

/** How an options object is written. */
export interface ConfigTextOptions {
  readonly dangling?: readonly Remark[] | undefined;
  readonly open?: boolean | undefined;
  /** Entries that are there as well, in a spread. */
  readonly others?: readonly Entry[] | undefined;
  /** It changes other options: nothing is required. */
  readonly isPartial?: boolean | undefined;
}

/**
 * The options of a component as an object. An option that the component does not have, and a required one that is not there, would be
 * errors of the compiler; each stands behind a comment that expects it. Packer accepts both until the component is prepared, and a
 * build may add to a source what is missing in it.
 */
export function configText(entries: readonly Entry[], spec: ConfigSpec | undefined, options: ConfigTextOptions = {}): string {
  const { dangling = [], open = true, others = [], isPartial = false } = options;
  const written = (marked: readonly Entry[]): string => objectText(marked, { dangling, open });
  if (spec === undefined) return written(entries);
  // The compiler tells the first unknown option alone, and then nothing of what is missing.
  const unknown = entries.findIndex(({ key }) => key !== undefined && !Object.hasOwn(spec.options, key));
  if (unknown >= 0) {
    const remark: Remark = { text: "// @ts-expect-error TODO(tspack): the component has no such option", blankAfter: false };
    return written(entries.map((entry, index) => (index === unknown ? { ...entry, leading: [...(entry.leading ?? []), remark] } : entry)));
  }
  const names = new Set([...entries, ...others].map(({ key }) => key));
  const missing = Object.entries(spec.options).flatMap(([name, { required }]) => (required && !names.has(name) ? [name] : []));
  if (isPartial || missing.length === 0) return written(entries);
  return `\n// @ts-expect-error ${missing.join(", ")}: missing here, as in the template\n${written(entries)}`;
}
