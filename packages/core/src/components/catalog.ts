import type { Requirements } from "../program/program.ts";
import type { ComponentFactory, ComponentKind } from "../sdk/component.ts";

/** Finds components by name. Core asks one catalog; plugins and built-in components stand behind it alike. */
export interface ComponentCatalog {
  find(kind: ComponentKind, type: string): Promise<ComponentFactory | undefined>;
  /** Every name of that kind, for suggestions and help. */
  names(kind: ComponentKind): readonly string[] | Promise<readonly string[]>;
  /** Why there is no component of that name although there might be one, and what to do: whole sentences. */
  advice?(kind: ComponentKind, type: string): Promise<string | undefined>;
  /** The same components for one program or run. A catalog without it has none that need to be stopped. */
  open?(use: CatalogUse): OpenCatalog;
}

/** Which program or run components are for. */
export interface CatalogUse {
  /** How the program's configurations were written; see `Program`. */
  readonly style: "typed" | "plain";
  readonly requirements?: Requirements | undefined;
  /** For programs that components consist of. */
  readonly environment: { readonly [name: string]: string | undefined };
  /** Absolute. */
  readonly workingDirectory: string;
  /** Takes what components log that cannot say it through a Ui: `source` names who says it. The catalog's own log unless given. */
  readonly log?: ((level: "debug" | "info" | "warn" | "error", source: string, text: string) => void) | undefined;
}

/** A catalog that has to be closed: stops every program that its components started. */
export interface OpenCatalog extends ComponentCatalog {
  close(): Promise<void>;
}
