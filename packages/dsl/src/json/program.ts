// From a template with rendered variables to the Program (rows JSN-01 to JSN-08, JSD-06, JSD-08, JSD-09, RUN-01, SEL-06).
import {
  type Config,
  didYouMean,
  type PostProcessorDeclaration,
  type Program,
  type ProvisionerDeclaration,
  type SourceDeclaration,
  type VariableDeclaration,
} from "@tspack/core";
import { jsonOrigin } from "./origin.ts";
import type { Problems } from "./problems.ts";
import type { OptionRenderer } from "./render.ts";
import type { JsonNode, JsonObject, JsonProperty, JsonString } from "./syntax/tree.ts";
import type { JsonBuilder, JsonFilters, JsonPostProcessor, JsonProvisioner, JsonTemplate } from "./template.ts";
import type { VariableText } from "./variables.ts";

/** What a Program is made of. */
export interface ProgramParts {
  readonly template: JsonTemplate;
  readonly variables: ReadonlyMap<string, VariableText>;
  /** Names that variables are made of, but that the template does not declare. */
  readonly required: ReadonlySet<string>;
  readonly renderer: OptionRenderer;
  readonly problems: Problems;
  /** Absolute; that of the working directory with `-` for a template of standard input. */
  readonly file: string;
  readonly root: string;
}

/** Makes the Program; what is wrong is added to the problems. */
export function jsonProgram(parts: ProgramParts): Program {
  return new ProgramMaker(parts).make();
}

// --- internal ---

/** A builder with its name rendered. */
interface NamedBuilder {
  readonly builder: JsonBuilder;
  readonly name: string;
}

class ProgramMaker {
  readonly #parts: ProgramParts;
  readonly #builders: readonly NamedBuilder[];
  /** `type.name` by the raw name of a builder. */
  readonly #fullNames: ReadonlyMap<string, string>;

  constructor(parts: ProgramParts) {
    this.#parts = parts;
    this.#builders = parts.template.builders
      .map((builder) => ({ builder, name: builder.nameNode === undefined ? builder.type : this.#name(builder.nameNode, builder.type) }))
      .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
    this.#fullNames = new Map(this.#builders.map(({ builder, name }) => [builder.rawName, `${builder.type}.${name}`]));
  }

  make(): Program {
    const { template, file, root } = this.#parts;
    this.#checkRenderedNames();
    const provisioners = template.provisioners.map((one) => this.#provisioner(one));
    const chains = template.postProcessors.map(({ members }) => members.map((one) => this.#postProcessor(one)));
    const errorCleanup = template.errorCleanup === undefined ? undefined : this.#errorCleanup(template.errorCleanup);
    const sources = this.#builders.map((named) => this.#source(named, provisioners, errorCleanup, chains));
    const variables = this.#variables();
    return {
      root,
      file,
      configStyle: "plain",
      templatePath: file,
      userVariables: Object.fromEntries([...this.#parts.variables].map(([name, { value }]) => [name, value])),
      variables,
      datasources: [],
      builds: [{ description: template.description?.value || undefined, sources, origin: jsonOrigin(template.root) }],
      secrets: [
        ...new Set([...this.#parts.variables.values()].flatMap(({ isTainted, value }) => (isTainted && value !== "" ? [value] : []))),
      ],
    };
  }

  #source(
    { builder, name }: NamedBuilder,
    provisioners: readonly ProvisionerDeclaration[],
    errorCleanup: ProvisionerDeclaration | undefined,
    postProcessors: readonly (readonly PostProcessorDeclaration[])[],
  ): SourceDeclaration {
    const { type, options, node } = builder;
    return {
      type,
      name,
      displayName: name === type ? name : `${type}.${name}`,
      config: this.#config(options),
      provisioners,
      errorCleanup,
      postProcessors,
      origin: jsonOrigin(node, `builder ${JSON.stringify(name)}`),
    };
  }

  #provisioner(given: JsonProvisioner): ProvisionerDeclaration {
    const { type, options, node, pauseBefore, timeout, override } = given;
    return {
      type,
      config: this.#config(options),
      pause_before: plainScalar(pauseBefore),
      timeout: plainScalar(timeout),
      max_retries: this.#maxRetries(given.maxRetries),
      ...this.#filters(given, type),
      override: override.length === 0 ? undefined : this.#override(override, type),
      origin: jsonOrigin(node, `provisioner ${JSON.stringify(type)}`),
    };
  }

  /** Its filters mean nothing (row JSN-03). */
  #errorCleanup(given: JsonProvisioner): ProvisionerDeclaration {
    return this.#provisioner({ ...given, only: undefined, except: undefined });
  }

  #postProcessor(given: JsonPostProcessor): PostProcessorDeclaration {
    const { type, name, node, options, keepInputArtifact } = given;
    return {
      type,
      name: name === "" ? undefined : name,
      config: this.#config(options),
      keep_input_artifact: keepInputArtifact,
      ...this.#filters(given, type),
      origin: jsonOrigin(node, `post-processor ${JSON.stringify(type)}`),
    };
  }

  #config(options: readonly JsonProperty[]): Config {
    return Object.fromEntries(
      options.filter(({ value }) => value.kind !== "null").map(({ name, value }) => [name, this.#parts.renderer.value(value)]),
    );
  }

  #filters({ only, except }: JsonFilters, type: string): Pick<ProvisionerDeclaration, "only" | "except"> {
    const named = (names: readonly JsonString[] | undefined, argument: string) =>
      names?.flatMap((node) => this.#fullName(node, node.value, `"${argument}" of ${JSON.stringify(type)}`) ?? []);
    return { only: named(only, "only"), except: named(except, "except") };
  }

  #override(given: JsonProvisioner["override"], type: string): { readonly [source: string]: Config } {
    return Object.fromEntries(
      given.flatMap(({ property, options }: { property: JsonProperty; options: JsonObject }) => {
        const name = this.#fullName(property, property.name, `"override" of ${JSON.stringify(type)}`);
        return name === undefined ? [] : [[name, this.#config(options.properties)] as const];
      }),
    );
  }

  /** `type.name` for the name of a builder as the template writes it. */
  #fullName(place: JsonString | JsonProperty, rawName: string, where: string): string | undefined {
    const name = this.#fullNames.get(rawName);
    if (name !== undefined) return name;
    const rendered = this.#builders.find((each) => each.name === rawName);
    this.#parts.problems.add(place, {
      code: "TPK3109",
      summary: "Unknown builder",
      detail: `${where} names ${JSON.stringify(rawName)}, and no builder is called that.`,
      hint:
        rendered === undefined
          ? didYouMean(rawName, this.#fullNames.keys())
          : `A filter names a builder as it is written, before calls are rendered: ${JSON.stringify(rendered.builder.rawName)}.`,
    });
    return undefined;
  }

  #name(node: JsonString, type: string): string {
    if (node.value === "") return type;
    const { renderer, problems } = this.#parts;
    const { text, isTainted } = renderer.known(node);
    if (isTainted) {
      problems.add(node, {
        summary: "Sensitive name",
        detail: "The name of a builder is made of a sensitive value, but it is shown everywhere.",
        hint: "Use another variable for the name.",
      });
    }
    // An empty name is none: a build without a name could not be chosen.
    return text === "" ? type : text;
  }

  #checkRenderedNames(): void {
    for (const [index, { name, builder }] of this.#builders.entries()) {
      if (index === 0 || this.#builders[index - 1]?.name !== name || builder.nameNode === undefined) continue;
      // Equal raw names were told when the template was read.
      if (this.#builders[index - 1]?.builder.rawName === builder.rawName) continue;
      this.#parts.problems.add(builder.nameNode, {
        code: "TPK2202",
        summary: "Duplicate name",
        detail: `Two builders have the name ${JSON.stringify(name)} once their names are rendered.`,
        hint: "Make the names different.",
      });
    }
  }

  #maxRetries(node: JsonNode | undefined): number | undefined {
    if (node === undefined || node.kind === "null") return undefined;
    const text = node.kind === "string" ? this.#parts.renderer.known(node).text.trim() : node.kind === "number" ? node.text : "";
    if (/^\d{1,9}$/.test(text)) return Number(text);
    this.#parts.problems.add(node, {
      summary: "Wrong kind of value",
      detail: '"max_retries" must be a whole number, or text that is one when it is rendered.',
    });
    return undefined;
  }

  #variables(): readonly VariableDeclaration[] {
    const { template, variables, required, renderer } = this.#parts;
    const declared = template.variables.map(({ name, property, isSensitive }): VariableDeclaration => {
      const {
        value,
        default: fallback,
        isTainted,
      } = variables.get(name) ?? { value: undefined, default: undefined, isTainted: isSensitive };
      // What is made of something sensitive is sensitive.
      return { name, value, default: fallback, sensitive: isTainted, origin: jsonOrigin(property.value) };
    });
    // A name that is used, though nobody declared it, is a variable all the same, and empty unless a value was given (row JSD-05).
    // One that other variables are made of has to be given.
    const used = [...new Set([...required, ...renderer.undeclared])].map((name): VariableDeclaration => {
      return { name, value: variables.get(name)?.value ?? "", default: required.has(name) ? undefined : "", sensitive: false };
    });
    return [...declared, ...used];
  }
}

function plainScalar(node: JsonNode | undefined): unknown {
  if (node?.kind === "number") return Number(node.text);
  return node?.kind === "string" ? node.value : undefined;
}
