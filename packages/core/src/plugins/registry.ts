// All plugins of this machine, by the names of their components (plugin-protocol section 13.4, rows PLG-07 to PLG-10).
import { basename } from "node:path";
import type { Requirements } from "../program/program.ts";
import type { ComponentKind } from "../sdk/component.ts";
import { type ChosenPlugin, chooseInstalled } from "./choose.ts";
import { DEFAULT_COMPONENT, type DescribeOptions, describeUnverified, type PluginDescription } from "./describe.ts";
import { type PluginPlaces, pluginDirectories } from "./directories.ts";
import { type DiscoveredFiles, discoverFiles, type InstalledFile } from "./discovery.ts";
import { currentPlatform } from "./file-name.ts";
import type { PluginComponent } from "./plugin-component.ts";
import type { PluginLogger } from "./plugin-log.ts";
import { parseConstraint } from "./version.ts";

export type RequiredPlugins = NonNullable<Requirements["required_plugins"]>;

/** A component that a program or test names with its command line. */
export interface ExplicitComponent {
  readonly kind: ComponentKind;
  readonly type: string;
  /** Serves that one component when it is started, as plugins before Packer 1.7 did. */
  readonly command: readonly [string, ...string[]];
}

export interface RegistryOptions extends PluginPlaces, Pick<DescribeOptions, "cacheDirectory"> {
  readonly components?: readonly ExplicitComponent[] | undefined;
  readonly ignorePrereleases?: boolean | undefined;
  /** Ask every plugin for specifications in gob, also those that can do better. */
  readonly forceGob?: boolean | undefined;
  readonly log: PluginLogger;
}

/** A component that was found. */
export interface FoundComponent {
  readonly component: PluginComponent;
  /** Its file has no checksum that vouches for it. */
  readonly isUnverified: boolean;
}

/** A required plugin that no installed file satisfies. */
export interface MissingPlugin {
  readonly name: string;
  readonly source: string;
  readonly version: string;
  /** Files of that plugin, and why each is not used. */
  readonly notes: readonly string[];
}

/** Knows the plugins of this machine. Looks at folders once, and at a plugin when one of its components may be meant. */
export class PluginRegistry {
  readonly #options: RegistryOptions;
  #files: Promise<DiscoveredFiles> | undefined;
  readonly #chosen = new Map<string, Promise<ChosenPlugin | undefined>>();
  readonly #plain = new Map<string, Promise<PluginDescription>>();
  readonly #notes = new Map<string, Map<string, string>>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** A component that the user put in its place by hand: it wins over what is built in, as single components do in Packer 1.6. */
  async findSingle(kind: ComponentKind, type: string): Promise<FoundComponent | undefined> {
    const explicit = this.#options.components?.find((one) => one.kind === kind && one.type === type);
    if (explicit !== undefined) {
      const { command: argv } = explicit;
      return { component: { kind, type, argv, title: `the plugin ${basename(argv[0])}`, form: "gob" }, isUnverified: false };
    }
    const { single } = await this.#discover();
    const file = single.find((one) => one.kind === kind && one.type === type)?.file;
    if (file === undefined) return undefined;
    return { component: { kind, type, argv: [file], title: `the plugin ${basename(file)}`, form: "gob" }, isUnverified: true };
  }

  /** A component of a plugin of many: of the required ones first, then of every other one. */
  async findMulti(kind: ComponentKind, type: string, required: RequiredPlugins): Promise<FoundComponent | undefined> {
    for (const [name] of Object.entries(required)) {
      const component = componentName(name, type);
      const chosen = component === undefined ? undefined : await this.#required(name, required);
      if (chosen !== undefined && has(chosen.description, kind, component)) return this.#found(kind, type, chosen, component);
    }
    const { plain } = await this.#discover();
    const others = await this.#others(required);
    for (const name of namesOf(others)) {
      const component = componentName(name, type);
      const chosen = component === undefined ? undefined : await this.#newest(name, others);
      if (chosen !== undefined && has(chosen.description, kind, component)) return this.#found(kind, type, chosen, component);
    }
    for (const { name, file } of plain) {
      const component = componentName(name, type);
      const description = component === undefined ? undefined : await this.#describePlain(file);
      if (description === undefined || component === undefined || !has(description, kind, component)) continue;
      return { component: this.#start(kind, type, file, description, component), isUnverified: true };
    }
    return undefined;
  }

  /** Every name of a kind that plugins serve. Describes all of them. */
  async names(kind: ComponentKind, required: RequiredPlugins): Promise<readonly string[]> {
    const { plain, single } = await this.#discover();
    const others = await this.#others(required);
    const names = new Set([...(this.#options.components ?? []), ...single].filter((one) => one.kind === kind).map(({ type }) => type));
    const add = (prefix: string, description: PluginDescription | undefined): void => {
      if (description === undefined) return;
      for (const one of componentsOf(description, kind)) names.add(one === DEFAULT_COMPONENT ? prefix : `${prefix}-${one}`);
    };
    for (const name of Object.keys(required)) add(name, (await this.#required(name, required))?.description);
    for (const name of namesOf(others)) add(name, (await this.#newest(name, others))?.description);
    // One that does not describe itself is reported when it is meant, not in a list of names.
    for (const { name, file } of plain) add(name, await this.#describePlain(file).catch(() => undefined));
    return [...names].sort();
  }

  /** Required plugins that cannot be used. */
  async missing(required: RequiredPlugins): Promise<readonly MissingPlugin[]> {
    const missing: MissingPlugin[] = [];
    for (const [name, { source, version }] of Object.entries(required)) {
      if ((await this.#required(name, required)) !== undefined) continue;
      const notes = [...(this.#notes.get(requirementKey(source, version)) ?? [])].map(([file, why]) => `${file} is not used: ${why}.`);
      missing.push({ name, source, version, notes });
    }
    return missing;
  }

  /** Why files of plugins that could have had a component of this name are not used. */
  async notesAbout(type: string): Promise<readonly string[]> {
    const { installed } = await this.#discover();
    const names = namesOf(installed).filter((name) => componentName(name, type) !== undefined);
    return names.flatMap((name) => {
      const files = installed.filter((one) => one.name === name);
      return [...(this.#notes.get(newestKey(name, files)) ?? [])].map(([file, why]) => `${file} is not used: ${why}.`);
    });
  }

  // --- internal ---

  #discover(): Promise<DiscoveredFiles> {
    this.#files ??= discoverFiles(pluginDirectories(this.#options), currentPlatform());
    return this.#files;
  }

  /** Installed plugins that are not required: of those the required version counts, or none. */
  async #others(required: RequiredPlugins): Promise<readonly InstalledFile[]> {
    const { installed } = await this.#discover();
    const sources = new Set(Object.values(required).map(({ source }) => source.toLowerCase()));
    return sources.size === 0 ? installed : installed.filter(({ source }) => !sources.has(source.toLowerCase()));
  }

  /** The file that satisfies a requirement. */
  async #required(name: string, required: RequiredPlugins): Promise<ChosenPlugin | undefined> {
    const requirement = required[name];
    if (requirement === undefined) return undefined;
    const { source, version } = requirement;
    const { installed } = await this.#discover();
    const files = installed.filter((one) => one.source.toLowerCase() === source.toLowerCase());
    return this.#choose(requirementKey(source, version), files, version);
  }

  #newest(name: string, installed: readonly InstalledFile[]): Promise<ChosenPlugin | undefined> {
    const files = installed.filter((one) => one.name === name);
    // Which files count depends on what is required.
    return this.#choose(newestKey(name, files), files);
  }

  #choose(key: string, files: readonly InstalledFile[], version?: string): Promise<ChosenPlugin | undefined> {
    const known = this.#chosen.get(key);
    if (known !== undefined) return known;
    const notes = new Map<string, string>();
    this.#notes.set(key, notes);
    const chosen = chooseInstalled(files, {
      ...this.#describeOptions(),
      ignorePrereleases: this.#options.ignorePrereleases,
      constraint: version === undefined ? undefined : parseConstraint(version),
      note: (file, why) => {
        notes.set(file, why);
        this.#options.log("info", "core", `plugin ${file}: ${why}`);
      },
    });
    this.#chosen.set(key, chosen);
    return chosen;
  }

  #describePlain(file: string): Promise<PluginDescription> {
    const description = this.#plain.get(file) ?? describeUnverified(file, this.#describeOptions());
    this.#plain.set(file, description);
    return description;
  }

  #describeOptions(): DescribeOptions {
    const { environment, workingDirectory, cacheDirectory } = this.#options;
    return { environment, workingDirectory, cacheDirectory };
  }

  #found(kind: ComponentKind, type: string, chosen: ChosenPlugin, component = DEFAULT_COMPONENT): FoundComponent {
    const { file, description, digest } = chosen;
    return { component: { ...this.#start(kind, type, file.file, description, component), digest }, isUnverified: false };
  }

  #start(kind: ComponentKind, type: string, file: string, description: PluginDescription, component: string): PluginComponent {
    // Plugins made with an SDK before 0.6.0 do not know the flag, and refuse it.
    const isProtobuf = description.protocolVersion === "v2" && this.#options.forceGob !== true;
    const argv: [string, ...string[]] = [file, "start", kind, ...(isProtobuf ? ["--protobuf"] : []), component];
    return { kind, type, argv, title: `the plugin ${basename(file)}`, form: isProtobuf ? "protobuf" : "gob" };
  }
}

// --- internal ---

function requirementKey(source: string, version: string): string {
  return `required ${source} ${version}`;
}

function newestKey(name: string, files: readonly InstalledFile[]): string {
  return ["newest", name, ...files.map(({ file }) => file)].join("\0");
}

function namesOf(installed: readonly InstalledFile[]): readonly string[] {
  return [...new Set(installed.map(({ name }) => name))].sort();
}

/** What a component is called inside the plugin if its name begins with the plugin's; undefined otherwise. */
function componentName(prefix: string, type: string): string | undefined {
  if (type === prefix) return DEFAULT_COMPONENT;
  return type.startsWith(`${prefix}-`) ? type.slice(prefix.length + 1) : undefined;
}

function has(description: PluginDescription, kind: ComponentKind, component: string | undefined): boolean {
  return component !== undefined && componentsOf(description, kind).includes(component);
}

function componentsOf(description: PluginDescription, kind: ComponentKind): readonly string[] {
  switch (kind) {
    case "builder":
      return description.builders;
    case "provisioner":
      return description.provisioners;
    case "post-processor":
      return description.postProcessors;
    case "datasource":
      return description.datasources;
  }
}
