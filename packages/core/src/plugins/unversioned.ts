// Plugins whose files have no version in their names: named by the user one by one, put into a folder, or part of a package.
import { dirname } from "node:path";
import type { ComponentKind } from "../sdk/component.ts";
import { componentName, hasComponent } from "./component-names.ts";
import { type DescribeOptions, describePlugin, describeUnverified, type PluginDescription } from "./describe.ts";
import { digestOf } from "./digest.ts";
import type { PlainFile } from "./discovery.ts";
import type { ExplicitPlugin } from "./explicit.ts";
import { findPackages, type PackagePlugins } from "./packages.ts";

/** A plugin of many components. */
export interface UnversionedPlugin {
  readonly name: string;
  readonly file: string;
  /** Of a plugin in a package: the package and its folder, and its version. */
  readonly package?: { readonly name: string; readonly folder: string } | undefined;
  readonly version?: string | undefined;
  /** Nothing vouches for its file: neither a checksum nor npm. */
  readonly isUnverified: boolean;
  /** Vouches for what runs, so that answers may be remembered. */
  readonly digest?: string | undefined;
}

/** A component in such a plugin. */
export interface UnversionedComponent {
  readonly plugin: UnversionedPlugin;
  readonly description: PluginDescription;
  /** What it is called inside the plugin. */
  readonly component: string;
}

export interface UnversionedOptions {
  /** Where packages are looked for; see `findPackages`. None are unless given. */
  readonly program: string | undefined;
  readonly explicit: readonly ExplicitPlugin[];
  readonly describe: DescribeOptions;
}

/** Finds them once, and asks each at most once what it is. */
export class UnversionedPlugins {
  /** Those that the user named. */
  readonly explicit: readonly UnversionedPlugin[];
  readonly #options: UnversionedOptions;
  #packages: Promise<PackagePlugins> | undefined;
  readonly #described = new Map<string, Promise<PluginDescription>>();

  constructor(options: UnversionedOptions) {
    this.#options = options;
    this.explicit = options.explicit.flatMap((one) => (one.form === "multi" ? [{ ...one, isUnverified: true }] : []));
  }

  /** The given files, then plugins in packages. */
  async found(plain: readonly PlainFile[]): Promise<readonly UnversionedPlugin[]> {
    const { plugins } = await this.#find();
    const inPackages = plugins.map(async ({ name, file, manifest, isDevelopment, packageName, version }) => {
      // The file may be one of many: those that it imports change with the version of the package.
      const digest = isDevelopment ? undefined : `${await digestOf(file)}-${await digestOf(manifest)}`;
      return { name, file, version, package: { name: packageName, folder: dirname(manifest) }, isUnverified: false, digest };
    });
    return [...plain.map(({ name, file }) => ({ name, file, isUnverified: true })), ...(await Promise.all(inPackages))];
  }

  /** What is wrong with packages that could have had a component of this name. */
  async problemsAbout(type: string): Promise<readonly string[]> {
    const { problems } = await this.#find();
    return problems.flatMap(({ name, text }) => (name === undefined || componentName(name, type) !== undefined ? [text] : []));
  }

  /** A component of the first plugin that has it. */
  async component(kind: ComponentKind, type: string, plugins: readonly UnversionedPlugin[]): Promise<UnversionedComponent | undefined> {
    for (const plugin of plugins) {
      const component = componentName(plugin.name, type);
      if (component === undefined) continue;
      const description = await this.describe(plugin);
      if (hasComponent(description, kind, component)) return { plugin, description, component };
    }
    return undefined;
  }

  /** What a plugin says about itself. Throws a PluginError (TPK4001) when it does not. */
  describe({ file, digest, isUnverified }: UnversionedPlugin): Promise<PluginDescription> {
    const { describe } = this.#options;
    const description =
      this.#described.get(file) ?? (isUnverified ? describeUnverified(file, describe) : describePlugin(file, digest, describe));
    this.#described.set(file, description);
    return description;
  }

  // --- internal ---

  #find(): Promise<PackagePlugins> {
    const { program } = this.#options;
    this.#packages ??= program === undefined ? Promise.resolve({ plugins: [], problems: [] }) : findPackages(program);
    return this.#packages;
  }
}
