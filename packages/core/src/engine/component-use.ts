import { unknownComponent } from "../components/lookup.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { ConfigError, errorText, PluginError } from "../diagnostics/error.ts";
import type { EventComponent } from "../events/event.ts";
import type { Scope } from "../program/deferred.ts";
import type { Config, Origin } from "../program/program.ts";
import { resolveConfig, resolvePartially } from "../program/resolve.ts";
import type { Component, ComponentKind, PackerVariables, PrepareRequest, PrepareResult } from "../sdk/component.ts";
import type { ConfigSpec } from "../sdk/config/spec.ts";
import { hintBesideProgram } from "./beside-program.ts";
import { hintOutdated } from "./outdated-options.ts";
import type { RunContext } from "./run-context.ts";

/** How a program uses a component. */
export interface ComponentUseOptions<C extends Component> {
  readonly kind: ComponentKind;
  readonly type: string;
  readonly config: Config;
  readonly packer: PackerVariables;
  readonly origin?: Origin | undefined;
  /** For diagnostics: `in provision("shell") of build "web"`. */
  readonly where: string;
  /** Label in the tree, unique within the build. */
  readonly step: string;
  readonly name?: string | undefined;
  readonly index?: number | undefined;
  /** Narrows what the catalog gives; see components/lookup.ts. */
  readonly as: (component: Component) => C;
}

/** One use of a component in a program: made, prepared with placeholders before anything starts, and again right before running. */
export class ComponentUse<C extends Component> {
  readonly options: ComponentUseOptions<C>;
  readonly #context: RunContext;
  #component: C | undefined;
  #spec: ConfigSpec | undefined;

  constructor(context: RunContext, options: ComponentUseOptions<C>) {
    this.#context = context;
    this.options = options;
  }

  get step(): string {
    return this.options.step;
  }

  /** As events name it. */
  get component(): EventComponent {
    const { kind, type, name, index } = this.options;
    return { kind, type, name, index };
  }

  /** Finds the component and prepares it with what is known. Never throws: what goes wrong is a diagnostic. */
  async prepareEarly(scope: Scope): Promise<PrepareResult> {
    try {
      const problem = await this.#make();
      if (problem !== undefined) return { diagnostics: [this.locate(problem)] };
      const { config, unknown } = resolvePartially(this.options.config, scope, this.#spec);
      return await this.#prepare({ config, unknown });
    } catch (error) {
      return { diagnostics: [this.preparationFailed(error)] };
    }
  }

  /** What kept the component from being prepared: a mistake of the user's code, at its place, or one of the component's. */
  preparationFailed(error: unknown): Diagnostic {
    const explained = this.explain(error);
    if (explained !== undefined) return explained;
    if (error instanceof PluginError) {
      const { code, hint } = error;
      const text = errorText(error);
      // What the plugin logged follows the message as it is.
      const detail = `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.includes("\n") ? "" : "."}`;
      return this.locate({ severity: "error", code, summary: "Plugin that cannot be used", detail, hint });
    }
    const detail = `${this.options.type} could not check its configuration: ${errorText(error)}.`;
    return this.locate({ severity: "error", code: "TPK3105", summary: "Preparation failed", detail });
  }

  /** An error that came out of the user's own code, as the front end explains it. */
  explain(error: unknown): Diagnostic | undefined {
    const explained = this.#context.explain(error);
    return explained === undefined ? undefined : this.locate(explained);
  }

  /** Prepares with real values and returns the component, ready to run. Throws a `ConfigError` with everything that is wrong. */
  async prepareToRun(scope: Scope): Promise<C> {
    const problem = await this.#make();
    if (problem !== undefined) throw configError([this.locate(problem)], this.options.where);
    const { diagnostics } = await this.#prepare({ config: resolveConfig(this.options.config, scope) });
    if (hasErrors(diagnostics)) throw configError(diagnostics, this.options.where);
    return this.#made();
  }

  /** The component, which was prepared before. */
  ready(): C {
    return this.#made();
  }

  /** The diagnostic with the place in the user's file that its path leads to. */
  locate(diagnostic: Diagnostic): Diagnostic {
    const { origin, where } = this.options;
    const subject = diagnostic.subject ?? origin?.locate(diagnostic.path ?? []) ?? origin?.locate([]);
    return { ...diagnostic, subject, where: diagnostic.where ?? where };
  }

  // --- internal ---

  async #make(): Promise<Diagnostic | undefined> {
    if (this.#component !== undefined) return undefined;
    const { kind, type, as } = this.options;
    const { catalog, specs, signal } = this.#context;
    const factory = await catalog.find(kind, type);
    if (factory === undefined) return unknownComponent(catalog, kind, type);
    const key = `${kind} ${type}`;
    if (!specs.has(key)) specs.set(key, await factory.configSpec(signal));
    this.#spec = specs.get(key);
    this.#component = as(await factory.create());
    return undefined;
  }

  #made(): C {
    if (this.#component === undefined) throw new ConfigError(`${this.options.type} was not prepared`);
    return this.#component;
  }

  async #prepare(request: Pick<PrepareRequest, "config" | "unknown">): Promise<PrepareResult> {
    const { packer } = this.options;
    const { run, signal, program } = this.#context;
    const result = await this.#made().prepare({ ...request, packer, run, signal });
    const diagnostics = result.diagnostics.map((found) =>
      this.locate(hintOutdated(hintBesideProgram(found, request.config, program, run.workingDirectory), program)),
    );
    return { ...result, diagnostics };
  }
}

/** One error for diagnostics that turned up too late to be shown with the others. */
export function configError(diagnostics: readonly Diagnostic[], where: string): ConfigError {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  const text = errors.map((error) => diagnosticText(error)).join("\n");
  return new ConfigError(`${where}: ${text}`, { diagnostics, code: errors[0]?.code ?? "TPK3105" });
}

/** A diagnostic in one line. */
export function diagnosticText(diagnostic: Diagnostic): string {
  return [diagnostic.detail ?? diagnostic.summary, diagnostic.hint].filter((part) => part !== undefined).join(" ");
}
