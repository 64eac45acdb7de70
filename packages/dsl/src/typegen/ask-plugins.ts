// Asks plugins for what the types of their components are printed from.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  askForSpecs,
  type ComponentKind,
  type ConfigSpec,
  errorText,
  type FoundPlugin,
  type PluginCatalog,
  type Requirements,
  type ToldComponent,
} from "@tspack/core";
import { documentOutput, documentSpec } from "./documentation/document-spec.ts";
import { type DocumentationFiles, findPage } from "./documentation/pages.ts";
import type { TypedComponent } from "./print-module.ts";
import { sortSpec } from "./sort-spec.ts";
import { type PluginTypes, typeFileName } from "./type-files.ts";

/** Whom to ask, and what for. */
export interface AskPluginsOptions {
  readonly catalog: PluginCatalog;
  readonly requirements?: Requirements | undefined;
  /** For the plugins. */
  readonly environment: { readonly [name: string]: string | undefined };
  readonly workingDirectory: string;
  /** Components that have types already: those that are built in. */
  readonly isKnown: (kind: ComponentKind, type: string) => boolean;
  /** The documentation of a plugin, where there is some. May reject: then there is none. */
  readonly documentation?: ((plugin: FoundPlugin) => Promise<DocumentationFiles | undefined>) | undefined;
  readonly signal: AbortSignal;
}

/** What plugins answered. */
export interface PluginAnswers {
  readonly types: readonly PluginTypes[];
  /** Packages that bring types of their own. */
  readonly packages: readonly string[];
  /** Whole sentences about components without types. */
  readonly problems: readonly string[];
  /** Whole sentences about what types lack. */
  readonly remarks: readonly string[];
  /** Files of types of components that could not be asked: what is there may still be right. */
  readonly kept: readonly string[];
}

/** Plugins that are asked at the same time. */
const MOST_AT_ONCE = 4;

/**
 * Asks each plugin for the options of its components, a few plugins at a time. Of components of one name the first counts, as in a build.
 * What one plugin fails at is among the problems; rejects only when cancelled.
 */
export async function askPlugins(plugins: readonly FoundPlugin[], options: AskPluginsOptions): Promise<PluginAnswers> {
  const seen = new Set<string>();
  const packages: string[] = [];
  const tasks: (() => Promise<Answer>)[] = [];
  for (const plugin of plugins) {
    const fresh = plugin.components.filter(({ kind, type }) => !options.isKnown(kind, type) && !seen.has(`${kind} ${type}`));
    for (const { kind, type } of fresh) seen.add(`${kind} ${type}`);
    if (plugin.package !== undefined && (await hasOwnTypes(plugin.package.folder))) packages.push(plugin.package.name);
    else if (fresh.length > 0) tasks.push(() => askPlugin({ ...plugin, components: fresh }, options));
  }
  const answers: Answer[] = new Array(tasks.length);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < tasks.length; index = next++) {
      const answer = await tasks[index]?.();
      if (answer !== undefined) answers[index] = answer;
    }
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, work));
  return {
    types: answers.flatMap(({ types }) => types),
    packages,
    problems: answers.flatMap(({ problems }) => problems),
    remarks: answers.flatMap(({ remarks }) => remarks),
    kept: answers.flatMap(({ kept }) => kept),
  };
}

/** What a plugin is called in messages: `github.com/hashicorp/docker v1.1.0`, its package, or the name of its file. */
export function pluginTitle({ source, version, name, package: from }: FoundPlugin): string {
  const what = source ?? from?.name ?? `the plugin ${name}`;
  return version === undefined || version === "" ? what : `${what} v${version}`;
}

// --- internal ---

type Answer = Omit<PluginAnswers, "packages">;

async function askPlugin(plugin: FoundPlugin, options: AskPluginsOptions): Promise<Answer> {
  const { environment, workingDirectory, signal, catalog, requirements } = options;
  const title = pluginTitle(plugin);
  const types: PluginTypes[] = [];
  const problems: string[] = [];
  const remarks: string[] = [];
  const kept: string[] = [];
  const fail = (about: string, { kind, type }: FoundPlugin["components"][number], error: unknown): void => {
    signal.throwIfAborted();
    problems.push(`${about}: ${errorText(error)}.`);
    const file = typeFileName(kind, type);
    if (file !== undefined) kept.push(file);
  };
  const noDocumentation = (error: unknown): undefined => {
    signal.throwIfAborted();
    remarks.push(`The documentation of ${title} is not used: ${errorText(error)}.`);
  };
  // Who tells descriptions needs none.
  const pages = plugin.tellsSpecs ? undefined : await options.documentation?.(plugin).catch(noDocumentation);
  let told: readonly ToldComponent[] = [];
  try {
    if (plugin.tellsSpecs) told = await askForSpecs(plugin.file, { environment, workingDirectory, signal });
  } catch (error) {
    for (const component of plugin.components) fail(`${title} has no types of its ${component.kind} ${component.type}`, component, error);
    return { types, problems, remarks, kept };
  }
  // Its processes end with it, before those of other plugins start.
  const view = catalog.open({ style: "typed", requirements, environment, workingDirectory });
  try {
    for (const component of plugin.components) {
      const { kind, type, inside } = component;
      if (typeFileName(kind, type) === undefined) {
        problems.push(`${title} has a ${kind} with a name that no file can have: ${JSON.stringify(type.slice(0, 100))}.`);
        continue;
      }
      try {
        const found = told.find((one) => one.kind === kind && one.inside === inside) ?? (await specsOf(view, kind, type));
        signal.throwIfAborted();
        if (found === undefined) continue;
        const page = pages === undefined ? undefined : findPage(pages, component);
        const { options: spec, output, description } = found;
        const documented = page === undefined ? { spec, output } : { spec: documentSpec(spec, page), output: withDocs(output, page) };
        types.push({ plugin: title, component: { kind, type, ...documented, description, link: linkTo(plugin, component) } });
      } catch (error) {
        fail(`The ${kind} ${type} of ${title} has no types`, component, error);
      }
    }
  } finally {
    await view.close();
  }
  return { types, problems, remarks, kept };
}

function withDocs(output: ConfigSpec | undefined, page: string): ConfigSpec | undefined {
  return output === undefined ? undefined : documentOutput(output, page);
}

type Told = Pick<ToldComponent, "options" | "output"> & { readonly description?: string | undefined };

async function specsOf(view: Pick<PluginCatalog, "find">, kind: ComponentKind, type: string): Promise<Told | undefined> {
  const factory = await view.find(kind, type);
  const options = await factory?.configSpec();
  if (factory === undefined || options === undefined) return undefined;
  const output = await factory.outputSpec?.();
  return { options: sortSpec(options), output: output === undefined ? undefined : sortSpec(output) };
}

/** Where a component is documented, by the address of its plugin. */
function linkTo({ source = "" }: FoundPlugin, { kind, type, inside }: FoundPlugin["components"][number]): TypedComponent["link"] {
  const [host, owner, name, ...more] = source.split("/");
  if (host !== "github.com" || owner === undefined || name === undefined || more.length > 0) return undefined;
  if (owner !== "hashicorp") return `https://github.com/${owner}/packer-plugin-${name}`;
  const folder = kind === "datasource" ? "data-source" : kind;
  return `https://developer.hashicorp.com/packer/integrations/hashicorp/${name}/latest/components/${folder}/${inside ?? type}`;
}

/** True for a package whose `package.json` names declarations that are there. */
async function hasOwnTypes(folder: string): Promise<boolean> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const named = isRecord(manifest) ? [manifest.types, manifest.typings, typesIn(manifest.exports)] : [];
    return named.some((one) => typeof one === "string" && existsSync(resolve(folder, one)));
  } catch {
    // Its types are printed from what it says then.
    return false;
  }
}

/** The declarations of the package's main entry. */
function typesIn(exported: unknown): unknown {
  if (!isRecord(exported)) return undefined;
  const main = exported["."] ?? exported;
  return isRecord(main) ? main.types : undefined;
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
