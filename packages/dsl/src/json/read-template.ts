import { type Diagnostic, didYouMean } from "@tspack/core";
import type { SourceText } from "../hcl/syntax/source-text.ts";
import { Problems } from "./problems.ts";
import { readPostProcessors, readProvisioner } from "./read-steps.ts";
import { requireType } from "./require-type.ts";
import { parseJsonTree } from "./syntax/parse.ts";
import { findProperty, type JsonNode, type JsonObject, type JsonProperty, type JsonString, rangeOf } from "./syntax/tree.ts";
import type { JsonBuilder, JsonTemplate, JsonVariable } from "./template.ts";

/** A template, as far as it can be read, with everything that is wrong with its structure. */
export interface ReadTemplate {
  /** Undefined when the file is no JSON object. */
  readonly template: JsonTemplate | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the structure of a legacy JSON template. Renders nothing, and does not ask for builders: `loadJson` does. */
export function readTemplateText(source: SourceText): ReadTemplate {
  const parsed = parseJsonTree(source);
  if (parsed.root === undefined) return { template: undefined, diagnostics: parsed.diagnostics };
  const problems = new Problems();
  const root = problems.object(parsed.root, "A template");
  const template = root === undefined ? undefined : new Reader(source, root, problems).read();
  return { template, diagnostics: [...parsed.diagnostics, ...problems.diagnostics] };
}

// --- internal ---

const keys = [
  "builders",
  "description",
  "error-cleanup-provisioner",
  "min_packer_version",
  "post-processors",
  "provisioners",
  "push",
  "sensitive-variables",
  "variables",
] as const;

type Key = (typeof keys)[number];

class Reader {
  readonly #source: SourceText;
  readonly #root: JsonObject;
  readonly #problems: Problems;
  readonly #found = new Map<Key, JsonProperty>();
  readonly #comments: JsonProperty[] = [];

  constructor(source: SourceText, root: JsonObject, problems: Problems) {
    this.#source = source;
    this.#root = root;
    this.#problems = problems;
  }

  read(): JsonTemplate {
    this.#sortKeys();
    const sensitiveVariables = this.#sensitiveVariables();
    const variables = this.#variables(new Set(sensitiveVariables.map(({ value }) => value)));
    this.#checkSensitive(sensitiveVariables, variables);
    const cleanup = this.#found.get("error-cleanup-provisioner");
    const push = this.#found.get("push");
    if (push !== undefined) this.#push(push);
    return {
      source: this.#source,
      root: this.#root,
      description: this.#text("description"),
      minPackerVersion: this.#text("min_packer_version"),
      variables,
      sensitiveVariables,
      builders: this.#builders(),
      provisioners: this.#list("provisioners").flatMap((node, index) => readProvisioner(node, `Provisioner ${index + 1}`, this.#problems)),
      errorCleanup: cleanup === undefined ? undefined : readProvisioner(cleanup.value, `"${cleanup.name}"`, this.#problems)[0],
      postProcessors: readPostProcessors(this.#list("post-processors"), this.#problems),
      comments: this.#comments,
    };
  }

  /** Tells the keys from comments and from what does not belong there. Packer takes keys in any case of letters. */
  #sortKeys(): void {
    for (const property of this.#root.properties) {
      const { name, value } = property;
      const key = keys.find((each) => each === name) ?? keys.find((each) => each === name.toLowerCase());
      if (name.startsWith("_")) {
        this.#comments.push(property);
        if (value.kind !== "string") this.#problems.unfit(value, `The comment ${JSON.stringify(name)}`, "text");
      } else if (key === undefined) {
        const hint = didYouMean(name, keys) ?? hclKeys[name] ?? "A comment's name begins with an underscore.";
        this.#problems.add(property, {
          summary: "Unknown key",
          detail: `A template has no key ${JSON.stringify(name)}.`,
          hint,
        });
      } else if (this.#found.has(key)) {
        this.#problems.add(property, {
          code: "TPK2202",
          summary: "Duplicate name",
          detail: `The template has ${JSON.stringify(key)} twice.`,
        });
      } else if (value.kind !== "null") this.#found.set(key, property);
    }
  }

  #list(key: Key): readonly JsonNode[] {
    const property = this.#found.get(key);
    return property === undefined ? [] : this.#problems.list(property.value, JSON.stringify(key));
  }

  #text(key: Key): JsonString | undefined {
    return this.#problems.text(this.#found.get(key)?.value, JSON.stringify(key));
  }

  #push({ name, value, ...place }: JsonProperty): void {
    if (this.#problems.object(value, JSON.stringify(name)) === undefined) return;
    this.#problems.add(place, {
      code: "TPK2207",
      severity: "warning",
      summary: "Outdated key",
      detail: `${JSON.stringify(name)} has no effect: it belonged to a service that is no more.`,
      hint: "Remove it.",
    });
  }

  #sensitiveVariables(): readonly JsonString[] {
    return this.#list("sensitive-variables").flatMap((node) => this.#problems.text(node, 'A name in "sensitive-variables"') ?? []);
  }

  #checkSensitive(names: readonly JsonString[], variables: readonly JsonVariable[]): void {
    const known = variables.map(({ name }) => name);
    for (const node of names) {
      if (known.includes(node.value)) continue;
      this.#problems.add(node, {
        severity: "warning",
        summary: "Unknown variable",
        detail: `"sensitive-variables" names ${JSON.stringify(node.value)}, and there is no variable with this name.`,
        hint: didYouMean(node.value, known),
      });
    }
  }

  #variables(sensitive: ReadonlySet<string>): readonly JsonVariable[] {
    const property = this.#found.get("variables");
    const node = property === undefined ? undefined : this.#problems.object(property.value, '"variables"');
    return (node?.properties ?? []).flatMap((variable) => {
      const { name, value } = variable;
      if (value.kind !== "string" && value.kind !== "null") {
        const isScalar = value.kind === "number" || value.kind === "boolean";
        const written = isScalar ? this.#source.text.slice(value.start, value.end) : undefined;
        const hint = written === undefined ? undefined : `Write it in quotes: ${JSON.stringify(written)}`;
        this.#problems.unfit(value, `The variable ${JSON.stringify(name)}`, "text or null", hint);
        return [];
      }
      return [{ name, property: variable, default: value.kind === "string" ? value : undefined, isSensitive: sensitive.has(name) }];
    });
  }

  #builders(): readonly JsonBuilder[] {
    const builders = this.#list("builders").flatMap((node, index) => this.#builder(node, `Builder ${index + 1}`) ?? []);
    const byName = new Map<string, JsonBuilder>();
    for (const builder of builders) {
      const first = byName.get(builder.rawName);
      if (first === undefined) byName.set(builder.rawName, builder);
      else {
        this.#problems.add(builder.nameNode ?? builder.node, {
          code: "TPK2202",
          summary: "Duplicate name",
          detail: `Another builder has the name ${JSON.stringify(builder.rawName)}${builder.nameNode === undefined ? ", which is its type," : ""} already.`,
          hint: `Give one of them a name of its own: "name": "…"`,
          related: [{ at: rangeOf(first.nameNode ?? first.node), message: "The other one stands here." }],
        });
      }
    }
    return builders;
  }

  #builder(value: JsonNode, what: string): JsonBuilder | undefined {
    const node = this.#problems.object(value, what);
    if (node === undefined) return undefined;
    const type = requireType(node, what, this.#problems);
    const nameNode = this.#problems.text(findProperty(node, "name")?.value, `"name" of ${what.toLowerCase()}`);
    if (type === undefined) return undefined;
    const options = node.properties.filter(({ name }) => name !== "type" && name !== "name");
    return { type, rawName: nameNode?.value || type, nameNode, node, options };
  }
}

/** What people write who know HCL. */
const hclKeys: { readonly [name: string]: string | undefined } = {
  packer: 'A JSON template names the least version as "min_packer_version", and needs no list of plugins.',
  source: 'Sources stand in the list "builders", each with its "type".',
  build: 'The steps of builds stand in "provisioners" and "post-processors" of the template itself.',
  locals: 'A JSON template has no locals: put the value into "variables".',
  variable: 'Variables stand in the object "variables".',
};
