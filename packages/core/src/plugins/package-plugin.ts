// A package of npm that holds a plugin. Its `package.json` says which of its files that is; no code of it is run to find out.
import { readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import * as z from "zod";
import { parsePluginFileName } from "./file-name.ts";

/** A plugin in a package. */
export interface PackagePlugin {
  /** Name of the plugin: its components are called so, or begin with it. */
  readonly name: string;
  /** Name of the package. */
  readonly packageName: string;
  /** As `package.json` says it. */
  readonly version: string;
  /** The program; absolute, links followed. */
  readonly file: string;
  /** The `package.json` that says so. */
  readonly manifest: string;
  /** Its files are being written: a project that is linked or that the program is part of, or a plugin run from its source. */
  readonly isDevelopment: boolean;
  /** Addresses of plugins whose components it has with the same options: it stands in for them where they are not installed. */
  readonly replaces: readonly string[];
}

/** What a package turned out to be; without either it has nothing to do with plugins. */
export interface PackageFinding {
  readonly plugin?: PackagePlugin;
  /** The package says that it is a plugin, and is none that can be run: what to fix, in whole sentences. */
  readonly problem?: { readonly packageName: string; readonly name: string | undefined; readonly text: string };
}

/** True for `tspack-plugin-NAME` and `@scope/tspack-plugin-NAME`. */
export function isPluginPackageName(packageName: string): boolean {
  return /^(?:@[^/]+\/)?tspack-plugin-./.test(packageName);
}

/**
 * Looks into the package in a folder. The plugin is the file that `tspack.plugin` names, from its folder, or the program under `bin` of a
 * package with a plugin's name. `tspack.source` is its TypeScript, which runs in place of it where the package is not installed but
 * being written.
 */
export async function readPackage(folder: string): Promise<PackageFinding> {
  const path = join(folder, "package.json");
  const parsed = await readManifest(path);
  if (parsed === undefined) return {};
  const scope = basename(dirname(folder));
  const guess = scope.startsWith("@") ? `${scope}/${basename(folder)}` : basename(folder);
  if ("problem" in parsed) return isPluginPackageName(guess) ? problem(guess, nameIn(guess), `${path} ${parsed.problem}`) : {};
  const { name: packageName = guess, tspack } = parsed;
  if (tspack === undefined && !isPluginPackageName(packageName)) return {};
  const settings = settingsSchema.safeParse(tspack ?? {});
  if (!settings.success) {
    return problem(packageName, nameIn(packageName), `"tspack" in ${path} has to be like { "plugin": "dist/packer-plugin-hello" }`);
  }
  return findingOf({ folder: await realpath(folder), path, packageName, manifest: parsed, settings: settings.data });
}

// --- internal ---

const LONGEST_MANIFEST = 1024 * 1024;
const text = z.string().min(1);
const settingsSchema = z.strictObject({
  plugin: text.optional(),
  source: text.optional(),
  name: text.optional(),
  replaces: z.array(text).optional(),
});
const manifestSchema = z.object({
  name: text.optional(),
  version: z.string().optional(),
  tspack: z.unknown().optional(),
  bin: z
    .union([text, z.record(z.string(), text)])
    .optional()
    .catch(undefined),
});

type Manifest = z.infer<typeof manifestSchema>;

/** Undefined when there is none. */
async function readManifest(path: string): Promise<Manifest | { readonly problem: string } | undefined> {
  try {
    if ((await stat(path)).size > LONGEST_MANIFEST) return { problem: "is too long" };
    const parsed = manifestSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
    return parsed.success ? parsed.data : { problem: "is no description of a package" };
  } catch (error) {
    return error instanceof SyntaxError ? { problem: "is not JSON" } : undefined;
  }
}

interface Read {
  /** Links followed. */
  readonly folder: string;
  readonly path: string;
  readonly packageName: string;
  readonly manifest: Manifest;
  readonly settings: z.infer<typeof settingsSchema>;
}

async function findingOf({ folder, path, packageName, manifest, settings }: Read): Promise<PackageFinding> {
  const isInstalled = folder.split(sep).includes("node_modules");
  const entry = (isInstalled ? undefined : settings.source) ?? settings.plugin ?? programIn(manifest.bin, packageName) ?? settings.source;
  const name = settings.name ?? nameIn(packageName) ?? nameOfFile(settings.plugin ?? entry ?? "");
  if (entry === undefined) {
    return problem(
      packageName,
      name,
      `${path} does not say which file the plugin is: add "tspack": { "plugin": "dist/packer-plugin-NAME" }`,
    );
  }
  if (name === undefined || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    const found = name === undefined ? "" : `, and not ${JSON.stringify(name)}`;
    return problem(
      packageName,
      undefined,
      `${path} has to say what the plugin is called, in lower-case letters, digits and single dashes${found}: add "name" to "tspack"`,
    );
  }
  const file = await realpath(resolve(folder, entry)).catch(() => undefined);
  const isFile = file !== undefined && (await stat(file)).isFile();
  if (!isFile)
    return problem(packageName, name, `${JSON.stringify(entry)}, which ${path} names, is not there: build or install the package again`);
  const way = relative(folder, file);
  if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    return problem(packageName, name, `${JSON.stringify(entry)}, which ${path} names, is outside of the package`);
  }
  const isDevelopment = !isInstalled || entry === settings.source;
  const { replaces = [] } = settings;
  return { plugin: { name, packageName, version: manifest.version ?? "", file, manifest: path, isDevelopment, replaces } };
}

/** The program of a package: its only one, or the one that is called like the plugin. */
function programIn(bin: Manifest["bin"], packageName: string): string | undefined {
  if (bin === undefined || !isPluginPackageName(packageName)) return undefined;
  if (typeof bin === "string") return bin;
  const programs = Object.entries(bin);
  const [only] = programs;
  if (programs.length === 1) return only?.[1];
  return bin[`packer-plugin-${nameIn(packageName) ?? ""}`] ?? bin[packageName.replace(/^@[^/]+\//, "")];
}

function nameIn(packageName: string): string | undefined {
  return /^(?:@[^/]+\/)?tspack-plugin-(.+)$/.exec(packageName)?.[1];
}

/** `hello` of `dist/packer-plugin-hello`. */
function nameOfFile(file: string): string | undefined {
  const found = parsePluginFileName(basename(file).replace(/\.([cm]?[jt]s|exe)$/i, ""), { os: "linux", architecture: "" });
  return found?.form === "plain" || found?.form === "installed" ? found.name : undefined;
}

function problem(packageName: string, name: string | undefined, what: string): PackageFinding {
  return { problem: { packageName, name, text: `The package ${packageName} is no plugin that can be used: ${what}.` } };
}
