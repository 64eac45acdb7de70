// Versions and version constraints as Packer's templates write them: `>= 1.7, < 2`, `~> 1.2`, `!= 1.3.1`. Not those of npm.

/** A version: at least three numbers, and what follows `-`. What follows `+` does not count. */
export interface Version {
  readonly numbers: readonly number[];
  readonly prerelease: string;
  /** How many numbers were written: `~> 1.2` and `~> 1.2.0` differ. */
  readonly written: number;
}

/** One condition of a constraint. */
export interface VersionCondition {
  readonly operator: "=" | "!=" | ">" | "<" | ">=" | "<=" | "~>";
  readonly version: Version;
  readonly text: string;
}

/**
 * Reads a version such as `1.2.3-beta1+linux`; undefined when it is none. As in Packer a pre-release may follow without its dash, and
 * consist of dashes. Numbers that JavaScript cannot tell apart are none.
 */
export function parseVersion(text: string): Version | undefined {
  const match = versionPattern.exec(text);
  if (match?.[1] === undefined) return undefined;
  const numbers = match[1].split(".").map(Number);
  if (!numbers.every(Number.isSafeInteger)) return undefined;
  const written = numbers.length;
  while (numbers.length < 3) numbers.push(0);
  return { numbers, prerelease: match[2] ?? match[3] ?? "", written };
}

/** Reads a constraint: conditions separated by commas, all of which must hold; undefined when it is none. */
export function parseConstraint(text: string): readonly VersionCondition[] | undefined {
  const conditions: VersionCondition[] = [];
  for (const part of text.split(",")) {
    const match = /^\s*(!=|>=|<=|~>|=|>|<)?\s*(\S+)\s*$/.exec(part);
    const version = match?.[2] === undefined ? undefined : parseVersion(match[2]);
    if (match === null || version === undefined) return undefined;
    conditions.push({ operator: (match[1] as VersionCondition["operator"] | undefined) ?? "=", version, text: part.trim() });
  }
  return conditions;
}

/** True if the version fits every condition. */
export function satisfies(version: Version, conditions: readonly VersionCondition[]): boolean {
  return conditions.every((condition) => holds(version, condition));
}

/** Below 0 if `a` comes before `b` in semantic versioning, above 0 if after. */
export function compareVersions(a: Version, b: Version): number {
  for (let index = 0; index < Math.max(a.numbers.length, b.numbers.length); index++) {
    const difference = (a.numbers[index] ?? 0) - (b.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePrereleases(a.prerelease, b.prerelease);
}

// --- internal ---

/** Numbers, then a pre-release that starts with a digit after its dash, or with another character; then what does not count. */
const versionPattern = new RegExp(
  String.raw`^v?(\d+(?:\.\d+)*)(?:-(\d[\w~-]*(?:\.[\w~-]+)*)|-?([A-Za-z~-][\w~-]*(?:\.[\w~-]+)*))?(?:\+[\w~-]+(?:\.[\w~-]+)*)?$`.replaceAll(
    String.raw`\w`,
    "0-9A-Za-z",
  ),
);

function holds(version: Version, { operator, version: wanted }: VersionCondition): boolean {
  const order = compareVersions(version, wanted);
  switch (operator) {
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
    case ">":
      return order > 0 && isComparable(version, wanted);
    case "<":
      return order < 0 && isComparable(version, wanted);
    case ">=":
      return order >= 0 && isComparable(version, wanted);
    case "<=":
      return order <= 0 && isComparable(version, wanted);
    case "~>":
      // As in Packer one that names a pre-release takes pre-releases alone.
      return (
        order >= 0 &&
        isComparable(version, wanted) &&
        (wanted.prerelease === "" || version.prerelease !== "") &&
        sharesHead(version, wanted)
      );
  }
}

/** A pre-release is taken only by a constraint that names a pre-release of the same version. */
function isComparable(version: Version, wanted: Version): boolean {
  if (version.prerelease === "") return true;
  if (wanted.prerelease === "") return false;
  return version.numbers.length === wanted.numbers.length && version.numbers.every((number, index) => number === wanted.numbers[index]);
}

/** `~> 1.2` takes 1.9, `~> 1.2.0` takes 1.2.9: all but the last number that was written stays. So `~> 1` takes 2, as in Packer. */
function sharesHead(version: Version, wanted: Version): boolean {
  return wanted.numbers.slice(0, wanted.written - 1).every((number, index) => number === (version.numbers[index] ?? 0));
}

/** As semantic versioning orders them: part by part, numbers before text; none at all comes last. */
function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "") return 1;
  if (b === "") return -1;
  const left = a.split(".");
  const right = b.split(".");
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = compareParts(left[index], right[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareParts(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  const isNumberA = /^\d+$/.test(a);
  const isNumberB = /^\d+$/.test(b);
  if (isNumberA && isNumberB) return Number(a) - Number(b);
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  return a < b ? -1 : 1;
}
