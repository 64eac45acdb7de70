import { currentLoad } from "./context.ts";

/** What HCL's `packer` block says. */
export interface PackerSettings {
  /** Versions of tspack that can run this: `">= 1.2"`. */
  readonly required_version?: string | undefined;
  /** Plugins by the name that components start with. */
  readonly required_plugins?: { readonly [name: string]: { readonly version: string; readonly source: string } } | undefined;
  /**
   * Files with the public OpenPGP keys of plugin authors, from the folder of the program. Where there are some, `tspack init` installs
   * only what one of them has signed.
   */
  readonly trusted_keys?: readonly string[] | undefined;
}

/** Says what the program needs. Several calls, from several modules, add up. Outside a load there is nobody to tell. */
export function packer(settings: PackerSettings): void {
  const load = currentLoad();
  if (load === undefined) return;
  const before = load.requirements;
  const versions = [before?.required_version, settings.required_version].filter((version) => version !== undefined);
  const plugins = { ...before?.required_plugins, ...settings.required_plugins };
  const hasPlugins = Object.keys(plugins).length > 0;
  const keys =
    before?.trusted_keys === undefined && settings.trusted_keys === undefined
      ? undefined
      : [...(before?.trusted_keys ?? []), ...(settings.trusted_keys ?? [])];
  if (versions.length === 0 && !hasPlugins && keys === undefined) return;
  load.requirements = {
    required_version: versions.length === 0 ? undefined : versions.join(", "),
    required_plugins: hasPlugins ? plugins : undefined,
    trusted_keys: keys,
  };
}
