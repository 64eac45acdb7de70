// Plugins of npm: `package.json` requires them, the user's package manager installs them, and `tspack init` says when it has not.
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isPluginPackageName, readPackage } from "../package-plugin.ts";
import { dependenciesIn, foldersUpwards, importedBy } from "../packages.ts";

/** A plugin of npm that cannot be used. */
export interface MissingPackage {
  readonly name: string;
  /** What is wrong and what to do, in whole sentences. */
  readonly text: string;
}

/**
 * The packages called like plugins that a `package.json` from the program upwards depends on, or that the program imports, and that are not
 * installed or are no plugins. Nothing is run or downloaded. `program` is a file, or a folder with `image.ts` in it or not.
 */
export async function findMissingPackages(program: string): Promise<readonly MissingPackage[]> {
  const isFolder = await exists(program, "folder");
  const above = foldersUpwards(isFolder ? program : dirname(program));
  const wanted = new Map<string, string | undefined>();
  for (const folder of above) {
    const manifest = join(folder, "package.json");
    for (const name of await dependenciesIn(manifest)) if (!wanted.has(name)) wanted.set(name, manifest);
  }
  for (const name of await importedBy(isFolder ? join(program, "image.ts") : program)) if (!wanted.has(name)) wanted.set(name, undefined);
  const missing: MissingPackage[] = [];
  for (const [name, manifest] of wanted) {
    if (!isPluginPackageName(name)) continue;
    const text = await problemOf(name, manifest, above);
    if (text !== undefined) missing.push({ name, text });
  }
  return missing;
}

// --- internal ---

interface Manager {
  readonly lockFile: string;
  readonly install: string;
  readonly add: string;
}

const npm: Manager = { lockFile: "package-lock.json", install: "npm install", add: "npm install --save-dev" };

/** Package managers, told by their lock files. */
const managers: readonly Manager[] = [
  { lockFile: "pnpm-lock.yaml", install: "pnpm install", add: "pnpm add --save-dev" },
  { lockFile: "yarn.lock", install: "yarn install", add: "yarn add --dev" },
  { lockFile: "bun.lock", install: "bun install", add: "bun add --dev" },
  { lockFile: "bun.lockb", install: "bun install", add: "bun add --dev" },
  npm,
];

async function problemOf(name: string, manifest: string | undefined, above: readonly string[]): Promise<string | undefined> {
  for (const folder of above) {
    const place = join(folder, "node_modules", name);
    if (await exists(place, "folder")) return (await readPackage(place)).problem?.text;
  }
  const { install, add } = await managerIn(above);
  return manifest === undefined
    ? `The plugin package ${name}, which the program imports, is not installed. Run \`${add} ${name}\`.`
    : `The plugin package ${name}, which ${manifest} names, is not installed. Run \`${install}\`.`;
}

/** The package manager of the project: the one whose lock file is nearest. */
async function managerIn(above: readonly string[]): Promise<Manager> {
  for (const folder of above) {
    for (const manager of managers) if (await exists(join(folder, manager.lockFile), "file")) return manager;
  }
  return npm;
}

async function exists(path: string, kind: "file" | "folder"): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return (kind === "file" ? found?.isFile() : found?.isDirectory()) === true;
}
