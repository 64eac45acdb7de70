// docs/components.md: every option of every built-in component, from the same specifications as the option types.
import type { ComponentKind, ConfigSpec, OptionSpec, SpecType } from "@tspack/core/sdk";
import type { TypedComponent } from "@tspack/dsl";
import { commonArguments, componentExamples, componentNotes } from "./component-examples.ts";

const kinds: { readonly [kind in ComponentKind]: { readonly title: string; readonly call: string; readonly about: string } } = {
  builder: {
    title: "Builders",
    call: "source",
    about: "A builder makes the artifact. Its options are the last argument of `source(type, name, options)`.",
  },
  provisioner: {
    title: "Provisioners",
    call: "provision",
    about: "Provisioners change the machine, in the order of the list `provisioners` of a build.",
  },
  "post-processor": {
    title: "Post-processors",
    call: "postProcess",
    about: "Post-processors work on the artifact, when the builder is done. A list within the list `postProcessors` is a chain.",
  },
  datasource: {
    title: "Data sources",
    call: "data",
    about: "A data source answers a question before the builds that use the answer. Each field of the answer is a Ref: `page.body`.",
  },
};

/** The page. The same components give the same text. */
export function componentPage(components: readonly TypedComponent[]): string {
  const order = Object.keys(kinds) as ComponentKind[];
  const lines = [
    "# Builders, provisioners, post-processors and data sources",
    "",
    "Every option of everything that is built in. This page is made by `npm run typegen` from the schemas that check your program; your editor",
    "shows the same texts. Options without a default may be left out unless they are **required**. Every option takes a value that is known",
    "later (a [Ref](dsl.md#values-that-are-known-later)) too, and text options may hold [template strings](templates.md). Durations are texts",
    "with a unit: `500ms`, `10s`, `1h30m`. Relative paths start in the working directory; [path.root](dsl.md#from-hcl) leads to files beside",
    "`image.ts`.",
    "",
    ...order.map((kind) => {
      const names = components.filter((component) => component.kind === kind).map(({ type }) => `[${type}](#${anchor(kind, type)})`);
      return `- ${kinds[kind].title}: ${names.join(", ")}`;
    }),
  ];
  for (const kind of order) {
    lines.push("", `## ${kinds[kind].title}`, "", kinds[kind].about);
    const shared = commonArguments[kind];
    if (shared !== undefined) lines.push("", shared.about, "", ...table(shared.spec));
    for (const component of components.filter((one) => one.kind === kind)) lines.push(...section(component));
  }
  return `${lines.join("\n")}\n`;
}

function section({ kind, type, spec, output, description }: TypedComponent): string[] {
  const key = `${kind} ${type}`;
  const note = componentNotes[key];
  const example = componentExamples[key];
  const tables = new Tables();
  const main = tables.rows(spec);
  const lines = ["", `### ${heading(kind, type)}`, "", description ?? ""];
  if (note !== undefined) lines.push("", note);
  if (example !== undefined) lines.push("", "```ts", example.trim(), "```");
  if (main.length > 2) lines.push("", ...main);
  for (const { title, rows } of tables.nested) lines.push("", title, "", ...rows);
  if (output !== undefined) lines.push("", "It answers:", "", ...answerTable(output));
  return lines;
}

/** Component names occur in several kinds, so headings say the kind. */
function heading(kind: ComponentKind, type: string): string {
  return `${type} (${kind === "datasource" ? "data source" : kind})`;
}

/** As GitHub makes it from the heading. */
function anchor(kind: ComponentKind, type: string): string {
  return heading(kind, type)
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}

function table(spec: ConfigSpec): string[] {
  return new Tables().rows(spec);
}

/** The lines of a table of options, with a table for each object in them. */
export function optionTables(spec: ConfigSpec): string[] {
  const tables = new Tables();
  const main = tables.rows(spec);
  return [...main, ...tables.nested.flatMap(({ title, rows }) => ["", title, "", ...rows])];
}

/** Prints a specification as a table, and keeps those of the objects inside it for tables of their own. */
class Tables {
  readonly nested: { readonly title: string; readonly rows: readonly string[] }[] = [];

  rows(spec: ConfigSpec, path = ""): string[] {
    const options = Object.entries(spec.options).filter(([name, option]) => !name.startsWith("packer_") && !isInternal(option));
    const rows = options.map(([name, option]) => {
      const inner = this.#inner(option.type, path === "" ? name : `${path}.${name}`);
      return `| \`${name}\` | ${cell(inner)} | ${cell(defaultOf(option))} | ${cell(meaning(option))} |`;
    });
    return ["| option | type | default | meaning |", "|---|---|---|---|", ...rows];
  }

  /** The type in words; objects inside get a table of their own. */
  #inner(type: SpecType, path: string): string {
    switch (type.kind) {
      case "list":
      case "set":
        return `list of ${this.#inner(type.element, path)}`;
      case "map":
        return `object of ${this.#inner(type.element, path)}`;
      case "union":
        return [...new Set(type.variants.map((variant) => this.#inner(variant.type, path)))].join(", or ");
      case "object":
        return this.#object(type.spec ?? attributes(type.attributes), path);
      case "block":
        return this.#object(type.spec, path);
      case "block-list":
        return `list of ${this.#object(type.spec, path)}`;
      default:
        return words[type.kind];
    }
  }

  #object(spec: ConfigSpec, path: string): string {
    const names = Object.entries(spec.options).map(([name, { required }]) => (required ? name : `${name}?`));
    const shape = `\`{ ${names.slice(0, 4).join(", ")}${names.length > 4 ? ", …" : ""} }\``;
    // The place is taken now: objects inside come after it.
    const place = this.nested.push({ title: "", rows: [] }) - 1;
    this.nested[place] = { title: `Options of ${shape} in \`${path}\`:`, rows: this.rows(spec, path) };
    return shape;
  }
}

const words = { string: "text", number: "number", bool: "`true` or `false`", any: "any value" } as const;

function attributes(types: { readonly [name: string]: SpecType }): ConfigSpec {
  return { options: Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type, required: false }])) };
}

function answerTable(spec: ConfigSpec): string[] {
  const rows = Object.entries(spec.options).map(([name, { type, description }]) => {
    return `| \`${name}\` | ${cell(new Tables().rows({ options: { x: { type, required: false } } })[2]?.split(" | ")[1] ?? "")} | ${cell(description ?? "")} |`;
  });
  return ["| field | type | meaning |", "|---|---|---|", ...rows];
}

/** An empty list, object or text goes without saying. */
function defaultOf({ required, default: value }: OptionSpec): string {
  if (required) return "**required**";
  if (value === undefined || value === null || value === "") return "";
  if (typeof value === "object" && Object.keys(value).length === 0) return "";
  return code(typeof value === "string" ? value : JSON.stringify(value));
}

/** Names of rows are for ourselves and left out. */
function meaning({ type, description = "", choices, deprecated }: OptionSpec): string {
  const text = description.replace(/\s*\((?:see )?rows? [^)]*\)/gi, "").trim();
  const missing = (choices ?? []).filter((choice) => !text.includes(choice));
  const all = (choices ?? []).map(code).join(", ");
  // Where other types are possible too, other texts may be.
  const listed = missing.length === 0 ? "" : type.kind === "union" ? `Texts with a meaning of their own: ${all}.` : `One of ${all}.`;
  return [deprecated === true ? "Deprecated." : "", text, listed].filter((part) => part !== "").join(" ");
}

/** Options that components set for each other. */
function isInternal({ description = "" }: OptionSpec): boolean {
  return description.startsWith("Internal:");
}

/** Text as code, also when there are backticks in it (CommonMark, "Code spans"). */
function code(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** One cell of a table: a bar would end it, and so would a line break. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ");
}
