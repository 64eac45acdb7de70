// Names on a FAT disk: 8.3 in capitals, and beside them the long ones of VFAT (Microsoft's "FAT: General Overview of On-Disk Format", long file names).

/** The two names of a file. */
export interface FatName {
  /** Eleven bytes: eight of the name, three of its ending, filled up with spaces. */
  readonly short: Buffer;
  /** Undefined when the short name says it all. */
  readonly long: string | undefined;
}

/** What stops a name from standing on a FAT disk, as the end of a sentence; undefined for a good one. */
export function fatNameTrouble(name: string): string | undefined {
  const forbidden = /[\u0000-\u001f"*/:<>?\\|]/.exec(name)?.[0];
  if (forbidden !== undefined) return `it contains ${JSON.stringify(forbidden)}`;
  if (/[. ]$/.test(name)) return "it ends in a dot or a space";
  return name.length > 255 ? `it has ${name.length} characters, and 255 is the most` : undefined;
}

/** Gives out the names of one folder; short ones are unique in it. */
export function fatNames(): (name: string) => FatName {
  const taken = new Set<string>();
  /** Where to go on counting for each beginning. */
  const next = new Map<string, number>();
  return (name) => {
    const plain = plainShortName(name.toUpperCase());
    if (plain !== undefined && !taken.has(plain)) {
      taken.add(plain);
      // Small letters stand in the long name alone.
      return { short: Buffer.from(plain, "latin1"), long: name === name.toUpperCase() ? undefined : name };
    }
    const dot = name.lastIndexOf(".");
    const base = letters(dot > 0 ? name.slice(0, dot) : name) || "_";
    const ending = (dot > 0 ? letters(name.slice(dot + 1)) : "").slice(0, 3).padEnd(3);
    const beginning = `${base.slice(0, 6)}.${ending}`;
    for (let count = next.get(beginning) ?? 1; ; count++) {
      const tail = `~${count}`;
      const short =
        base
          .slice(0, 8 - tail.length)
          .concat(tail)
          .padEnd(8) + ending;
      if (taken.has(short)) continue;
      taken.add(short);
      next.set(beginning, count + 1);
      return { short: Buffer.from(short, "latin1"), long: name };
    }
  };
}

// --- internal ---

const shortLetters = "A-Z0-9!#$%&'()@^_`{}~-";

/** The eleven characters of a name that needs no long one. */
function plainShortName(name: string): string | undefined {
  const parts = new RegExp(`^([${shortLetters}]{1,8})(?:\\.([${shortLetters}]{1,3}))?$`).exec(name);
  if (parts === null) return undefined;
  const [, base = "", ending = ""] = parts;
  return base.padEnd(8) + ending.padEnd(3);
}

function letters(text: string): string {
  return text
    .toUpperCase()
    .replace(/[ .]/g, "")
    .replace(new RegExp(`[^${shortLetters}]`, "gu"), "_");
}
