// Licences of the packages whose code is inside the bundles: their terms ask that it goes with every copy.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One text with name, version and licence of every package that the files belong to. Throws for one without a licence file. */
export function thirdPartyLicences(root: string, files: readonly string[]): string {
  const folders = [...new Set(files.flatMap((file) => packageFolder(file) ?? []))].sort();
  const entries = folders.map((folder) => {
    const manifest: { readonly name?: unknown; readonly version?: unknown } = JSON.parse(
      readFileSync(join(root, folder, "package.json"), "utf8"),
    );
    const licence = readdirSync(join(root, folder)).find((name) => /^licen[cs]e/i.test(name));
    if (licence === undefined) throw new Error(`${folder} is bundled, but has no licence file`);
    return `${manifest.name} ${manifest.version}\n\n${readFileSync(join(root, folder, licence), "utf8").trim()}\n`;
  });
  const rule = `\n${"-".repeat(80)}\n\n`;
  return `The files of this folder hold code of these packages.\n${rule}${[...new Set(entries)].sort().join(rule)}`;
}

/** `node_modules/@scope/name` of a file, the innermost one. */
function packageFolder(file: string): string | undefined {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}
