// Licences of the packages whose code is inside the bundles: their terms ask that it goes with every copy.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One text with name, version and licence of every package that the files belong to. Throws for one that does not say which it has. */
export function thirdPartyLicences(root: string, files: readonly string[]): string {
  const folders = [...new Set(files.flatMap((file) => packageFolder(file) ?? []))].sort();
  const entries = folders.map((folder) => {
    const manifest: { readonly [field: string]: unknown } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    return `${manifest.name} ${manifest.version}\n\n${licenceIn(join(root, folder), manifest)}\n`;
  });
  const rule = `\n${"-".repeat(80)}\n\n`;
  return `The files of this folder hold code of these packages.\n${rule}${[...new Set(entries)].sort().join(rule)}`;
}

/** The licence's text; of the few packages that are published without it, what their manifest says. */
function licenceIn(folder: string, { license, author }: { readonly [field: string]: unknown }): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (file !== undefined) return readFileSync(join(folder, file), "utf8").trim();
  if (typeof license !== "string") throw new Error(`${folder} is bundled, but does not say under which licence`);
  return [`Licence: ${license}`, ...(author === undefined ? [] : [`Authors: ${[author].flat().map(nameOf).join(", ")}`])].join("\n");
}

function nameOf(author: unknown): string {
  return typeof author === "object" && author !== null && "name" in author ? String(author.name) : String(author);
}

/** `node_modules/@scope/name` of a file, the innermost one. */
function packageFolder(file: string): string | undefined {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}
