// What a plugin consists of, and the names of its components (plugin-protocol sections 2.1 and 13.4).
import { ConfigError } from "../../diagnostics/error.ts";
import type { Builder } from "../builder.ts";
import type { ComponentFactory, ComponentKind } from "../component.ts";
import type { Datasource } from "../datasource.ts";
import type { PostProcessor } from "../post-processor.ts";
import type { Provisioner } from "../provisioner.ts";

/** A plugin: its name, its version, and the components it serves, as `defineBuilder` and its like make them. */
export interface PluginDefinition {
  /**
   * Lower-case letters, digits and single dashes. Every component's type is this name, or begins with it and a dash: Packer finds
   * components by that.
   */
  readonly name: string;
  /** `1.2.3`, or `1.2.3-dev` while it is being written. */
  readonly version: string;
  readonly builders?: readonly ComponentFactory<Builder>[] | undefined;
  readonly provisioners?: readonly ComponentFactory<Provisioner>[] | undefined;
  readonly postProcessors?: readonly ComponentFactory<PostProcessor>[] | undefined;
  readonly datasources?: readonly ComponentFactory<Datasource>[] | undefined;
}

/** A component with the name that it has inside its plugin. */
export type NamedComponent = { readonly name: string } & (
  | { readonly kind: "builder"; readonly factory: ComponentFactory<Builder> }
  | { readonly kind: "provisioner"; readonly factory: ComponentFactory<Provisioner> }
  | { readonly kind: "post-processor"; readonly factory: ComponentFactory<PostProcessor> }
  | { readonly kind: "datasource"; readonly factory: ComponentFactory<Datasource> }
);

/** The components of a plugin. Throws a ConfigError (TPK1006) that says which name or version Packer would not find. */
export function componentsOf(plugin: PluginDefinition): readonly NamedComponent[] {
  const { name, version } = plugin;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw wrong(`the plugin's name ${JSON.stringify(name)} has to consist of lower-case letters, digits and single dashes`);
  }
  if (!/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$/.test(version)) {
    throw wrong(`the version ${JSON.stringify(version)} of the plugin ${name} has to be written like 1.2.3`);
  }
  const inside = (kind: ComponentKind, { type }: ComponentFactory): string => nameInside(name, kind, type);
  const components: readonly NamedComponent[] = [
    ...(plugin.builders ?? []).map((factory) => ({ kind: "builder" as const, name: inside("builder", factory), factory })),
    ...(plugin.provisioners ?? []).map((factory) => ({ kind: "provisioner" as const, name: inside("provisioner", factory), factory })),
    ...(plugin.postProcessors ?? []).map((factory) => ({
      kind: "post-processor" as const,
      name: inside("post-processor", factory),
      factory,
    })),
    ...(plugin.datasources ?? []).map((factory) => ({ kind: "datasource" as const, name: inside("datasource", factory), factory })),
  ];
  const seen = new Set<string>();
  for (const { kind, factory } of components) {
    const key = `${kind} ${JSON.stringify(factory.type)}`;
    if (seen.has(key)) throw wrong(`the plugin ${name} has two components called ${key}`);
    seen.add(key);
  }
  return components;
}

// --- internal ---

/** Stands for the component that is called like its plugin. */
const DEFAULT_COMPONENT = "-packer-default-plugin-name-";

function nameInside(plugin: string, kind: ComponentKind, type: string): string {
  if (type === plugin) return DEFAULT_COMPONENT;
  if (type.startsWith(`${plugin}-`) && /^[0-9A-Za-z-]+$/.test(type)) return type.slice(plugin.length + 1);
  throw wrong(`the ${kind} ${JSON.stringify(type)} of the plugin ${plugin} has to be called "${plugin}" or "${plugin}-…"`);
}

function wrong(message: string): ConfigError {
  return new ConfigError(message, { code: "TPK1006" });
}
