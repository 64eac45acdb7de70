// Lists of checksums as sha256sum (GNU coreutils manual, "cksum output modes") and BSD's tools write them (row ISO-03).
import { type Checksum, parseChecksum } from "./checksum.ts";
import { isChecksumType } from "./digest.ts";

/** A digest that a list gives, and for which file. */
export interface ChecksumLine {
  readonly checksum: Checksum & { readonly kind: "digest" };
  /** As the list has it; undefined for a digest alone on its line. */
  readonly name: string | undefined;
}

/** The lines of a list. Comments, signatures and whatever else is in there are skipped. */
export function parseChecksumList(text: string): readonly ChecksumLine[] {
  return text.split(/\r?\n/).flatMap((line) => parseLine(line) ?? []);
}

/**
 * The checksum for a file. `names` are what the list may call it, best first: its path relative to the list, then its base
 * name. Failing those, a path that ends in the base name counts, and so does a single digest without any name.
 */
export function findInChecksumList(lines: readonly ChecksumLine[], names: readonly string[]): ChecksumLine["checksum"] | undefined {
  for (const name of names) {
    const found = lines.find((line) => line.name !== undefined && withoutDot(line.name) === withoutDot(name));
    if (found !== undefined) return found.checksum;
  }
  const ending = lines.filter((line) => names.some((name) => line.name?.endsWith(`/${name}`)));
  if (ending.length === 1) return ending[0]?.checksum;
  const [only, ...others] = lines;
  return only?.name === undefined && others.length === 0 ? only?.checksum : undefined;
}

function parseLine(line: string): ChecksumLine | undefined {
  const bsd = /^([A-Za-z0-9-]+) \((.+)\) = ([0-9a-fA-F]+)\s*$/.exec(line);
  if (bsd !== null) {
    const [, algorithm = "", name = "", hex = ""] = bsd;
    const type = algorithm.toLowerCase().replace("-", "");
    return isChecksumType(type) ? withChecksum(`${type}:${hex}`, name) : undefined;
  }
  const gnu = /^(\\?)([0-9a-fA-F]{32,128})(?:[ \t]+\*?(.*))?$/.exec(line.trimEnd());
  if (gnu === null) return undefined;
  const [, escaped, hex = "", name] = gnu;
  return withChecksum(hex, escaped === "" ? name : name?.replace(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter)));
}

function withChecksum(text: string, name: string | undefined): ChecksumLine | undefined {
  try {
    const checksum = parseChecksum(text);
    return checksum.kind === "digest" ? { checksum, name: name === "" ? undefined : name } : undefined;
  } catch {
    // Digits of a length that no checksum has: some other text.
    return undefined;
  }
}

function withoutDot(name: string): string {
  return name.replace(/^(\.\/)+/, "");
}
