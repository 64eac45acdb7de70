// A whole configuration as one or two modules.
import type { BuildBlock, Configuration, PackerBlock } from "../../hcl/packer/declarations.ts";
import type { Attribute, Block } from "../../hcl/syntax/tree.ts";
import type { Findings } from "../conversion.ts";
import { Imports } from "../expression/imports.ts";
import { constStatement, exportDefault, packerStatement, sourceStatement } from "../module/declarations.ts";
import type { Module } from "../module/module-text.ts";
import { type Entry, objectText, type Remarks, type Statement } from "../module/pieces.ts";
import { attributeEntry } from "./body.ts";
import { convertBuild } from "./build.ts";
import { convertConstants } from "./constants.ts";
import { chooseIdentifiers } from "./identifiers.ts";
import { CommentPlaces } from "./layout-comments.ts";
import { type Knowledge, References } from "./references.ts";
import { joinRemarks, openRemarks, remarks, remarksOf } from "./remarks.ts";
import { type ConvertedSource, convertSource, optionsText, shareOptions } from "./source.ts";
import type { Specifications } from "./specifications.ts";
import { convertVariable, type VariableKnowledge } from "./variable.ts";

/** What a conversion knows besides the template. */
export interface Given {
  readonly knowledge: Knowledge;
  readonly variables: ReadonlyMap<string, VariableKnowledge>;
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

/** From this number on variables stand in a module of their own. */
const MANY_VARIABLES = 16;
const variablesModule = "./variables.ts";

/** Converts a configuration without errors. */
export function convertConfiguration(configuration: Configuration, given: Given): Modules {
  const { findings, knowledge, specifications } = given;
  const identifiers = chooseIdentifiers(configuration);
  const imports = new Imports();
  const references = new References({ identifiers, imports, knowledge, findings, templateFolder: given.templateFolder });
  const comments = new CommentPlaces(configuration);
  const isSplit = given.split && (configuration.variables.length >= MANY_VARIABLES || hasVariableFile(configuration));
  const variableImports = isSplit ? new Imports() : imports;
  const inVariables = isSplit ? new References({ identifiers, imports: variableImports, knowledge, findings }) : references;
  const variables = configuration.variables.map((block) => {
    const known: VariableKnowledge = given.variables.get(block.name) ?? { type: { kind: "dynamic" }, default: undefined, sensitive: false };
    const converted = convertVariable(block, known, inVariables);
    references.declare(converted.identifier, converted.value, isSplit ? variablesModule : undefined);
    return { converted, node: block.node };
  });
  const constants = convertConstants(configuration, references, specifications);
  references.areLocalsDeclared = true;
  const sources = configuration.sources.map((block) => {
    const source = convertSource(block, references, specifications);
    references.declare(source.identifier, { type: { kind: "dynamic" }, isRef: false });
    return source;
  });
  const builds = buildStatements(configuration, { references, specifications, sources });
  const shared = shareOptions(sources, (types) => identifiers.scope.fresh(types.length === 1 ? `shared-${types[0]}` : "shared"));
  for (const { users } of shared) findings.simplified(`Options that ${users.size} sources repeat stand once, as a constant.`);
  const packer = configuration.packer
    .map((block) => ({ ...packerBlock(block, references), ...comments.of(block.block) }))
    // An empty block says nothing, unless somebody left a comment there.
    .filter(({ text, leading = [] }) => text !== "packer({});" || leading.length > 0);
  const withComments = (statement: Statement, node: Attribute | Block, inner: Remarks): Statement => {
    const around = comments.of(node);
    return { ...statement, ...joinRemarks(around, inner), after: around.after };
  };
  const hoisted = (place: "variables" | "constants"): readonly Statement[] =>
    references.hoisted.filter(({ after }) => after === place).map(({ identifier, value }) => constStatement({ identifier, value }));
  const variableStatements = variables.map(({ converted, node }) => withComments(converted.statement(isSplit), node, converted.inner));
  const statements: Statement[] = [
    ...packer,
    ...(isSplit ? [] : variableStatements),
    ...hoisted("variables"),
    ...constants.map((each, index) => {
      const statement = withComments(each.statement(false), each.node, each.inner);
      // Variables and constants are told apart at a glance.
      return index === 0 ? { ...statement, blankBefore: true } : statement;
    }),
    ...hoisted("constants"),
    ...shared.map(({ identifier, entries }) => constStatement({ identifier, value: objectText(entries), blankBefore: true })),
    ...sources.map((source) => ({
      ...sourceStatement(imports, {
        identifier: source.identifier,
        type: source.block.type,
        name: source.block.name,
        config: optionsText(source, shared, specifications),
        blankBefore: true,
      }),
      ...comments.of(source.block.block),
    })),
    ...builds.map((statement, index) => {
      const block = configuration.builds[index]?.block;
      return block === undefined ? statement : { ...statement, ...comments.of(block) };
    }),
  ];
  for (const block of configuration.ignored) {
    findings.simplified(`The block ${block.type} has no effect in Packer either, and was left out.`);
  }
  const main: Module = { header: comments.header, imports, statements, dangling: comments.dangling };
  if (!isSplit) return { main };
  return { main, variables: { header: [], imports: variableImports, statements: variableStatements, dangling: [] } };
}

// --- internal ---

/** True if the template keeps its variables in files of their own, and there are some. */
function hasVariableFile({ files, variables }: Configuration): boolean {
  if (files.length < 2 || variables.length < 5) return false;
  return files.every(({ body }) => {
    const types = body.items.map((item) => (item.kind === "block" ? item.type : ""));
    return (
      !types.some((type) => type === "variable" || type === "variables") || !types.some((type) => type === "source" || type === "build")
    );
  });
}

interface BuildInput {
  readonly references: References;
  readonly specifications: Specifications;
  readonly sources: readonly ConvertedSource[];
}

/** One build is the default export; several are constants, exported as a list. */
function buildStatements(configuration: Configuration, { references, specifications, sources }: BuildInput): readonly Statement[] {
  const byName = new Map(sources.map((source) => [`${source.block.type}.${source.block.name}`, source]));
  const context = { references, specifications, sources: byName, registry: configuration.registries[0] };
  const { builds } = configuration;
  const [only] = builds;
  if (builds.length === 1 && only !== undefined) return [exportDefault(convertBuild(only, context))];
  const identifiers = builds.map((build, index) => references.identifiers.scope.fresh(buildWish(build, index)));
  const statements = builds.map((build, index) =>
    constStatement({ identifier: identifiers[index] ?? "", value: convertBuild(build, context), blankBefore: true }),
  );
  return [...statements, exportDefault(`[${identifiers.join(", ")}]`)];
}

function buildWish({ name }: BuildBlock, index: number): string {
  const text = name === undefined ? "" : name.value.source.text.slice(name.value.start, name.value.end);
  return /^"[\w-]+"$/.test(text) ? `${text.slice(1, -1)}-build` : `build${index + 1}`;
}

function packerBlock({ block, requiredVersion, requiredPlugins }: PackerBlock, references: References): Statement {
  const entries: Entry[] = [];
  if (requiredVersion !== undefined) entries.push(attributeEntry(requiredVersion, references));
  if (requiredPlugins.length > 0) {
    const inner = block.body.items.find((item) => item.kind === "block");
    const plugins = objectText(
      requiredPlugins.map((plugin) => attributeEntry(plugin, references)),
      { dangling: inner?.kind === "block" ? remarksOf(inner.body.dangling) : [] },
    );
    entries.push({ key: "required_plugins", value: plugins, ...(inner === undefined ? {} : remarks(inner)) });
  }
  return packerStatement(references.imports, entries, {}, [...openRemarks(block.openComment), ...remarksOf(block.body.dangling)]);
}
