import type { ComponentFactory, ComponentKind } from "../sdk/component.ts";
import type { ComponentCatalog } from "./catalog.ts";

type Load = () => Promise<{ readonly default: ComponentFactory }>;

/** The components that are part of tspack. Each one's module is loaded when it is first asked for. */
export function builtInCatalog(): ComponentCatalog {
  const known: { readonly [kind in ComponentKind]: { readonly [type: string]: Load } } = {
    builder: {
      file: () => import("./builders/file.ts"),
      null: () => import("./builders/null.ts"),
      rootfs: () => import("./builders/rootfs/index.ts"),
    },
    provisioner: {
      breakpoint: () => import("./provisioners/breakpoint.ts"),
      "shell-local": () => import("./provisioners/shell-local.ts"),
      sleep: () => import("./provisioners/sleep.ts"),
    },
    "post-processor": {
      "shell-local": () => import("./post-processors/shell-local.ts"),
    },
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
