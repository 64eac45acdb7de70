// From the specification of a component's options to the TypeScript interface that `image.ts` is checked with. What is printed
// how, and why, is settled: messages and completions in the editor depend on it. Two rules above all: every option is written
// out with `Input`, `List` or `Dict` rather than mapped by a library type, and a block is an interface without `Input` around it.
import type { ConfigSpec, OptionSpec, SpecType } from "@tspack/core";
import { type Documentation, docComment } from "./doc-comment.ts";
import { InterfaceNames, indent, pascalCase, propertyKey } from "./names.ts";

/** What the library types `Input`, `List` and `Dict` are needed for; printed modules import the ones that are used. */
export type LibraryType = "Input" | "List" | "Dict";

/** What is not in a specification. */
export interface ConfigShape {
  readonly without?: ReadonlySet<string> | undefined;
  readonly isOpen?: boolean | undefined;
}

/** Collects the interfaces of one module in the order in which they are needed. */
export class TypePrinter {
  readonly #names: InterfaceNames;
  readonly #interfaces: string[] = [];
  readonly #used = new Set<LibraryType>();

  constructor(names: InterfaceNames = new InterfaceNames()) {
    this.#names = names;
  }

  /** The interfaces printed so far. */
  get interfaces(): readonly string[] {
    return this.#interfaces;
  }

  /** The library types that they mention, sorted. */
  get used(): readonly LibraryType[] {
    return [...this.#used].sort();
  }

  /**
   * Prints the interface of a configuration and of every block in it. `stem` begins the names of those (`AmazonEbs`).
   * Options that core takes or supplies are left out: `packer_…`, and those named in `without`. An open one takes other names too.
   */
  config(name: string, stem: string, spec: ConfigSpec, about: Documentation, { without = new Set(), isOpen }: ConfigShape = {}): void {
    const options = Object.entries(spec.options).filter(([option]) => !option.startsWith("packer_") && !without.has(option));
    // The place is taken now: the blocks inside come after it.
    const place = this.#interfaces.push("") - 1;
    const members = options.map(([option, described]) => {
      const type = this.#option(described, `${stem}${pascalCase(option)}`);
      // `unknown` holds `undefined` already.
      const optional = type === "unknown" ? "?: unknown" : `?: ${type} | undefined`;
      return member(option, described.required ? `: ${type}` : optional, described);
    });
    if (isOpen === true) members.push("readonly [option: string]: unknown;\n");
    this.#interfaces[place] = `${docComment(about)}export interface ${name} {${body(members)}}\n`;
  }

  /** Prints the interface of what a data source answers: plain values, all of them there. */
  output(name: string, stem: string, spec: ConfigSpec, about: Documentation): void {
    const place = this.#interfaces.push("") - 1;
    const members = Object.entries(spec.options).map(([option, described]) => {
      return member(option, `: ${this.#answer(described.type, `${stem}${pascalCase(option)}`)}`, { description: described.description });
    });
    this.#interfaces[place] = `${docComment(about)}export interface ${name} {${body(members)}}\n`;
  }

  /** An option as it stands after the colon. */
  #option(option: Pick<OptionSpec, "type" | "choices" | "description">, name: string): string {
    const { type } = option;
    switch (type.kind) {
      case "any":
        return "unknown";
      case "list":
      case "set":
        return isRecordType(type.element) ? this.#value(type, name) : this.#use("List", this.#value(type.element, name));
      case "map":
        return isRecordType(type.element)
          ? `{ readonly [key: string]: ${this.#value(type.element, name)} }`
          : this.#use("Dict", this.#value(type.element, name));
      case "object":
      case "block":
      case "block-list":
        return this.#value(type, name);
      case "union":
        return this.#union(type.variants, option.choices, name);
      default:
        return this.#use("Input", scalar(type, option.choices));
    }
  }

  /** Texts and numbers share one `Input`; every other alternative stands for itself. */
  #union(variants: readonly OptionSpec[], choices: readonly string[] | undefined, name: string): string {
    const scalars = new Set<string>();
    const others: string[] = [];
    for (const variant of variants) {
      if (isScalar(variant.type)) scalars.add(scalar(variant.type, variant.type.kind === "string" ? choices : undefined));
      else if (variant.type.kind === "object") others.push(this.#form(variant, variant.type, name));
      else others.push(this.#option(variant, name));
    }
    return [...(scalars.size === 0 ? [] : [this.#use("Input", [...scalars].join(" | "))]), ...new Set(others)].join(" | ");
  }

  /** One of several forms of an object, named after the option that tells it from the others: `archive` in `{ archive, checksum? }`. */
  #form(variant: OptionSpec, type: SpecType & { kind: "object" }, name: string): string {
    const spec = type.spec ?? attributesSpec(type.attributes);
    const first = Object.entries(spec.options).find(([, option]) => option.required)?.[0] ?? "";
    return this.#nested(spec, `${name}${pascalCase(first)}`, variant.description);
  }

  /** A type inside of another: as it is when it is known. */
  #value(type: SpecType, name: string): string {
    switch (type.kind) {
      case "any":
        return "unknown";
      case "list":
      case "set":
        return isRecordType(type.element)
          ? `readonly ${parenthesized(this.#value(type.element, name))}[]`
          : `readonly ${this.#use("Input", this.#value(type.element, name))}[]`;
      case "map":
        return `{ readonly [key: string]: ${this.#use("Input", this.#value(type.element, name))} }`;
      case "object":
        return this.#nested(type.spec ?? attributesSpec(type.attributes), name);
      case "block":
        return this.#nested(type.spec, name);
      case "block-list":
        return `readonly ${this.#nested(type.spec, name)}[]`;
      case "union":
        return this.#union(type.variants, undefined, name);
      default:
        return scalar(type, undefined);
    }
  }

  #nested(spec: ConfigSpec, wanted: string, description = ""): string {
    const name = this.#names.take(wanted);
    this.config(name, wanted, spec, { text: description });
    return name;
  }

  /** A value that a data source answers; `any` lets what nobody described be used like anything. */
  #answer(type: SpecType, wanted: string): string {
    switch (type.kind) {
      case "list":
      case "set":
        return `readonly ${parenthesized(this.#answer(type.element, wanted))}[]`;
      case "map":
        return `{ readonly [key: string]: ${this.#answer(type.element, wanted)} }`;
      case "object":
      case "block":
      case "block-list": {
        const name = this.#names.take(wanted);
        const spec = type.kind === "object" ? (type.spec ?? attributesSpec(type.attributes)) : type.spec;
        this.output(name, wanted, spec, { text: "" });
        return type.kind === "block-list" ? `readonly ${name}[]` : name;
      }
      case "any":
      case "union":
        return "any";
      default:
        return scalar(type, undefined);
    }
  }

  #use(type: LibraryType, argument: string): string {
    this.#used.add(type);
    return `${type}<${argument}>`;
  }
}

function member(option: string, type: string, about: Partial<OptionSpec>): string {
  const comment = docComment({ text: about.description ?? "", default: about.default, deprecated: about.deprecated });
  return `${comment}${propertyKey(option)}${type};\n`;
}

function body(members: readonly string[]): string {
  return members.length === 0 ? "" : `\n${indent(members.join(""))}`;
}

/** Fixed choices complete in the editor, and stay open: a newer version of the component may know more. */
function scalar(type: SpecType, choices: readonly string[] | undefined): string {
  if (type.kind === "number") return "number";
  if (type.kind === "bool") return "boolean";
  if (choices === undefined || choices.length === 0) return "string";
  return [...choices.map((choice) => JSON.stringify(choice)), "(string & {})"].join(" | ");
}

function isScalar(type: SpecType): boolean {
  return type.kind === "string" || type.kind === "number" || type.kind === "bool";
}

/** Printed as an interface, or as a union that holds one: a Ref to such a thing is rare and costs the "Did you mean". */
function isRecordType(type: SpecType): boolean {
  if (type.kind === "union") return true;
  return type.kind === "object" || type.kind === "block" || type.kind === "block-list";
}

function attributesSpec(attributes: { readonly [name: string]: SpecType }): ConfigSpec {
  return { options: Object.fromEntries(Object.entries(attributes).map(([name, type]) => [name, { type, required: false }])) };
}

function parenthesized(type: string): string {
  return type.includes("|") ? `(${type})` : type;
}
