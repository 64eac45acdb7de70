// Packages that say which plugins they have the components of, and are used where those are required and not installed.
import type { UnversionedPlugin } from "./unversioned.ts";

/** A required plugin that is not installed, and the package in its place. */
export interface StandIn {
  /** The local name of the requirement. */
  readonly name: string;
  readonly source: string;
  readonly plugin: UnversionedPlugin;
}

/** What is used in place of a required plugin, as a sentence. */
export function standInText({ name, source, plugin }: StandIn): string {
  const { name: packageName = plugin.name } = plugin.package ?? {};
  const whose = plugin.isShipped === true ? "tspack's own" : "the package";
  return `The required plugin ${JSON.stringify(name)} (${source}) is not installed; ${whose} ${packageName} ${plugin.version ?? ""} stands in for it.`;
}
