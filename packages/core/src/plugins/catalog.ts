// The catalog with plugins: what the user put in place by hand, then what is built in, then installed plugins, as Packer does
// (row PLG-09). Nothing is started that is not used.
import { builtInCatalog } from "../components/built-in.ts";
import type { CatalogUse, ComponentCatalog, OpenCatalog } from "../components/catalog.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Requirements } from "../program/program.ts";
import type { ComponentFactory } from "../sdk/component.ts";
import { componentName } from "./component-names.ts";
import { type PluginPlaces, pluginCacheDirectory } from "./directories.ts";
import type { ExplicitPlugin } from "./explicit.ts";
import { KnownSpecs } from "./known-specs.ts";
import type { PackagePlaces } from "./packages.ts";
import type { PluginComponent } from "./plugin-component.ts";
import type { PluginLogger } from "./plugin-log.ts";
import type { ProcessPool } from "./pool.ts";
import {
  type ExplicitComponent,
  type FoundComponent,
  type FoundPlugin,
  type MissingPlugin,
  PluginRegistry,
  type RequiredPlugins,
} from "./registry.ts";
import { standInText } from "./stand-in.ts";

/** Where plugins are found, and what is known of them before a run. */
export interface PluginCatalogOptions extends PluginPlaces, PackagePlaces {
  /** Components that are not plugins; the built-in ones unless given. */
  readonly builtIn?: ComponentCatalog | undefined;
  /** Path of the program's `tspack.lock`: plugins that it names are used in that version alone. */
  readonly lockFile?: string | undefined;
  /** Components with their command lines: they win over everything else. */
  readonly components?: readonly ExplicitComponent[] | undefined;
  /** Plugins that were named one by one (`explicitPlugin`): they win over all but `components`. */
  readonly plugins?: readonly ExplicitPlugin[] | undefined;
  /** Row FLG-14: leave out installed pre-releases. */
  readonly ignorePrereleases?: boolean | undefined;
  /** Ask every plugin for specifications in gob; as `PACKER_FORCE_GOB` says unless given (row ENV-08). */
  readonly forceGob?: boolean | undefined;
  /** JavaScript that starts plugins of ours in their place, with what was compiled of them before; see `launchCommand`. */
  readonly starter?: string | undefined;
  /** How long components may clean up after they were cancelled; ten minutes for builders and half a minute for others unless given. */
  readonly graceMs?: number | undefined;
  /** What to do about a required plugin that is missing: a whole sentence. */
  readonly missingHint?: string | undefined;
  /** Takes what plugins log before a run; nothing unless given. */
  readonly log?: PluginLogger | undefined;
}

/** A catalog with plugins. Close it at the end: it may have started some. */
export interface PluginCatalog extends OpenCatalog {
  open(use: CatalogUse): OpenCatalog;
  /** The plugins that a program with these requirements can use, and their components. */
  plugins(requirements?: Requirements): Promise<readonly FoundPlugin[]>;
  /** Why a required plugin cannot be used, of each a whole sentence. */
  missing(requirements: Requirements): Promise<readonly string[]>;
  /** What is used in place of a required plugin that is not installed, by the requirement's local name, as a whole sentence. */
  standIns(requirements: Requirements): Promise<ReadonlyMap<string, string>>;
}

/** A catalog with the plugins of this machine. Does nothing until a component is looked for. */
export function pluginCatalog(options: PluginCatalogOptions): PluginCatalog {
  const { environment, workingDirectory, log = () => undefined } = options;
  const cacheDirectory = pluginCacheDirectory(environment);
  const registry = new PluginRegistry({ ...options, forceGob: options.forceGob ?? isForcedGob(environment), log, cacheDirectory });
  const specs = new KnownSpecs(cacheDirectory);
  const builtIn = options.builtIn ?? builtInCatalog();
  const shared: Shared = { registry, specs, builtIn, log, missingHint: options.missingHint, graceMs: options.graceMs };
  // Before there is a run, specifications are asked for in the folder and with the environment of the caller.
  const loading = new CatalogView(shared, { style: "typed", environment, workingDirectory });
  return {
    find: (kind, type) => loading.find(kind, type),
    names: (kind) => loading.names(kind),
    advice: (kind, type) => loading.advice(kind, type),
    close: () => loading.close(),
    // What a run looks for it uses, nearly always.
    open: (use) => new CatalogView(shared, use, { startsEarly: true }),
    plugins: (requirements) => registry.plugins(requirements?.required_plugins ?? {}),
    missing: async ({ required_plugins = {} }) => (await registry.missing(required_plugins)).map(missingPluginText),
    standIns: async ({ required_plugins = {} }) =>
      new Map((await registry.standIns(required_plugins)).map((one) => [one.name, standInText(one)])),
  };
}

/** Required plugins that are missing, in words. */
export function missingPluginText({ name, source, version, notes }: MissingPlugin): string {
  const constraint = version === "" ? "" : ` ${version}`;
  return [`The required plugin ${JSON.stringify(name)} (${source}${constraint}) is not installed.`, ...notes].join(" ");
}

// --- internal ---

function isForcedGob({ PACKER_FORCE_GOB: forced = "" }: PluginCatalogOptions["environment"]): boolean {
  return forced !== "" && forced !== "0";
}

interface Shared {
  readonly registry: PluginRegistry;
  readonly specs: KnownSpecs;
  readonly builtIn: ComponentCatalog;
  readonly log: PluginLogger;
  readonly missingHint: string | undefined;
  readonly graceMs: number | undefined;
}

/** The components for one program or run, and the processes that it started. */
class CatalogView implements OpenCatalog {
  readonly #shared: Shared;
  readonly #use: CatalogUse;
  readonly #required: RequiredPlugins;
  /** A process is started as soon as it can be told that it will be needed. */
  readonly #startsEarly: boolean;
  readonly #pools: ProcessPool[] = [];
  #isClosed = false;
  readonly #found = new Map<string, Promise<ComponentFactory | undefined>>();

  constructor(shared: Shared, use: CatalogUse, { startsEarly = false }: { readonly startsEarly?: boolean } = {}) {
    this.#shared = shared;
    this.#use = use;
    this.#startsEarly = startsEarly;
    this.#required = use.requirements?.required_plugins ?? {};
  }

  find(...[kind, type]: Parameters<ComponentCatalog["find"]>): Promise<ComponentFactory | undefined> {
    const key = `${kind} ${type}`;
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const found = this.#lookUp(kind, type);
    this.#found.set(key, found);
    found.catch(() => this.#found.delete(key));
    return found;
  }

  async names(...[kind]: Parameters<ComponentCatalog["names"]>): Promise<readonly string[]> {
    const { builtIn, registry } = this.#shared;
    return [...new Set([...(await builtIn.names(kind)), ...(await registry.names(kind, this.#required))])].sort();
  }

  async advice(...[, type]: Parameters<NonNullable<ComponentCatalog["advice"]>>): Promise<string | undefined> {
    const { registry, missingHint } = this.#shared;
    const all = await registry.missing(this.#required);
    // The one by whose name it could be its own. When none is, any may be: its plugin may be required under another name.
    const meant = all.filter(({ name }) => componentName(name, type) !== undefined);
    const missing = (meant.length > 0 ? meant : all).map(missingPluginText);
    const notes = missing.length > 0 ? [...missing, ...(missingHint === undefined ? [] : [missingHint])] : await registry.notesAbout(type);
    return notes.length === 0 ? undefined : notes.join(" ");
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#pools.map((pool) => pool.close()));
  }

  async #lookUp(...[kind, type]: Parameters<ComponentCatalog["find"]>): Promise<ComponentFactory | undefined> {
    const { registry, builtIn } = this.#shared;
    const single = await registry.findSingle(kind, type);
    if (single !== undefined) return this.#factory(single);
    const own = await builtIn.find(kind, type);
    if (own !== undefined) return own;
    const early = this.#startsEarly ? this.#startEarly(kind, type) : undefined;
    let multi: FoundComponent | undefined;
    try {
      multi = await registry.findMulti(kind, type, this.#required);
    } finally {
      // The guess was wrong.
      if (multi === undefined) void early?.then((pool) => pool?.close());
    }
    return multi === undefined ? undefined : this.#factory(multi, await early);
  }

  /**
   * Starts the process of a component that is probably meant while it is found out what really is: that and the start take equally long.
   * What goes wrong is found out, and told, there.
   */
  async #startEarly(...[kind, type]: Parameters<ComponentCatalog["find"]>): Promise<ProcessPool | undefined> {
    try {
      const component = await this.#shared.registry.foresee(kind, type, this.#required);
      if (component === undefined) return undefined;
      const pool = await this.#pool(component);
      if (!this.#isClosed) pool.warm();
      return pool;
    } catch {
      return undefined;
    }
  }

  async #pool(component: PluginComponent): Promise<ProcessPool> {
    // Programs without plugins do not load what speaks to them.
    const { ProcessPool } = await import("./pool.ts");
    const pool = new ProcessPool(component, { ...this.#use, log: this.#use.log ?? this.#shared.log });
    this.#pools.push(pool);
    return pool;
  }

  async #factory({ component, isUnverified }: FoundComponent, early?: ProcessPool): Promise<ComponentFactory> {
    const isMeant = early?.confirm(component) === true;
    if (!isMeant) void early?.close();
    const pool = isMeant ? early : await this.#pool(component);
    const { remoteFactory } = await import("./remote-factory.ts");
    // For every use: which one is prepared first is chance. What was told already is left out in the order of declaration.
    const notices = (): readonly Diagnostic[] => (isUnverified ? [unverified(component)] : []);
    return remoteFactory({ pool, style: this.#use.style, notices, specs: this.#shared.specs, graceMs: this.#shared.graceMs });
  }
}

/** That a file is used which nothing vouches for. */
function unverified({ title, file }: PluginComponent): Diagnostic {
  const detail = `${title} is ${file}. No checksum file says what it has to be.`;
  return {
    severity: "warning",
    code: "TPK4006",
    summary: "Plugin not verified",
    detail: detail.charAt(0).toUpperCase() + detail.slice(1),
    path: [],
  };
}
