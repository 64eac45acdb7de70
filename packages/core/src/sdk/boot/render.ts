import { BuildError } from "../../diagnostics/error.ts";
import { type TemplateContext, TemplateError } from "../../template/context.ts";
import { renderTemplate } from "../../template/render.ts";
import type { GeneratedData } from "../hook.ts";
import type { BootAction } from "./action.ts";
import { type ParseBootOptions, parseBootCommand } from "./parse.ts";
import { requireFields } from "./template-places.ts";

/** What a boot command is rendered with. */
export interface RenderBootOptions extends ParseBootOptions {
  /** Of `Prepared`. */
  readonly template: TemplateContext;
  /** What the builder knows of the machine: `HTTPIP`, `HTTPPort`, `Name` (row BOOT-14). */
  readonly data: GeneratedData;
  /** Where the texts come from, for errors; `boot_command` unless given. */
  readonly option?: "boot_command" | "boot_steps" | undefined;
}

/**
 * Renders a boot command, given as texts that are joined as they are, and parses it: what a builder does right before typing. Throws
 * `BuildError` for what could not be seen when the build was prepared. The message shows nothing of the text, which may hold secrets.
 */
export function renderBootCommand(texts: readonly string[], options: RenderBootOptions): readonly BootAction[] {
  const { template, data, extensions, option = "boot_command" } = options;
  const text = render(texts.join(""), { ...template, phase: "run", data: { ...template.data, ...data } }, option);
  const { actions, problems } = parseBootCommand(text, { extensions });
  const problem = problems.find(({ severity }) => severity === "error");
  if (problem === undefined) return actions;
  throw new BuildError(`the boot command, once rendered, is wrong at character ${problem.at.start + 1}: ${problem.message}`, {
    code: "TPK3105",
    option,
    hint: problem.hint,
  });
}

// --- internal ---

function render(text: string, context: TemplateContext, option: string): string {
  try {
    requireFields(text, Object.keys(context.data ?? {}));
    return renderTemplate(text, context);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new BuildError(`the boot command cannot be rendered: ${error.message}`, {
      code: "TPK3108",
      option,
      hint: error.hint,
      cause: error,
    });
  }
}
