// `fileset`: files by a pattern. The patterns are those of Go's package doublestar: `*` and `?` stop at a slash, `**` as a whole part
// stands for any number of folders, `[a-z]` and `[^a-z]` are classes, `{a,b}` are alternatives. Names that begin with a dot match too.
import { type Dirent, readdirSync, statSync } from "node:fs";
import { posix } from "node:path";
import { compileGoPattern } from "@tspack/core";
import { setOf, stringType } from "../hcl/eval/type.ts";
import { compareText, sortedSetValue, stringValue } from "../hcl/eval/value.ts";
import { textOf } from "./argument.ts";
import { FunctionError, type HclFunction } from "./function.ts";
import { locate, pathParameter } from "./path.ts";

/** `fileset`: the regular files below a folder that match, relative to it; relative folders start in the template's (row FUD-09). */
export const fileset: HclFunction = {
  name: "fileset",
  parameters: [pathParameter, { name: "pattern", type: stringType }],
  impure: true,
  returns: () => setOf(stringType),
  call: ([path, pattern], environment) => {
    const folder = locate(textOf(path), environment.templateDirectory, environment);
    const found = filesMatching(folder, textOf(pattern));
    return sortedSetValue(stringType, found.map(stringValue));
  },
  doc: {
    summary: "The files below a folder whose paths match a pattern (`*`, `?`, `**`, `[a-z]`, `{a,b}`), relative to the folder.",
    signature: "fileset(folder, pattern)",
    examples: [{ code: 'fileset(".", "*.txt")', result: '["hello.txt"]' }],
  },
};

/** Paths of regular files below `folder` that match, relative to it, sorted. Throws `FunctionError` for a malformed pattern. */
export function filesMatching(folder: string, pattern: string): readonly string[] {
  const found = new Set<string>();
  for (const one of alternatives(pattern)) walk(folder, compile(one, pattern), found);
  return [...found].sort(compareText);
}

// --- internal ---

/** One part of a pattern: any number of folders, a plain name, or what names have to look like. */
type Part = "**" | { readonly name: string } | { readonly matcher: RegExp };

const mostAlternatives = 1000;

function compile(pattern: string, whole: string): readonly Part[] {
  const parts = posix.normalize(pattern).split("/");
  return parts
    .filter((part) => part !== "" && part !== ".")
    .map((part) => {
      if (part === "**") return part;
      if (!/[*?[\\]/.test(part)) return { name: part };
      // Two stars inside a name are as good as one; doublestar writes a negated class with ! as well.
      const matcher = compileGoPattern(part.replace(/\*{2,}/g, "*").replaceAll("[!", "[^"));
      if (matcher === undefined) throw malformed(whole);
      return { matcher };
    });
}

function malformed(pattern: string): FunctionError {
  return new FunctionError(`${JSON.stringify(pattern)} is not a valid pattern`, 1);
}

/** The pattern with every `{a,b}` replaced by one of its members, in all ways. */
function alternatives(pattern: string): readonly string[] {
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const group = firstGroup(next, pattern);
    if (group === undefined) done.push(next);
    else for (const member of group.members) open.push(next.slice(0, group.start) + member + next.slice(group.end));
    if (done.length + open.length > mostAlternatives) {
      throw new FunctionError(`the pattern has more than ${mostAlternatives} alternatives`, 1);
    }
  }
  return done;
}

interface Group {
  readonly start: number;
  readonly end: number;
  readonly members: readonly string[];
}

/** The first group, from its brace to behind the closing one. A group may hold groups. */
function firstGroup(text: string, whole: string): Group | undefined {
  let start = -1;
  let depth = 0;
  let from = 0;
  const members: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") at++;
    else if (character === "{" && depth++ === 0) {
      start = at;
      from = at + 1;
    } else if (character === "," && depth === 1) {
      members.push(text.slice(from, at));
      from = at + 1;
    } else if (character === "}" && depth > 0 && --depth === 0) {
      return { start, end: at + 1, members: [...members, text.slice(from, at)] };
    }
  }
  if (depth > 0) throw malformed(whole);
  return undefined;
}

/** Goes through folders level by level with a list of its own, so that no tree is too deep. Links are followed except by `**`. */
function walk(folder: string, parts: readonly Part[], found: Set<string>): void {
  const listings = new Map<string, readonly Dirent[]>();
  const seen = new Set<string>();
  const open = [{ path: "", part: 0 }];
  const visit = (path: string, part: number): void => {
    const key = `${part}:${path}`;
    if (seen.has(key)) return;
    seen.add(key);
    open.push({ path, part });
  };
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { path, part: index } = next;
    const part = parts[index];
    const absolute = posix.join(folder, path);
    if (part === undefined) {
      if (path !== "" && kindOf(absolute) === "file") found.add(path);
    } else if (part === "**") {
      visit(path, index + 1);
      const isLast = index === parts.length - 1;
      for (const entry of entriesOf(absolute, listings)) {
        const below = posix.join(path, entry.name);
        if (entry.isDirectory()) visit(below, index);
        else if (isLast) visit(below, index + 1);
      }
    } else if ("name" in part) {
      if (kindOf(posix.join(absolute, part.name)) !== undefined) visit(posix.join(path, part.name), index + 1);
    } else {
      for (const { name } of entriesOf(absolute, listings)) if (part.matcher.test(name)) visit(posix.join(path, name), index + 1);
    }
  }
}

/** What is in a folder; nothing where it cannot be read, as in Go. */
function entriesOf(folder: string, listings: Map<string, readonly Dirent[]>): readonly Dirent[] {
  const known = listings.get(folder);
  if (known !== undefined) return known;
  let entries: readonly Dirent[] = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    // Missing, unreadable or no folder: nothing in it matches.
  }
  listings.set(folder, entries);
  return entries;
}

function kindOf(path: string): "file" | "other" | undefined {
  try {
    return statSync(path).isFile() ? "file" : "other";
  } catch {
    // A link to nothing, or no such name.
    return undefined;
  }
}
