// The short file of one template: the settings that are its own.
import { type Compiler, formatSource } from "../format/format-source.ts";
import { keyText } from "../module/pieces.ts";
import { commentsText } from "./comments.ts";
import type { Comment } from "./parsed-module.ts";
import type { Setting } from "./settings.ts";
import type { SharedModule } from "./shared-module.ts";

/** What the file of a template is made of. */
export interface TemplateFile {
  /** Position of the template. */
  readonly index: number;
  /** Comments that stand at no setting. */
  readonly comments: readonly Comment[];
  readonly settings: readonly Setting[];
  readonly shared: SharedModule;
  readonly functionName: string;
  /** What else the shared module exports. */
  readonly constants: readonly string[];
}

const sharedPath = "./shared.ts";

/** The file as text. */
export function templateFile(compiler: Compiler, { index, comments, settings, shared, functionName, constants }: TemplateFile): string {
  const head = comments.length === 0 ? "" : `${commentsText(comments)}\n`;
  if (shared.use === "export") return `${head}export { default } from "${sharedPath}";\n`;
  const values = valuesText(settings, index);
  const call = `${shared.use === "await" ? "await " : ""}${functionName}(${values})`;
  const used = new Set(settings.map((setting) => setting.values.get(index)));
  const imported = [functionName, ...constants.filter((name) => used.has(name))].sort();
  return formatSource(compiler, `${head}import { ${imported.join(", ")} } from "${sharedPath}";\n\nexport default ${call};\n`);
}

// --- internal ---

function valuesText(settings: readonly Setting[], index: number): string {
  const lines = settings.flatMap(({ name, values, comments, inner }) => {
    const value = values.get(index);
    if (value === undefined) return [];
    return [`${commentsText(comments.get(index) ?? [])}${keyText(name)}: ${inner === undefined ? value : valuesText(inner, index)},\n`];
  });
  return lines.length === 0 ? "{}" : `{\n${lines.join("")}}`;
}
