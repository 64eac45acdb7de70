// The canonical Program, as `inspect --json` prints it and `convert --verify` compares it: two programs that mean the same give the
// same value, whichever front door they came through. One entry per build and source, with its provisioners and post-processors.
import { builtInCatalog } from "../components/built-in.ts";
import type { ComponentCatalog } from "../components/catalog.ts";
import { Redactor } from "../events/redact.ts";
import type { ComponentKind } from "../sdk/component.ts";
import type { ConfigSpec } from "../sdk/config/spec.ts";
import { applicableChains, applicableErrorCleanup, applicableProvisioners, configFor } from "./applies.ts";
import { type CanonicalOptions, canonicalConfig, canonicalValue } from "./canonical-value.ts";
import { probeScope } from "./probe.ts";
import {
  buildName,
  type Config,
  type PostProcessorDeclaration,
  type Program,
  type ProvisionerDeclaration,
  type SourceDeclaration,
} from "./program.ts";

/** Where the components of a canonical Program are found. */
export interface ProgramComponents {
  /** The built-in components unless given. */
  readonly catalog?: ComponentCatalog | undefined;
  /** For plugins that are asked for their options; none unless given. */
  readonly environment?: { readonly [name: string]: string | undefined } | undefined;
}

/** The canonical Program: plain data with sorted keys. Asks the catalog for specifications, and runs nothing. */
export async function canonicalProgram(
  program: Program,
  { catalog = builtInCatalog(), environment = {} }: ProgramComponents = {},
): Promise<unknown> {
  // Which plugin a name means depends on what the program requires.
  const { configStyle: style, requirements, root: workingDirectory } = program;
  const opened = catalog.open?.({ style, requirements, environment, workingDirectory });
  try {
    return sortKeys(await new CanonicalPrinter(program, opened ?? catalog).print());
  } finally {
    await opened?.close();
  }
}

// --- internal ---

class CanonicalPrinter {
  readonly #program: Program;
  readonly #catalog: ComponentCatalog;
  readonly #specs = new Map<string, Promise<ConfigSpec | undefined>>();
  readonly #outputs = new Map<string, ConfigSpec | undefined>();
  readonly #redactor: Redactor;

  constructor(program: Program, catalog: ComponentCatalog) {
    this.#program = program;
    this.#catalog = catalog;
    this.#redactor = new Redactor(program.secrets);
  }

  async print(): Promise<unknown> {
    const { variables, datasources, builds, requirements } = this.#program;
    for (const { type } of datasources) {
      const factory = await this.#catalog.find("datasource", type);
      this.#outputs.set(type, await factory?.outputSpec?.());
    }
    const sources = builds.flatMap((build) => build.sources.map((source) => ({ build, source })));
    return {
      requirements: printedRequirements(requirements),
      variables: variables
        .map(({ name, value, default: fallback, description, sensitive }) => ({
          name,
          value: sensitive ? "<sensitive>" : this.#value(value),
          default: sensitive && fallback !== undefined && fallback !== null ? "<sensitive>" : this.#value(fallback),
          description,
          sensitive,
        }))
        .sort(byName),
      datasources: await inOrder(
        [...datasources].sort((a, b) => byName({ name: `${a.type}.${a.name}` }, { name: `${b.type}.${b.name}` })),
        async ({ type, name, config }) => ({ type, name, config: await this.#config("datasource", type, config) }),
      ),
      builds: await inOrder(sources, async ({ build, source }) => ({
        // Without the name that one door alone displays.
        name: this.#redactor.text(buildName(build, { type: source.type, name: source.name })),
        build: build.name === "" ? undefined : this.#words(build.name),
        description: this.#words(build.description),
        registry: build.registry === undefined ? undefined : this.#value(build.registry),
        source: { type: source.type, name: source.name, config: await this.#config("builder", source.type, source.config) },
        provisioners: await inOrder(applicableProvisioners(source), (one) => this.#provisioner(one, source)),
        errorCleanup: await this.#errorCleanup(source),
        postProcessors: await inOrder(applicableChains(source), (chain) => inOrder(chain, (one) => this.#postProcessor(one))),
      })),
    };
  }

  async #errorCleanup(source: SourceDeclaration): Promise<unknown> {
    const declaration = applicableErrorCleanup(source);
    return declaration === undefined ? undefined : this.#provisioner(declaration, source);
  }

  async #provisioner(declaration: ProvisionerDeclaration, source: SourceDeclaration): Promise<unknown> {
    const { type, name, pause_before, timeout, max_retries, continue_on_error } = declaration;
    const common = this.#commonArguments({ pause_before, timeout, max_retries, continue_on_error });
    return { type, name: this.#words(name), ...common, config: await this.#config("provisioner", type, configFor(declaration, source)) };
  }

  async #postProcessor(declaration: PostProcessorDeclaration): Promise<unknown> {
    const { type, name, keep_input_artifact, config } = declaration;
    const common = this.#commonArguments({ keep_input_artifact });
    // A name equal to the type is the default (row META-08).
    return {
      type,
      name: name === type ? undefined : this.#words(name),
      ...common,
      config: await this.#config("post-processor", type, config),
    };
  }

  #commonArguments(given: Config): Config {
    return canonicalConfig(given, commonArguments, this.#options());
  }

  async #config(kind: ComponentKind, type: string, config: Config): Promise<Config> {
    return canonicalConfig(config, await this.#spec(kind, type), this.#options());
  }

  /** A name or description, which may be made of a secret too. */
  #words(text: string | undefined): string | undefined {
    return text === undefined ? undefined : this.#redactor.text(text);
  }

  #value(value: unknown): unknown {
    return canonicalValue(value, undefined, this.#options());
  }

  #options(): CanonicalOptions {
    return { scope: probeScope((type) => this.#outputs.get(type)), redact: (text) => this.#redactor.text(text) };
  }

  #spec(kind: ComponentKind, type: string): Promise<ConfigSpec | undefined> {
    const key = `${kind} ${type}`;
    const known = this.#specs.get(key);
    if (known !== undefined) return known;
    const asked = this.#catalog.find(kind, type).then((factory) => factory?.configSpec());
    this.#specs.set(key, asked);
    return asked;
  }
}

/** As far as they have one form: a duration may be text or a number of nanoseconds. */
const commonArguments: ConfigSpec = {
  options: {
    pause_before: { type: { kind: "string" }, required: false },
    timeout: { type: { kind: "string" }, required: false },
    max_retries: { type: { kind: "number" }, required: false },
    continue_on_error: { type: { kind: "bool" }, required: false },
    keep_input_artifact: { type: { kind: "bool" }, required: false },
  },
};

/** No plugins are as good as none mentioned. */
function printedRequirements(requirements: Program["requirements"]): Program["requirements"] {
  if (requirements === undefined) return undefined;
  const { required_version, required_plugins = {} } = requirements;
  const hasPlugins = Object.keys(required_plugins).length > 0;
  if (required_version === undefined && !hasPlugins) return undefined;
  return { required_version, required_plugins: hasPlugins ? required_plugins : undefined };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

async function inOrder<T, R>(items: readonly T[], convert: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await convert(item));
  return results;
}

/** Objects with sorted keys and without what is absent. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
  return Object.fromEntries(entries.sort(([a], [b]) => byName({ name: a }, { name: b })).map(([name, item]) => [name, sortKeys(item)]));
}
