// Templates to programs: reads, converts, formats. Nothing is written here.
import { readdirSync } from "node:fs";
import { relative, resolve } from "node:path";
import { builtInCatalog, type ComponentCatalog, hasErrors } from "@tspack/core";
import { hclFunctions } from "../functions/table.ts";
import type { Configuration } from "../hcl/packer/declarations.ts";
import { requirementsOf } from "../hcl/packer/load.ts";
import { readConfiguration } from "../hcl/packer/read.ts";
import type { Block } from "../hcl/syntax/tree.ts";
import { inputKind, standardInputPath } from "../load/input-kind.ts";
import { limitDiagnostics } from "../load/limit-diagnostics.ts";
import type { LoadOptions } from "../load/options.ts";
import { type Conversion, countLines, Findings } from "./conversion.ts";
import { convertConfiguration } from "./hcl/configuration.ts";
import { knowledgeOf } from "./hcl/knowledge.ts";
import { Specifications } from "./hcl/specifications.ts";
import { writtenModules } from "./module/written-modules.ts";
import { whyNoTemplate } from "./no-template.ts";

/** How a template is converted. */
export interface ConvertOptions extends Pick<LoadOptions, "workingDirectory" | "environment" | "configType"> {
  /** Name of the program's file; `image.ts` unless given. */
  readonly file?: string | undefined;
  /** Where the program is going to stand; the folder of the template unless given. */
  readonly folder?: string | undefined;
  /** Everything in one file; otherwise many variables go to `variables.ts`. */
  readonly isSingleFile?: boolean | undefined;
  /** Where components are found, for the types of their options; the built-in ones unless given. */
  readonly catalog?: ComponentCatalog | undefined;
}

/**
 * Converts a template to a TypeScript program that means the same. Never rejects for what the template says: what is wrong with it is in
 * `diagnostics`, and then there are no files; what cannot be expressed is marked in the text, and in the report.
 *
 * @example
 * const { files, report } = await convert("template.pkr.hcl");
 */
export async function convert(path: string, options: ConvertOptions = {}): Promise<Conversion> {
  const conversion = await convertWhole(path, options);
  return { ...conversion, diagnostics: limitDiagnostics(conversion.diagnostics) };
}

// --- internal ---

async function convertWhole(path: string, options: ConvertOptions): Promise<Conversion> {
  const workingDirectory = resolve(options.workingDirectory ?? process.cwd());
  const kind = inputKind(path, { ...options, workingDirectory });
  if (typeof kind !== "string") return failed([kind]);
  // A folder that was converted before holds the program as well: here its templates are meant.
  if (kind === "hcl" || (kind === "typescript" && hasTemplates(resolve(workingDirectory, path))))
    return convertHcl(path, { ...options, workingDirectory });
  if (kind === "json" && path !== standardInputPath) {
    return (await import("./json/convert-json.ts")).convertJson(path, { ...options, workingDirectory });
  }
  return failed([{ severity: "error", code: "TPK2002", ...whyNoTemplate(path, workingDirectory) }]);
}

function hasTemplates(path: string): boolean {
  try {
    return readdirSync(path).some((name) => /\.pkr\.(hcl|json)$/.test(name));
  } catch {
    // A file, or nothing that can be read: told by the caller.
    return false;
  }
}

function failed(diagnostics: Conversion["diagnostics"], report: Partial<Conversion["report"]> = {}): Conversion {
  return { files: [], report: { templates: [], linesIn: 0, linesOut: 0, simplified: [], attention: [], ...report }, diagnostics };
}

async function convertHcl(path: string, options: ConvertOptions & { readonly workingDirectory: string }): Promise<Conversion> {
  const { workingDirectory } = options;
  const configuration = readConfiguration(path, { workingDirectory });
  const read = {
    templates: configuration.files.map(({ source }) => source.file),
    linesIn: configuration.files.reduce((sum, { source }) => sum + countLines(source.text), 0),
  };
  if (hasErrors(configuration.diagnostics)) return failed(configuration.diagnostics, read);
  const knowledge = knowledgeOf(configuration, { workingDirectory, environment: options.environment ?? {}, functions: hclFunctions() });
  if (hasErrors(knowledge.diagnostics)) return failed([...configuration.diagnostics, ...knowledge.diagnostics], read);
  const findings = new Findings();
  const specifications = await specificationsFor(configuration, options);
  const modules = convertConfiguration(configuration, {
    knowledge,
    variables: knowledge.variables,
    specifications,
    findings,
    split: options.isSingleFile !== true,
    templateFolder: templateFolderFrom(resolve(workingDirectory, options.folder ?? configuration.root), configuration.root),
  });
  return writtenModules({
    modules,
    findings,
    read,
    diagnostics: [...configuration.diagnostics, ...knowledge.diagnostics, ...specifications.problems],
    file: options.file,
  });
}

/** Which plugin a name means depends on what the template requires. */
async function specificationsFor(
  configuration: Configuration,
  { catalog = builtInCatalog(), environment = {}, workingDirectory }: ConvertOptions & { readonly workingDirectory: string },
): Promise<Specifications> {
  const opened = catalog.open?.({ style: "typed", requirements: requirementsOf(configuration), environment, workingDirectory });
  try {
    return await Specifications.of(opened ?? catalog, componentsIn(configuration));
  } finally {
    await opened?.close();
  }
}

function templateFolderFrom(folder: string, root: string): string | undefined {
  return folder === root ? undefined : relative(folder, root).replaceAll("\\", "/");
}

/** The components that a configuration names, each once. */
function* componentsIn({
  sources,
  datasources,
  builds,
}: Configuration): Generator<Parameters<typeof Specifications.of>[1] extends Iterable<infer T> ? T : never> {
  for (const { type } of sources) yield ["builder", type];
  for (const { type } of datasources) yield ["datasource", type];
  for (const { blocks } of builds) {
    for (const block of blocks.flatMap(stepsIn)) {
      const isPostProcessor = block.type === "post-processor";
      for (const type of typesOf(block)) yield [isPostProcessor ? "post-processor" : "provisioner", type];
    }
  }
}

/** Steps, also those of chains; `dynamic` ones as the block that they would make. */
function stepsIn(block: Block): readonly Block[] {
  if (block.type === "post-processors") return block.body.items.flatMap((item) => (item.kind === "block" ? stepsIn(item) : []));
  if (block.type !== "dynamic") return [block];
  const [type] = block.labels;
  const content = block.body.items.find((item): item is Block => item.kind === "block" && item.type === "content");
  if (type === undefined || content === undefined) return [];
  const labels = block.body.items.flatMap((item) => (item.kind === "attribute" && item.name === "labels" ? labelsIn(item.value) : []));
  return stepsIn({ ...content, type: type.text, labels });
}

function labelsIn(
  value: Block["body"]["items"][number] extends infer T ? (T extends { readonly value: infer V } ? V : never) : never,
): Block["labels"] {
  if (value.kind !== "tuple") return [];
  return value.elements.flatMap(({ value: element }) => {
    const [part] = element.kind === "template" ? element.parts : [];
    return part?.kind === "text" ? [{ source: part.source, start: part.start, end: part.end, text: part.value }] : [];
  });
}

function typesOf({ labels: [label] }: Block): readonly string[] {
  return label === undefined ? [] : [label.text];
}
