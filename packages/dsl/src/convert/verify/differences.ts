import { formatPath, type PathSegment } from "@tspack/core";

/** A place where two canonical Programs differ. */
export interface Difference {
  /** `builds[0].source.config.iso_url` */
  readonly path: string;
  /** undefined where there is nothing. */
  readonly original: unknown;
  readonly converted: unknown;
}

/** Everything in which two values of plain data differ, in the order of the first. Lists of different length differ at their ends. */
export function differences(original: unknown, converted: unknown): readonly Difference[] {
  const found: Difference[] = [];
  const open: { readonly path: readonly PathSegment[]; readonly a: unknown; readonly b: unknown }[] = [
    { path: [], a: original, b: converted },
  ];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const { path, a, b } = item;
    if (Object.is(a, b)) continue;
    if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) {
      found.push({ path: formatPath(path), original: a, converted: b });
      continue;
    }
    const isList = Array.isArray(a);
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    for (const key of keys.reverse()) {
      open.push({ path: [...path, isList ? Number(key) : key], a: valueAt(a, key), b: valueAt(b, key) });
    }
  }
  return found;
}

// --- internal ---

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function valueAt(container: object, key: string): unknown {
  return Object.hasOwn(container, key) ? Reflect.get(container, key) : undefined;
}
