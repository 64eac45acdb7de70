// A whole JSON template as one or two modules.
import { stringType } from "../../hcl/eval/type.ts";
import { rangeOf } from "../../json/syntax/tree.ts";
import type { JsonBuilder, JsonTemplate } from "../../json/template.ts";
import type { Findings } from "../conversion.ts";
import { type Code, code, precedence } from "../expression/code.ts";
import { Imports } from "../expression/imports.ts";
import { identifier } from "../expression/names.ts";
import { literalValue } from "../expression/text.ts";
import { chooseIdentifiers } from "../hcl/identifiers.ts";
import { optionsText, type SourceOptions, shareOptions } from "../hcl/source.ts";
import type { Specifications } from "../hcl/specifications.ts";
import { buildText, constStatement, exportDefault, runList, variableStatement } from "../module/declarations.ts";
import type { Module } from "../module/module-text.ts";
import { type Entry, listText, objectText, type Statement } from "../module/pieces.ts";
import { optionCallCodes } from "./calls.ts";
import { type CommentPlaces, placeComments, type Section } from "./comments.ts";
import { buildValueCode } from "./run-values.ts";
import { type NamedSource, postProcessorText, provisionerText, type StepContext } from "./steps.ts";
import type { TextWorld } from "./text.ts";
import { optionEntries, textCode } from "./values.ts";
import { type PlannedVariable, planVariables, variableText } from "./variables.ts";

/** What a conversion knows besides the template. */
export interface Given {
  readonly specifications: Specifications;
  readonly findings: Findings;
  /** Many variables go to a module of their own; false: everything in one. */
  readonly split: boolean;
  /** The template's folder seen from the program's, where that is another. */
  readonly templateFolder?: string | undefined;
}

/** The modules of a program. */
export interface Modules {
  readonly main: Module;
  readonly variables?: Module | undefined;
}

/** Converts a template without errors of structure. */
export function convertTemplate(template: JsonTemplate, given: Given): Modules {
  return new TemplateConverter(template, given).convert();
}

// --- internal ---

/** From this number on variables stand in a module of their own. */
const MANY_VARIABLES = 16;
const variablesModule = "./variables.ts";

/** A builder as a source. */
interface Source extends SourceOptions, NamedSource {
  readonly builder: JsonBuilder;
}

class TemplateConverter {
  readonly #template: JsonTemplate;
  readonly #given: Given;
  readonly #imports = new Imports();
  readonly #variableImports: Imports;
  readonly #identifiers: ReturnType<typeof chooseIdentifiers>;
  readonly #plan: readonly PlannedVariable[];
  readonly #isSplit: boolean;
  /** Names that are used and not declared, with their identifiers. */
  readonly #undeclared = new Map<string, string>();
  /** Those of them that variables are made of. */
  readonly #required = new Set<string>();
  readonly #sensitive: ReadonlySet<string>;
  #templateFolder: string | undefined;

  constructor(template: JsonTemplate, given: Given) {
    this.#template = template;
    this.#given = given;
    this.#identifiers = chooseIdentifiers({
      variables: template.variables,
      locals: [],
      datasources: [],
      sources: template.builders.map((builder) => ({ type: builder.type, name: this.#sourceWish(builder) })),
    });
    this.#plan = planVariables(template);
    this.#sensitive = new Set(this.#plan.flatMap(({ variable, isSensitive }) => (isSensitive ? [variable.name] : [])));
    this.#isSplit = given.split && template.variables.length >= MANY_VARIABLES;
    this.#variableImports = this.#isSplit ? new Imports() : this.#imports;
  }

  convert(): Modules {
    const { builders, variables: declared } = this.#template;
    const { findings, specifications } = this.#given;
    const imports = this.#imports;
    const comments = placeComments(this.#template, this.#sections());
    const variables = this.#plan.map((one) =>
      variableText(one, {
        imports: this.#variableImports,
        findings,
        names: this.#identifiers.scope,
        identifier: (name) => {
          if (!this.#identifiers.variables.has(name)) this.#required.add(name);
          return this.#variable(name);
        },
        sensitive: this.#sensitive,
        templateDirectory: () => this.#folder(this.#variableImports),
        isExported: this.#isSplit,
      }),
    );
    const sources = builders.map((builder) => this.#source(builder));
    const build = this.#build(sources, comments);
    const shared = shareOptions(sources, (types) => this.#identifiers.scope.fresh(types.length === 1 ? `shared-${types[0]}` : "shared"));
    for (const { users } of shared) findings.simplified(`Options that ${users.size} sources repeat stand once, as a constant.`);
    this.#tellWhatIsLeftOut();
    const variableStatements = withLeading(
      [...this.#undeclaredStatements("required"), ...variables, ...this.#undeclaredStatements("optional")],
      comments.before.get("variables"),
    );
    const folder = this.#folderStatement();
    const sourceStatements = sources.map((source) =>
      constStatement({
        identifier: source.identifier,
        value: `${imports.use("source")}(${JSON.stringify(source.builder.type)}, ${source.nameText}, ${optionsText(source, shared, specifications)})`,
        blankBefore: true,
      }),
    );
    const main: Statement[] = [
      ...(this.#isSplit ? [] : [...folder, ...variableStatements]),
      ...shared.map(({ identifier: name, entries }) => constStatement({ identifier: name, value: objectText(entries), blankBefore: true })),
      ...withLeading(sourceStatements, comments.before.get("builders")),
      build,
    ];
    const module: Module = { header: comments.header, imports, statements: main, dangling: comments.dangling };
    if (!this.#isSplit) return { main: module };
    if (declared.length > 0) findings.simplified(`The ${declared.length} variables stand in variables.ts.`);
    return {
      main: module,
      variables: { header: [], imports: this.#variableImports, statements: [...folder, ...variableStatements], dangling: [] },
    };
  }

  #sections(): ReadonlySet<Section> {
    const { variables, builders, description, provisioners, errorCleanup, postProcessors } = this.#template;
    const all: readonly (readonly [Section, boolean])[] = [
      ["variables", variables.length > 0],
      ["builders", builders.length > 0],
      ["description", description !== undefined && description.value !== ""],
      ["provisioners", provisioners.length > 0],
      ["error-cleanup-provisioner", errorCleanup !== undefined],
      ["post-processors", postProcessors.length > 0],
    ];
    return new Set(all.flatMap(([section, isWritten]) => (isWritten ? [section] : [])));
  }

  /** The identifier of a variable; one that nobody declares is a variable all the same, and empty (row JSD-05). */
  #variable(name: string): string {
    const known = this.#identifiers.variables.get(name) ?? this.#undeclared.get(name);
    if (known !== undefined) return known;
    const { scope } = this.#identifiers;
    const made = scope.fresh(scope.has(identifier(name)) ? `${name}-variable` : name);
    this.#undeclared.set(name, made);
    return made;
  }

  /** Those that variables are made of have to be given, and stand in front of them; others are empty unless they are given. */
  #undeclaredStatements(which: "required" | "optional"): readonly Statement[] {
    const names = [...this.#undeclared].filter(([name]) => this.#required.has(name) === (which === "required"));
    return names.map(([name, own]): Statement => {
      const what = which === "required" ? "it has to be given" : "it is empty by default";
      this.#given.findings.simplified(`The template uses the variable ${JSON.stringify(name)} and does not declare it: ${what}.`);
      const fallback = which === "required" ? {} : { default: '""' };
      return variableStatement(this.#variableImports, { identifier: own, exported: this.#isSplit, name, ...fallback });
    });
  }

  /** A variable in the main module. */
  #use(name: string): Code {
    const own = this.#variable(name);
    if (this.#isSplit) this.#imports.use(own, variablesModule);
    return code(own, stringType, { declared: true, isRef: this.#sensitive.has(name) });
  }

  /** The template's folder: where the program stands, or a constant. */
  #folder(imports: Imports): string {
    return this.#given.templateFolder === undefined ? `${imports.use("path")}.root` : this.#folderConstant(imports);
  }

  /** The folder as a constant: what runs after the program is loaded has no `path.root`. */
  #folderConstant(imports: Imports): string {
    this.#templateFolder ??= this.#identifiers.scope.fresh("templateFolder");
    if (this.#isSplit && imports === this.#imports) imports.use(this.#templateFolder, variablesModule);
    return this.#templateFolder;
  }

  #folderStatement(): readonly Statement[] {
    const folder = this.#given.templateFolder;
    if (this.#templateFolder === undefined) return [];
    const imports = this.#variableImports;
    if (folder === undefined) {
      return [constStatement({ identifier: this.#templateFolder, exported: this.#isSplit, value: `${imports.use("path")}.root` })];
    }
    const value = `${imports.use("resolve", "node:path")}(${imports.use("path")}.root, ${JSON.stringify(folder)})`;
    this.#given.findings.simplified(
      `template_dir is the folder of the template, ${folder} from here: the constant ${this.#templateFolder}.`,
    );
    return [constStatement({ identifier: this.#templateFolder, exported: this.#isSplit, value })];
  }

  #world(build?: (name: string) => Code): TextWorld {
    const imports = this.#imports;
    const calls = optionCallCodes({ imports, templateDirectory: () => this.#folder(imports), user: (name) => this.#use(name) }, build);
    const folderConstant = (): Code => code(this.#folderConstant(imports), stringType);
    return { calls, rendersAll: false, imports, names: this.#identifiers.scope, folderConstant };
  }

  #source(builder: JsonBuilder): Source {
    const { type, rawName, nameNode, options } = builder;
    const { findings, specifications } = this.#given;
    const context = { world: this.#world(), findings };
    const own = this.#identifiers.sources.get(`${type}.${this.#sourceWish(builder)}`) ?? identifier(rawName);
    const written =
      nameNode === undefined || nameNode.value === ""
        ? code(JSON.stringify(type), stringType)
        : this.#name(textCode(nameNode, context), type);
    if (written.isRef && nameNode !== undefined) {
      findings.attention("The name of a source is made of a sensitive value, but it is shown everywhere.", { subject: rangeOf(nameNode) });
    }
    const entries = optionEntries(options, specifications.find("builder", type), context);
    return {
      builder,
      block: { type },
      identifier: own,
      nameText: written.text,
      name: literalValue(written.text),
      options: { entries: entries.map((entry, index) => (index === 0 ? { ...entry, blankBefore: false } : entry)), dangling: [] },
    };
  }

  /** What a source is called after: of a name with calls the rest, if that tells it from others. */
  #sourceWish({ type, rawName }: JsonBuilder): string {
    if (!rawName.includes("{{")) return rawName;
    const plain = (name: string): string => name.replace(/\{\{.*?\}\}/g, "").replace(/[^\p{ID_Continue}-]+/gu, "") || type;
    const isShared = this.#template.builders.filter((other) => plain(other.rawName) === plain(rawName)).length > 1;
    return isShared ? rawName : plain(rawName);
  }

  /** A name that may be empty: then it is the type. */
  #name(written: Code, type: string): Code {
    const variables = [...this.#template.variables, ...[...this.#undeclared.keys()].map((name) => ({ name, default: undefined }))];
    const own = variables.find(({ name }) => this.#variable(name) === written.text);
    if (own === undefined || (own.default?.value ?? "") !== "") return written;
    return code(`${written.text} || ${JSON.stringify(type)}`, stringType, { precedence: precedence.or });
  }

  #build(sources: readonly Source[], comments: CommentPlaces): Statement {
    const { description, provisioners, errorCleanup, postProcessors } = this.#template;
    const { findings, specifications } = this.#given;
    const entries: Entry[] = [];
    const add = (section: Section, entry: Entry): void => {
      entries.push({ ...entry, leading: comments.before.get(section) });
    };
    const run = (section: Section, key: string, write: (context: StepContext) => string): void => {
      const used = new Set<"build" | "source">();
      const world = this.#world((name) => {
        used.add("build");
        return buildValueCode(name);
      });
      const byName = new Map(sources.map((source) => [source.builder.rawName, source]));
      const list = write({ world, findings, imports: this.#imports, specifications, sources: byName });
      add(section, { key, value: runList(list, [...used]) });
    };
    if (description !== undefined && description.value !== "") {
      add("description", { key: "description", value: textCode(description, { world: noCalls(this.#world()), findings }).text });
    }
    entries.push({ key: "sources", value: this.#sourceList(sources) });
    if (provisioners.length > 0) {
      run("provisioners", "provisioners", (context) =>
        listText(
          provisioners.map((one) => ({ value: provisionerText(one, context) })),
          { open: true },
        ),
      );
    }
    if (errorCleanup !== undefined) {
      if (errorCleanup.only !== undefined || errorCleanup.except !== undefined) {
        findings.simplified("The filters of the error-cleanup provisioner mean nothing, and are left out.");
      }
      run("error-cleanup-provisioner", "errorCleanup", (context) =>
        provisionerText({ ...errorCleanup, only: undefined, except: undefined }, context),
      );
    }
    if (postProcessors.length > 0) {
      run("post-processors", "postProcessors", (context) =>
        listText(
          postProcessors.map(({ node, members }) => {
            const steps = members.map((one) => ({ value: postProcessorText(one, context) }));
            const [only] = steps;
            return members.length === 1 && only !== undefined && node.kind !== "array"
              ? only
              : { value: listText(steps, { open: steps.length > 1 }) };
          }),
          { open: true },
        ),
      );
    }
    return exportDefault(buildText(this.#imports, entries));
  }

  /** In the order of names, as Packer builds them. */
  #sourceList(sources: readonly Source[]): string {
    const { findings } = this.#given;
    if (sources.length === 0) findings.attention("The template has no builders, so that nothing is built.");
    const isComputed = sources.length > 1 && sources.some(({ name }) => name === undefined);
    if (isComputed) {
      const list = listText(sources.map(({ identifier: own }) => ({ value: own })));
      return `${list}.sort((a, b) => (a.name < b.name ? -1 : 1))`;
    }
    const sorted = [...sources].sort((a, b) => Buffer.compare(Buffer.from(a.name ?? ""), Buffer.from(b.name ?? "")));
    return listText(sorted.map(({ identifier: own }) => ({ value: own })));
  }

  #tellWhatIsLeftOut(): void {
    const { minPackerVersion, root } = this.#template;
    const { findings } = this.#given;
    if (minPackerVersion !== undefined && minPackerVersion.value !== "") {
      findings.simplified(`min_packer_version (${minPackerVersion.value}) is left out: every tspack can do what it asks for.`);
    }
    if (root.properties.some(({ name }) => name.toLowerCase() === "push")) findings.simplified("push is left out: it has no effect.");
  }
}

/** A world in which nothing is rendered. */
function noCalls(world: TextWorld): TextWorld {
  return { ...world, calls: new Map() };
}

/** Comments in front of the first of several statements. */
function withLeading(statements: readonly Statement[], leading: Statement["leading"]): readonly Statement[] {
  const [first, ...rest] = statements;
  if (first === undefined || leading === undefined) return statements;
  return [{ ...first, leading: [...leading, ...(first.leading ?? [])] }, ...rest];
}
