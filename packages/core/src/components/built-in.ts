import type { ComponentFactory, ComponentKind } from "../sdk/component.ts";
import type { ComponentCatalog } from "./catalog.ts";

type Load = () => Promise<{ readonly default: ComponentFactory }>;

/** The components that are part of tspack. Each one's module is loaded when it is first asked for. */
export function builtInCatalog(): ComponentCatalog {
  const known: { readonly [kind in ComponentKind]: { readonly [type: string]: Load } } = {
    builder: {
      rootfs: () => import("./builders/rootfs/index.ts"),
    },
    provisioner: {},
    "post-processor": {},
    datasource: {},
  };
  return {
    async find(kind, type) {
      const load = Object.hasOwn(known[kind], type) ? known[kind][type] : undefined;
      return load === undefined ? undefined : (await load()).default;
    },
    names: (kind) => Object.keys(known[kind]).sort(),
  };
}
