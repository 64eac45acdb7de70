// Plugins whose files have no version in their names: named by the user one by one, put into a folder, or part of a package.
import { dirname } from "node:path";
import type { ComponentKind } from "../sdk/component.ts";
import { componentName, hasComponent } from "./component-names.ts";
import { type DescribeOptions, describePlugin, describeUnverified, type PluginDescription } from "./describe.ts";
import { digestOf } from "./digest.ts";
import type { PlainFile } from "./discovery.ts";
import type { ExplicitPlugin } from "./explicit.ts";
import { isSameAddress } from "./install/address.ts";
import type { PackageFinding, PackagePlugin } from "./package-plugin.ts";
import { findShipped, type PackagePlaces, type PackagePlugins, withShipped } from "./packages.ts";

/** A plugin of many components. */
export interface UnversionedPlugin {
  readonly name: string;
  readonly file: string;
  /** Of a plugin in a package: the package and its folder, and its version. */
  readonly package?: { readonly name: string; readonly folder: string } | undefined;
  readonly version?: string | undefined;
  /** Nothing vouches for its file: neither a checksum nor npm. */
  readonly isUnverified: boolean;
  /** Files whose digests vouch for what runs, so that answers may be remembered. */
  readonly vouchers?: readonly string[] | undefined;
  /** Addresses of plugins that it stands in for. */
  readonly replaces?: readonly string[] | undefined;
  /** Came with tspack. */
  readonly isShipped?: boolean | undefined;
}

/** A component in such a plugin. */
export interface UnversionedComponent {
  readonly plugin: UnversionedPlugin;
  readonly description: PluginDescription;
  /** What it is called inside the plugin. */
  readonly component: string;
  readonly digest: string | undefined;
}

export interface UnversionedOptions {
  /** Where packages are looked for. */
  readonly packages: PackagePlaces;
  readonly explicit: readonly ExplicitPlugin[];
  readonly describe: DescribeOptions;
}

/** Finds them once, and asks each at most once what it is. */
export class UnversionedPlugins {
  /** Those that the user named. */
  readonly explicit: readonly UnversionedPlugin[];
  readonly #options: UnversionedOptions;
  #packages: Promise<PackagePlugins> | undefined;
  #shipped: Promise<readonly PackageFinding[]> | undefined;
  readonly #described = new Map<string, Promise<Described>>();

  constructor(options: UnversionedOptions) {
    this.#options = options;
    this.explicit = options.explicit.flatMap((one) => (one.form === "multi" ? [{ ...one, isUnverified: true }] : []));
  }

  /** The plugin of this name that came with tspack, whether or not another one goes before it. */
  async shipped(name: string): Promise<PackagePlugin | undefined> {
    return (await this.#findShipped()).find(({ plugin }) => plugin?.name === name)?.plugin;
  }

  /** The given files, then plugins in packages, those that ship with tspack last. */
  async found(plain: readonly PlainFile[]): Promise<readonly UnversionedPlugin[]> {
    return [...plain.map(({ name, file }) => ({ name, file, isUnverified: true })), ...(await this.#inPackages())];
  }

  /** Plugins in packages that stand in for the one with an address. */
  async standIns(source: string): Promise<readonly UnversionedPlugin[]> {
    return (await this.#inPackages()).filter((plugin) => replaces(plugin, source));
  }

  /** What is wrong with packages that could have had a component of this name. */
  async problemsAbout(type: string): Promise<readonly string[]> {
    const { problems } = await this.#find();
    return problems.flatMap(({ name, text }) => (name === undefined || componentName(name, type) !== undefined ? [text] : []));
  }

  /** A component of the first plugin that has it. `name` is what the plugin is called in this program; its own name unless given. */
  async component(
    kind: ComponentKind,
    type: string,
    plugins: readonly UnversionedPlugin[],
    name?: string,
  ): Promise<UnversionedComponent | undefined> {
    for (const plugin of plugins) {
      const component = componentName(name ?? plugin.name, type);
      if (component === undefined) continue;
      const { description, digest } = await this.#describe(plugin);
      if (hasComponent(description, kind, component)) return { plugin, description, component, digest };
    }
    return undefined;
  }

  /** What a plugin says about itself. Throws a PluginError (TPK4001) when it does not. */
  async describe(plugin: UnversionedPlugin): Promise<PluginDescription> {
    return (await this.#describe(plugin)).description;
  }

  // --- internal ---

  #describe(plugin: UnversionedPlugin): Promise<Described> {
    const { describe: options } = this.#options;
    const described = this.#described.get(plugin.file) ?? askOnce(plugin, options);
    this.#described.set(plugin.file, described);
    return described;
  }

  async #inPackages(): Promise<readonly UnversionedPlugin[]> {
    const { plugins, shipped } = await this.#find();
    return [
      ...plugins.map((plugin) => inPackage(plugin, !plugin.isDevelopment)),
      // They are one file each, also in tspack's own repository.
      ...shipped.map((plugin) => ({ ...inPackage(plugin, true), isShipped: true })),
    ];
  }

  #find(): Promise<PackagePlugins> {
    const { packages } = this.#options;
    this.#packages ??= this.#findShipped().then((shipped) => withShipped(packages, shipped));
    return this.#packages;
  }

  #findShipped(): Promise<readonly PackageFinding[]> {
    this.#shipped ??= findShipped(this.#options.packages.ownPackage);
    return this.#shipped;
  }
}

/** True when a plugin stands in for the one with that address. */
export function replaces(plugin: Pick<UnversionedPlugin, "replaces">, source: string): boolean {
  return (plugin.replaces ?? []).some((one) => isSameAddress(one, source));
}

// --- internal ---

interface Described {
  readonly description: PluginDescription;
  readonly digest: string | undefined;
}

async function askOnce({ file, isUnverified, vouchers }: UnversionedPlugin, options: DescribeOptions): Promise<Described> {
  if (isUnverified) return { description: await describeUnverified(file, options), digest: undefined };
  const digest = vouchers === undefined ? undefined : (await Promise.all(vouchers.map(digestOf))).join("-");
  return { description: await describePlugin(file, digest, options), digest };
}

function inPackage({ name, file, manifest, packageName, version, replaces }: PackagePlugin, isVouched: boolean): UnversionedPlugin {
  return {
    name,
    file,
    version,
    package: { name: packageName, folder: dirname(manifest) },
    isUnverified: false,
    // The file may be one of many: those that it imports change with the version of the package.
    vouchers: isVouched ? [file, manifest] : undefined,
    replaces,
  };
}
