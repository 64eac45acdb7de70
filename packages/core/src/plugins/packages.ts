// Plugins that were installed with npm: packages that a program would find if it imported them.
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isPluginPackageName, type PackageFinding, type PackagePlugin, readPackage } from "./package-plugin.ts";

/** Where packages with plugins are looked for. */
export interface PackagePlaces {
  /** A program, or a folder with `image.ts` in it or not: packages are looked for from there upwards. None are unless given. */
  readonly program?: string | undefined;
  /** Folder of tspack's own package: plugins that it depends on ship with it. None do unless given. */
  readonly ownPackage?: string | undefined;
}

/** The plugins among the packages of a program. */
export interface PackagePlugins {
  /** Nearest first. */
  readonly plugins: readonly PackagePlugin[];
  /** Those that ship with tspack, and are in none of the other lists wherever npm has put them. */
  readonly shipped: readonly PackagePlugin[];
  readonly problems: readonly NonNullable<PackageFinding["problem"]>[];
}

/**
 * The plugins in each `node_modules` from a program upwards: packages called `tspack-plugin-NAME`, and those that say that they are
 * plugins, and that the program imports or a `package.json` on the way depends on. The project that the program is part of may be one
 * itself. Of packages of one name the nearest counts, as for an import.
 */
export async function findPackages({ program, ownPackage }: PackagePlaces): Promise<PackagePlugins> {
  return withShipped({ program }, await findShipped(ownPackage));
}

/** The same, where those that ship with tspack are known already. */
export async function withShipped(
  { program }: Pick<PackagePlaces, "program">,
  shipped: readonly PackageFinding[],
): Promise<PackagePlugins> {
  const findings = [...(program === undefined ? [] : await packagesOf(program)), ...shipped];
  const own = shipped.flatMap(({ plugin }) => plugin ?? []);
  const ownFiles = new Set(own.map(({ file }) => file));
  return {
    plugins: findings.flatMap(({ plugin }) => (plugin === undefined || ownFiles.has(plugin.file) ? [] : [plugin])),
    shipped: own,
    problems: findings.flatMap(({ problem }) => problem ?? []),
  };
}

/** What there is of the plugins that ship with tspack: packages called like plugins that its own depends on, where Node would find them. */
export async function findShipped(ownPackage: PackagePlaces["ownPackage"]): Promise<readonly PackageFinding[]> {
  if (ownPackage === undefined) return [];
  const names = (await dependenciesIn(join(ownPackage, "package.json"))).filter(isPluginPackageName);
  const found = names.map(async (name): Promise<PackageFinding> => {
    for (const folder of foldersUpwards(ownPackage)) {
      const finding = await readPackage(join(folder, "node_modules", name));
      if (finding.plugin !== undefined || finding.problem !== undefined) return finding;
    }
    return {};
  });
  return Promise.all(found);
}

/** A folder and those above it, the nearest first. */
export function foldersUpwards(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersUpwards(parent)];
}

/** The names that a package.json depends on; none where there is no readable one. */
export async function dependenciesIn(manifest: string): Promise<readonly string[]> {
  try {
    const parsed: unknown = JSON.parse(await readFile(manifest, "utf8"));
    if (!isRecord(parsed)) return [];
    const lists = [parsed.dependencies, parsed.devDependencies, parsed.optionalDependencies, parsed.peerDependencies];
    return lists.flatMap((list) => (isRecord(list) ? Object.keys(list) : [])).filter(isPackageName);
  } catch {
    return [];
  }
}

/** The packages that a program imports by its text. One too many costs nothing: it is no plugin then. */
export async function importedBy(program: string): Promise<readonly string[]> {
  if (!/\.[cm]?[jt]s$/i.test(program)) return [];
  const text = await readFile(program, "utf8").catch(() => "");
  const imports = text.matchAll(/\b(?:from|import|require)\s*\(?\s*["']((?:@[^/"']+\/)?[^/"']+)[^"']*["']/g);
  return [...imports].flatMap(([, name = ""]) => (isPackageName(name) ? [name] : []));
}

// --- internal ---

async function packagesOf(program: string): Promise<readonly PackageFinding[]> {
  const isFolder = (await stat(program).catch(() => undefined))?.isDirectory() === true;
  const above = foldersUpwards(isFolder ? program : dirname(program));
  const lists = await Promise.all([
    importedBy(isFolder ? join(program, "image.ts") : program),
    ...above.map((folder) => dependenciesIn(join(folder, "package.json"))),
  ]);
  const dependencies = new Set(lists.flat());
  const places = await Promise.all(above.map((folder) => packagesIn(folder, dependencies)));
  const seen = new Set<string>();
  return places.flatMap(({ own, installed }) => {
    const nearest = installed.filter(({ name }) => !seen.has(name));
    for (const { name } of nearest) seen.add(name);
    return [own, ...nearest.map(({ finding }) => finding)];
  });
}

interface Place {
  /** About the folder itself. One whose package.json has nothing to do with plugins is no finding. */
  readonly own: PackageFinding;
  /** Plugins in its `node_modules`, and what is wrong with some, in the order of their names. */
  readonly installed: readonly { readonly name: string; readonly finding: PackageFinding }[];
}

async function packagesIn(folder: string, dependencies: ReadonlySet<string>): Promise<Place> {
  const modules = join(folder, "node_modules");
  const read = async (): Promise<Place["installed"]> => {
    const names = new Set([...(await pluginNamesIn(modules)), ...dependencies]);
    const found = await Promise.all([...names].map(async (name) => ({ name, finding: await readPackage(join(modules, name)) })));
    return found.filter(({ finding }) => finding.plugin !== undefined || finding.problem !== undefined);
  };
  const [own, installed] = await Promise.all([readPackage(folder), read()]);
  return { own, installed };
}

/** Names of the packages in a `node_modules` that are called like plugins, in order. */
async function pluginNamesIn(modules: string): Promise<readonly string[]> {
  const names = await namesIn(modules);
  const scoped = await Promise.all(
    names
      .filter((name) => name.startsWith("@"))
      .map(async (scope) => (await namesIn(join(modules, scope))).map((name) => `${scope}/${name}`)),
  );
  return [...names, ...scoped.flat()].filter(isPluginPackageName).sort();
}

async function namesIn(folder: string): Promise<readonly string[]> {
  // Not there, or not ours to read: as good as empty.
  return readdir(folder).catch(() => []);
}

/** A name is part of a path: it must not lead out of node_modules. */
function isPackageName(name: string): boolean {
  return /^(?:@[\w.~-]+\/)?[\w~-][\w.~-]*$/.test(name);
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
