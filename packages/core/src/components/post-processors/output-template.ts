// Options that name an output file and are rendered when the component runs, with names of its own.
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { BuildError } from "../../diagnostics/error.ts";
import type { Prepared } from "../../sdk/config/define.ts";
import type { GeneratedData } from "../../sdk/hook.ts";
import { TemplateError } from "../../template/context.ts";
import { checkTemplate, renderTemplate } from "../../template/render.ts";

type Known = Pick<Prepared<unknown>, "packer" | "template">;

/** What is wrong with the option's template, as far as it can be known before the build. */
export function checkOutput(option: string, text: string, { template }: Known): Diagnostic[] {
  try {
    checkTemplate(text, template);
    return [];
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const detail = `The argument ${JSON.stringify(option)} cannot be rendered: ${error.message}.`;
    return [{ severity: "error", code: "TPK3108", summary: "Invalid template string", detail, hint: error.hint, path: [option] }];
  }
}

/** Renders an output's name with `BuildName`, `BuilderType` and `names`. Throws `BuildError` (TPK3108). */
export function renderOutput(text: string, { packer, template }: Known, data: GeneratedData, names: GeneratedData = {}): string {
  const own = { BuildName: packer.packer_build_name, BuilderType: packer.packer_builder_type, ...names };
  try {
    return renderTemplate(text, { ...template, phase: "run", data: { ...data, ...own } });
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new BuildError(`the argument "output" cannot be rendered: ${error.message}`, { code: "TPK3108", hint: error.hint });
  }
}
