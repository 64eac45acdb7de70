// All plugins of this machine, by the names of their components (plugin-protocol section 13.4, rows PLG-07 to PLG-10).
import type { ComponentKind } from "../sdk/component.ts";
import type { ChosenPlugin } from "./choose.ts";
import { componentName, componentNames, hasComponent, type PluginComponentName } from "./component-names.ts";
import type { DescribeOptions, PluginDescription } from "./describe.ts";
import { type PluginPlaces, pluginDirectories } from "./directories.ts";
import { type DiscoveredFiles, discoverFiles } from "./discovery.ts";
import type { ExplicitPlugin } from "./explicit.ts";
import { currentPlatform } from "./file-name.ts";
import { InstalledPlugins, type RequiredPlugins } from "./installed-plugins.ts";
import type { PackagePlaces } from "./packages.ts";
import { componentOf, type PluginComponent, singleComponent } from "./plugin-component.ts";
import type { PluginLogger } from "./plugin-log.ts";
import { type StandIn, standInText } from "./stand-in.ts";
import { replaces, type UnversionedComponent, type UnversionedPlugin, UnversionedPlugins } from "./unversioned.ts";

export type { RequiredPlugins } from "./installed-plugins.ts";

/** A component that a program or test names with its command line. */
export interface ExplicitComponent {
  readonly kind: ComponentKind;
  readonly type: string;
  /** Serves that one component when it is started, as plugins before Packer 1.7 did. */
  readonly command: readonly [string, ...string[]];
}

export interface RegistryOptions extends PluginPlaces, PackagePlaces, Pick<DescribeOptions, "cacheDirectory"> {
  /** Path of the program's `tspack.lock`: plugins that it names are used in that version alone. */
  readonly lockFile?: string | undefined;
  readonly components?: readonly ExplicitComponent[] | undefined;
  /** Plugins that the user named one by one, for this use. */
  readonly plugins?: readonly ExplicitPlugin[] | undefined;
  readonly ignorePrereleases?: boolean | undefined;
  /** Ask every plugin for specifications in gob, also those that can do better. */
  readonly forceGob?: boolean | undefined;
  /** JavaScript that starts plugins of ours; see `launchCommand`. They start by themselves unless given. */
  readonly starter?: string | undefined;
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

/** A plugin and what it has, as a program with certain requirements sees it. */
export interface FoundPlugin {
  /** What the names of its components begin with: the local name of a requirement, else the name of its file. */
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  /** Its address, of an installed plugin. */
  readonly source?: string | undefined;
  /** Of an installed plugin, and of one in a package. */
  readonly version?: string | undefined;
  /** Required by the program. */
  readonly isRequired: boolean;
  /** Of a plugin that was installed with npm: its package, and the folder of that. */
  readonly package?: { readonly name: string; readonly folder: string } | undefined;
  /** It came with tspack. */
  readonly isShipped: boolean;
  /** It tells its options with their descriptions (`PLUGIN specs`). */
  readonly tellsSpecs: boolean;
  readonly components: readonly PluginComponentName[];
}

/** Knows the plugins of this machine. Looks at folders once, and at a plugin when one of its components may be meant. */
export class PluginRegistry {
  readonly #options: RegistryOptions;
  #files: Promise<DiscoveredFiles> | undefined;
  readonly #installed: InstalledPlugins;
  readonly #unversioned: UnversionedPlugins;
  readonly #told = new Set<string>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    const { plugins: explicit = [], environment, workingDirectory, cacheDirectory } = options;
    const describe: DescribeOptions = { environment, workingDirectory, cacheDirectory };
    this.#installed = new InstalledPlugins({ ...options, describe, discover: () => this.#discover() });
    this.#unversioned = new UnversionedPlugins({ packages: options, explicit, describe });
  }

  /**
   * A component that the user named, or put in its place by hand: it wins over what is built in, as single components do in Packer 1.6.
   */
  async findSingle(kind: ComponentKind, type: string): Promise<FoundComponent | undefined> {
    const { components = [], plugins = [] } = this.#options;
    const isMeant = (one: { readonly kind: ComponentKind; readonly type: string }): boolean => one.kind === kind && one.type === type;
    const given = components.find(isMeant);
    if (given !== undefined) {
      return { component: await singleComponent(kind, type, given.command[0], given.command), isUnverified: false };
    }
    const named = await this.#unversioned.component(kind, type, this.#unversioned.explicit);
    if (named !== undefined) return this.#inUnversioned(kind, type, named);
    const explicit = plugins.flatMap((one) => (one.form === "single" ? [one] : []));
    const { single } = await this.#discover();
    const file = [...explicit, ...single].find(isMeant)?.file;
    return file === undefined ? undefined : { component: await singleComponent(kind, type, file), isUnverified: true };
  }

  /**
   * A component of a plugin of many: of the required ones, or what stands in for them, first, then of every other one, then of packages.
   * Throws a PluginError (TPK4008) when it may be one of a required plugin whose locked version cannot be used.
   */
  async findMulti(kind: ComponentKind, type: string, required: RequiredPlugins): Promise<FoundComponent | undefined> {
    const missing: string[] = [];
    for (const [name, { source }] of Object.entries(required)) {
      const component = componentName(name, type);
      if (component === undefined) continue;
      const chosen = await this.#installed.required(name, required);
      if (chosen === undefined) {
        await this.#installed.refuseUnlocked(name, required);
        const inPlace = await this.#unversioned.component(kind, type, await this.#unversioned.standIns(source), name);
        if (inPlace !== undefined) {
          this.#tell(standInText({ name, source, plugin: inPlace.plugin }));
          return this.#inUnversioned(kind, type, inPlace);
        }
        missing.push(source);
      } else if (hasComponent(chosen.description, kind, component)) return this.#found(kind, type, chosen, component);
    }
    for (const name of await this.#installed.otherNames(required)) {
      const component = componentName(name, type);
      if (component === undefined) continue;
      const chosen = await this.#installed.newest(name, required);
      if (chosen !== undefined && hasComponent(chosen.description, kind, component)) {
        return this.#found(kind, type, chosen, component);
      }
    }
    const { plain } = await this.#discover();
    // What stands in for one plugin is no other one of the same name.
    const last = await this.#unversioned.component(
      kind,
      type,
      (await this.#unversioned.found(plain)).filter(
        (plugin) => (plugin.replaces ?? []).length === 0 || missing.every((source) => replaces(plugin, source)),
      ),
    );
    return last === undefined ? undefined : this.#inUnversioned(kind, type, last);
  }

  /**
   * How the builder is started that `findMulti` will answer, where that is of a plugin that came with tspack: going by the names of files and
   * plugins, before any is read or asked. It may turn out otherwise.
   */
  async foresee(kind: ComponentKind, type: string, required: RequiredPlugins): Promise<PluginComponent | undefined> {
    const { components = [], plugins = [], environment, forceGob, starter } = this.#options;
    // Whoever names or debugs plugins has others in mind.
    const isUsual = components.length + plugins.length === 0 && !environment.TSPACK_PLUGIN_DEBUG && forceGob !== true;
    if (kind !== "builder" || !isUsual) return undefined;
    const { installed, plain } = await this.#discover();
    if ([...installed, ...plain].some(({ name }) => componentName(name, type) !== undefined)) return undefined;
    const shipped = await this.#unversioned.shipped(type);
    const component = componentName(type, type);
    if (shipped === undefined || component === undefined) return undefined;
    const source = required[type]?.source;
    if (source !== undefined && (!replaces(shipped, source) || (await this.#installed.locked(source)) !== undefined)) return undefined;
    return componentOf({ kind, type, file: shipped.file, description: { protocolVersion: "v2" }, component, starter });
  }

  /** Every name of a kind that plugins serve. Describes all of them. */
  async names(kind: ComponentKind, required: RequiredPlugins): Promise<readonly string[]> {
    const { components = [] } = this.#options;
    const found = [...components, ...(await this.plugins(required)).flatMap((plugin) => plugin.components)];
    return [...new Set(found.filter((one) => one.kind === kind).map(({ type }) => type))].sort();
  }

  /** Every plugin that can be used, in the order in which components are looked for. Describes all of them. */
  async plugins(required: RequiredPlugins): Promise<readonly FoundPlugin[]> {
    const { plain, single } = await this.#discover();
    const found: FoundPlugin[] = [];
    const addUnversioned = async (plugins: readonly UnversionedPlugin[], requiredAs?: string): Promise<void> => {
      for (const plugin of plugins) {
        // One that does not describe itself is reported when it is meant, not in a list.
        const description = await this.#unversioned.describe(plugin).catch(() => undefined);
        const { file, version, package: inPackage } = plugin;
        const name = requiredAs ?? plugin.name;
        if (description === undefined || found.some((one) => one.file === file && one.name === name)) continue;
        // Under another name it has components that nobody knows.
        const isShipped = plugin.isShipped === true && name === plugin.name;
        found.push({
          name,
          file,
          version,
          isRequired: requiredAs !== undefined,
          package: inPackage,
          isShipped,
          ...about(name, description),
        });
      }
    };
    await addUnversioned(this.#unversioned.explicit);
    const explicit = (this.#options.plugins ?? []).flatMap((one) => (one.form === "single" ? [one] : []));
    for (const { kind, type, file } of [...explicit, ...single]) {
      found.push({
        name: type,
        file,
        isRequired: false,
        isShipped: false,
        tellsSpecs: false,
        components: [{ kind, type, inside: undefined }],
      });
    }
    const add = (name: string, chosen: ChosenPlugin | undefined, isRequired: boolean): void => {
      if (chosen === undefined) return;
      const { file, source, version } = chosen.file;
      found.push({ name, file, source, version, isRequired, isShipped: false, ...about(name, chosen.description) });
    };
    for (const name of Object.keys(required)) add(name, await this.#installed.required(name, required), true);
    for (const { name, plugin } of await this.standIns(required)) await addUnversioned([plugin], name);
    for (const name of await this.#installed.otherNames(required)) add(name, await this.#installed.newest(name, required), false);
    await addUnversioned(await this.#unversioned.found(plain));
    return found;
  }

  /** Required plugins that are not installed, and are not locked either, in whose place another one is used. */
  async standIns(required: RequiredPlugins): Promise<readonly StandIn[]> {
    const found: StandIn[] = [];
    for (const [name, { source }] of Object.entries(required)) {
      if ((await this.#installed.required(name, required)) !== undefined || (await this.#installed.locked(source)) !== undefined) continue;
      const [plugin] = await this.#unversioned.standIns(source);
      if (plugin !== undefined) found.push({ name, source, plugin });
    }
    return found;
  }

  /** Required plugins that cannot be used, and nothing stands in for. */
  async missing(required: RequiredPlugins): Promise<readonly MissingPlugin[]> {
    const missing: MissingPlugin[] = [];
    const standIns = await this.standIns(required);
    for (const [name, requirement] of Object.entries(required)) {
      const isUsable = (await this.#installed.required(name, required)) !== undefined || standIns.some((one) => one.name === name);
      if (!isUsable) missing.push({ name, ...requirement, notes: this.#installed.notesOn(requirement) });
    }
    return missing;
  }

  /** Why files and packages of plugins that could have had a component of this name are not used. */
  async notesAbout(type: string): Promise<readonly string[]> {
    return [...(await this.#installed.notesAbout(type)), ...(await this.#unversioned.problemsAbout(type))];
  }

  // --- internal ---

  /** Once: a program is loaded and then run. */
  #tell(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#options.log("info", "core", `${text} \`tspack init\` installs the one that is required.`);
  }

  #discover(): Promise<DiscoveredFiles> {
    this.#files ??= discoverFiles(pluginDirectories(this.#options), currentPlatform());
    return this.#files;
  }

  async #inUnversioned(kind: ComponentKind, type: string, found: UnversionedComponent): Promise<FoundComponent> {
    const { plugin, description, component, digest } = found;
    const { file, isUnverified } = plugin;
    const { forceGob, starter } = this.#options;
    return { component: await componentOf({ kind, type, file, description, component, digest, forceGob, starter }), isUnverified };
  }

  async #found(kind: ComponentKind, type: string, chosen: ChosenPlugin, component: string): Promise<FoundComponent> {
    const { description, digest } = chosen;
    const { file } = chosen.file;
    const { forceGob, starter } = this.#options;
    return { component: await componentOf({ kind, type, file, description, component, digest, forceGob, starter }), isUnverified: false };
  }
}

// --- internal ---

function about(name: string, description: PluginDescription): Pick<FoundPlugin, "components" | "tellsSpecs"> {
  return { components: componentNames(name, description), tellsSpecs: description.tellsSpecs };
}
