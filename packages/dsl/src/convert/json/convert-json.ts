// Legacy JSON templates to programs.
import { dirname, relative, resolve } from "node:path";
import { builtInCatalog, hasErrors } from "@tspack/core";
import { readJsonTemplate } from "../../json/load.ts";
import type { JsonTemplate } from "../../json/template.ts";
import { type Conversion, countLines, Findings } from "../conversion.ts";
import type { ConvertOptions } from "../convert.ts";
import { Specifications } from "../hcl/specifications.ts";
import { type ConvertedModules, writtenModules } from "../module/written-modules.ts";
import { convertTemplate } from "./template.ts";

/** Converts a legacy JSON template; `convert` calls it for such paths. */
export async function convertJson(path: string, options: ConvertOptions & { readonly workingDirectory: string }): Promise<Conversion> {
  const { workingDirectory } = options;
  const { template, diagnostics } = readJsonTemplate(path, { workingDirectory });
  const read: ConvertedModules["read"] =
    template === undefined
      ? { templates: [], linesIn: 0 }
      : { templates: [template.source.file], linesIn: countLines(template.source.text) };
  if (template === undefined || hasErrors(diagnostics)) {
    return { files: [], report: { ...read, linesOut: 0, simplified: [], attention: [] }, diagnostics };
  }
  const findings = new Findings();
  const root = dirname(resolve(workingDirectory, path));
  const folder = resolve(workingDirectory, options.folder ?? root);
  const specifications = await Specifications.of(options.catalog ?? builtInCatalog(), componentsIn(template));
  const modules = convertTemplate(template, {
    findings,
    specifications,
    split: options.isSingleFile !== true,
    templateFolder: folder === root ? undefined : relative(folder, root).replaceAll("\\", "/"),
  });
  return writtenModules({ modules, findings, read, diagnostics: [...diagnostics, ...specifications.problems], file: options.file });
}

// --- internal ---

/** The components that a template names. */
function componentsIn(template: JsonTemplate): Parameters<typeof Specifications.of>[1] {
  const { builders, provisioners, errorCleanup, postProcessors } = template;
  return [
    ...builders.map(({ type }) => ["builder", type] as const),
    ...[...provisioners, ...(errorCleanup === undefined ? [] : [errorCleanup])].map(({ type }) => ["provisioner", type] as const),
    ...postProcessors.flatMap(({ members }) => members.map(({ type }) => ["post-processor", type] as const)),
  ];
}
