// Lists of checksums as sha256sum (GNU coreutils manual, "cksum output modes"), BSD's tools and OpenSSL's `dgst` write them (row ISO-03).
import { type Checksum, parseChecksum } from "./checksum.ts";
import { checksumTypes } from "./digest.ts";

/** A digest that a list gives, and for which file. */
export interface ChecksumLine {
  readonly checksum: Checksum & { readonly kind: "digest" };
  /** As the list has it; undefined for a digest alone on its line. */
  readonly name: string | undefined;
}

/**
 * The lines of a list. Comments, signatures and whatever else is in there are skipped. Lists with a part for each algorithm (Gentoo's
 * `# SHA512 HASH`) are understood, since the digits alone would not tell one of BLAKE2 from one of SHA-512.
 */
export function parseChecksumList(text: string): readonly ChecksumLine[] {
  const lines: ChecksumLine[] = [];
  let part: string | undefined;
  for (const line of text.replace(/^\ufeff/, "").split(/\r?\n/)) {
    const heading = /^#\s*([A-Za-z0-9-]+) HASH\s*$/i.exec(line)?.[1];
    if (heading !== undefined) part = typeNamed(heading);
    const found = parseLine(line, part);
    if (found !== undefined) lines.push(found);
  }
  return lines;
}

/**
 * The checksum for a file, the strongest where a list has several. `names` are what the list may call it, best first: its path relative
 * to the list, then its base name. Failing those, a path that ends in the base name counts, and so does a single digest without any name.
 */
export function findInChecksumList(lines: readonly ChecksumLine[], names: readonly string[]): ChecksumLine["checksum"] | undefined {
  for (const name of names) {
    const found = strongest(lines.filter((line) => line.name !== undefined && withoutDot(line.name) === withoutDot(name)));
    if (found !== undefined) return found;
  }
  const ending = lines.filter((line) => names.some((name) => line.name?.endsWith(`/${name}`)));
  if (new Set(ending.map(({ name }) => name)).size === 1) return strongest(ending);
  const [only, ...others] = lines;
  return only?.name === undefined && others.length === 0 ? only?.checksum : undefined;
}

// --- internal ---

function strongest(lines: readonly ChecksumLine[]): ChecksumLine["checksum"] | undefined {
  const strength = ({ checksum }: ChecksumLine): number => checksumTypes.indexOf(checksum.type);
  return lines.toSorted((a, b) => strength(b) - strength(a))[0]?.checksum;
}

/** Lower case and without hyphens; OpenSSL 3 writes SHA2-256. */
function typeNamed(algorithm: string): string {
  return algorithm
    .toLowerCase()
    .replace(/^sha2-/, "sha")
    .replace("-", "");
}

/** `part` is the algorithm that a heading has named, which may be one that nobody here knows. */
function parseLine(line: string, part: string | undefined): ChecksumLine | undefined {
  const bsd = /^([A-Za-z0-9-]+) ?\((.+)\) ?= ?([0-9a-fA-F]+)\s*$/.exec(line);
  if (bsd !== null) {
    const [, algorithm = "", name = "", hex = ""] = bsd;
    return withChecksum(`${typeNamed(algorithm)}:${hex}`, name);
  }
  const gnu = /^(\\?)([0-9a-fA-F]{32,128})(?:[ \t]+\*?(.*))?$/.exec(line.trimEnd());
  if (gnu === null) return undefined;
  const [, escaped, hex = "", name] = gnu;
  const text = part === undefined ? hex : `${part}:${hex}`;
  return withChecksum(text, escaped === "" ? name : name?.replace(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter)));
}

function withChecksum(text: string, name: string | undefined): ChecksumLine | undefined {
  try {
    const checksum = parseChecksum(text);
    return checksum.kind === "digest" ? { checksum, name: name === "" ? undefined : name } : undefined;
  } catch {
    // Digits of a length that no checksum has, or an algorithm that is not known: some other text.
    return undefined;
  }
}

function withoutDot(name: string): string {
  return name.replace(/^(\.\/)+/, "");
}
