import type { ComponentFactory, ComponentKind } from "../sdk/component.ts";

/** Finds components by name. Core asks one catalog; plugins and built-in components stand behind it alike. */
export interface ComponentCatalog {
  find(kind: ComponentKind, type: string): Promise<ComponentFactory | undefined>;
  /** Every name of that kind, for suggestions and help. */
  names(kind: ComponentKind): readonly string[];
}
