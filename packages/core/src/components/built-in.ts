import type { ComponentFactory, ComponentKind } from "../sdk/component.ts";
import type { ComponentCatalog } from "./catalog.ts";

type Load = () => Promise<{ readonly default: ComponentFactory }>;

/** The components that are part of tspack. */
export interface BuiltInCatalog extends ComponentCatalog {
  names(kind: ComponentKind): readonly string[];
}

/** The components that are part of tspack. Each one's module is loaded when it is first asked for. */
export function builtInCatalog(): BuiltInCatalog {
  const known: { readonly [kind in ComponentKind]: { readonly [type: string]: Load } } = {
    builder: {
      file: () => import("./builders/file.ts"),
      null: () => import("./builders/null.ts"),
      rootfs: () => import("./builders/rootfs/index.ts"),
    },
    provisioner: {
      breakpoint: () => import("./provisioners/breakpoint.ts"),
      file: () => import("./provisioners/file.ts"),
      powershell: () => import("./provisioners/powershell.ts"),
      shell: () => import("./provisioners/shell.ts"),
      "shell-local": () => import("./provisioners/shell-local.ts"),
      sleep: () => import("./provisioners/sleep.ts"),
      "windows-restart": () => import("./provisioners/windows-restart.ts"),
      "windows-shell": () => import("./provisioners/windows-shell.ts"),
    },
    "post-processor": {
      artifice: () => import("./post-processors/artifice.ts"),
      checksum: () => import("./post-processors/checksum.ts"),
      compress: () => import("./post-processors/compress.ts"),
      manifest: () => import("./post-processors/manifest.ts"),
      "shell-local": () => import("./post-processors/shell-local.ts"),
    },
    datasource: {
      http: () => import("./datasources/http.ts"),
      null: () => import("./datasources/null.ts"),
    },
  };
  const loaded = new Map<string, Promise<ComponentFactory>>();
  return {
    async find(kind, type) {
      const load = Object.hasOwn(known[kind], type) ? known[kind][type] : undefined;
      if (load === undefined) return undefined;
      // Programs ask for the same few components thousands of times.
      const key = `${kind} ${type}`;
      const factory = loaded.get(key) ?? load().then((module) => module.default);
      loaded.set(key, factory);
      return factory;
    },
    names: (kind) => Object.keys(known[kind]).sort(),
  };
}
