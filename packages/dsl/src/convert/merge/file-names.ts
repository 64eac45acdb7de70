// Names of the merged files: as their templates and folders are called.
import { basename } from "node:path";

/**
 * A name for each path, all different and legal on every system: the last part that tells them apart. `debian11/box.json` and
 * `debian12/box.json` are `debian11` and `debian12`.
 */
export function fileNames(paths: readonly string[], reserved: readonly string[]): readonly string[] {
  const parts = paths.map(partsOf);
  const depth = Math.max(0, ...parts.map(({ length }) => length));
  const taken = new Set(reserved);
  for (let at = 0; at < depth; at++) {
    const names = parts.map((each) => legal(each[at] ?? each.at(-1) ?? "image"));
    if (new Set(names).size === names.length && names.every((name) => !taken.has(name))) return names;
  }
  return parts.map((each) => {
    const wish = legal([...each.slice(0, 2)].reverse().join("-"));
    let name = wish;
    for (let count = 2; taken.has(name); count++) name = `${wish}-${count}`;
    taken.add(name);
    return name;
  });
}

// --- internal ---

/** The parts of a path, the last first, without what says of which kind the file is. */
function partsOf(path: string): readonly string[] {
  const folders = path.split(/[/\\]+/).filter((part) => part !== "" && part !== "." && part !== "..");
  const name = folders.pop() ?? basename(path);
  return [name.replace(/(\.pkr)?\.(hcl|json)$/i, ""), ...folders.reverse()];
}

function legal(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, "-")
    .replaceAll(/^[-.]+|[-.]+$/g, "");
  return plain === "" ? "image" : plain;
}
