// The names of components: outside a plugin they begin with its name (plugin-protocol section 13.4).
import type { ComponentKind } from "../sdk/component.ts";
import { DEFAULT_COMPONENT, type PluginDescription } from "./describe.ts";

/** A component of a plugin. */
export interface PluginComponentName {
  readonly kind: ComponentKind;
  /** As the user names it. */
  readonly type: string;
  /** What it is called inside its plugin; undefined when it is called like the plugin. */
  readonly inside: string | undefined;
}

/** What a component is called inside the plugin if its name begins with the plugin's; undefined otherwise. */
export function componentName(prefix: string, type: string): string | undefined {
  if (type === prefix) return DEFAULT_COMPONENT;
  return type.startsWith(`${prefix}-`) ? type.slice(prefix.length + 1) : undefined;
}

/** True when a plugin has a component of that name inside it. */
export function hasComponent(description: PluginDescription, kind: ComponentKind, component: string): boolean {
  return componentsOf(description, kind).includes(component);
}

/** All components of a plugin that is called `name`. */
export function componentNames(name: string, description: PluginDescription): readonly PluginComponentName[] {
  return kinds.flatMap((kind) =>
    componentsOf(description, kind).map((one) => {
      const inside = one === DEFAULT_COMPONENT ? undefined : one;
      return { kind, type: inside === undefined ? name : `${name}-${inside}`, inside };
    }),
  );
}

// --- internal ---

const kinds = ["builder", "provisioner", "post-processor", "datasource"] as const satisfies readonly ComponentKind[];

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
