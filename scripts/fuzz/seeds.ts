import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Longer files are cut: many short cases find more than few long ones. */
const LONGEST_SEED = 4000;

/** Texts to start from: all templates in the folders. */
export function readSeeds(folders: readonly string[]): readonly { readonly name: string; readonly text: string }[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(hcl|json)$/.test(name) && !name.includes("node_modules"))
      .sort()
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => ({ name: path, text: readFileSync(path, "utf8").slice(0, LONGEST_SEED) })),
  );
}
