// Refusals that concern what is typed at boot (rows BCF-01, BCF-05, QM-48, QM-73), with the place of the mistake.
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { formatPath, type PathSegment } from "../../diagnostics/range.ts";
import { type TemplateContext, TemplateError } from "../../template/context.ts";
import { checkTemplate } from "../../template/render.ts";
import type { BootAction, BootProblem } from "./action.ts";
import { hardwareKeyOf } from "./key.ts";
import type { BootCommandConfig } from "./options.ts";
import { parseBootCommand } from "./parse.ts";
import { hideTemplates, PLACEHOLDER, requireFields } from "./template-places.ts";

/** What the check has to know besides the options. */
export interface BootCommandCheck {
  /** Of `Check`: what template strings may call. */
  readonly template: TemplateContext;
  /** The values that the builder gives when it renders (row BOOT-14): `HTTPIP`, `Name`. Others are refused where this is given. */
  readonly fields?: readonly string[] | undefined;
  /** True if the option is a placeholder: it is then not judged. */
  isUnknown(option: "boot_command" | "boot_steps" | "disable_vnc"): boolean;
  /** Whether our tags that wait for the machine are understood. */
  readonly extensions?: boolean | undefined;
  /** The builder types as on a US keyboard: characters that it does not have are warned of. */
  readonly usKeyboard?: boolean | undefined;
}

/** Everything wrong or doubtful in `boot_command` and `boot_steps`; `path` names the text, the detail line and place in it. */
export function checkBootCommand(config: BootCommandConfig, check: BootCommandCheck): Diagnostic[] {
  // What is not known yet may be nothing.
  const hasCommand = !check.isUnknown("boot_command") && (config.boot_command ?? []).length > 0;
  const hasSteps = !check.isUnknown("boot_steps") && (config.boot_steps ?? []).length > 0;
  const diagnostics: Diagnostic[] = [];
  if (hasCommand && hasSteps) {
    diagnostics.push(conflict("boot_steps", "Only one of boot_command and boot_steps may be given."));
  }
  if (config.disable_vnc === true && !check.isUnknown("disable_vnc") && (hasCommand || hasSteps)) {
    const option = hasCommand ? "boot_command" : "boot_steps";
    diagnostics.push(conflict("disable_vnc", `Nothing can be typed without VNC, but ${option} is given.`));
  }
  if (!check.isUnknown("boot_command")) {
    diagnostics.push(...checkTexts(config.boot_command ?? [], (index) => ["boot_command", index], check));
  }
  if (!check.isUnknown("boot_steps")) {
    for (const [step, [command = ""]] of (config.boot_steps ?? []).entries()) {
      diagnostics.push(...checkTexts([command], () => ["boot_steps", step, 0], check));
    }
  }
  return diagnostics;
}

// --- internal ---

type PathOf = (index: number) => readonly PathSegment[];

function conflict(option: string, detail: string): Diagnostic {
  return { severity: "error", code: "TPK3106", summary: "Conflicting arguments", detail, path: [option] };
}

function checkTexts(texts: readonly string[], pathOf: PathOf, check: BootCommandCheck): Diagnostic[] {
  const template = checkTemplates(texts, pathOf, check);
  if (template !== undefined) return [template];
  const text = hideTemplates(texts.join(""));
  const { actions, problems } = parseBootCommand(text, { extensions: check.extensions });
  const found = problems.filter(({ at }) => !text.slice(at.start, at.end).includes(PLACEHOLDER));
  if (check.usKeyboard === true) found.push(...missingKeys(actions));
  return found.map((problem) => diagnosticOf(problem, texts, pathOf));
}

/** The texts are rendered as one, so a template may begin in one and end in the next. */
function checkTemplates(texts: readonly string[], pathOf: PathOf, check: BootCommandCheck): Diagnostic | undefined {
  const all = templateProblem(texts.join(""), check);
  if (all === undefined) return undefined;
  const problems = texts.map((text) => templateProblem(text, check));
  const index = problems.findIndex((problem) => problem !== undefined);
  const path = pathOf(Math.max(0, index));
  const { message, hint } = problems[index] ?? all;
  const detail = `The argument ${JSON.stringify(formatPath(path))} cannot be rendered: ${message}.`;
  return { severity: "error", code: "TPK3108", summary: "Invalid template string", detail, hint, path };
}

function templateProblem(text: string, { template, fields }: BootCommandCheck): TemplateError | undefined {
  try {
    checkTemplate(text, template);
    if (fields !== undefined) requireFields(text, fields);
    return undefined;
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
}

/** What a US keyboard cannot type, each character once. */
function missingKeys(actions: readonly BootAction[]): BootProblem[] {
  const missing = new Map<string, BootProblem>();
  for (const action of actions) {
    if (action.kind !== "key" || !("character" in action.key) || hardwareKeyOf(action.key) !== undefined) continue;
    const { character } = action.key;
    if (character === PLACEHOLDER || missing.has(character) || missing.size >= MOST_MISSING) continue;
    missing.set(character, {
      severity: "warning",
      message: `${JSON.stringify(character)} is on no key of a US keyboard, so it is left out`,
      hint: character === "\n" ? "Write <enter> for the end of a line." : undefined,
      at: action.at,
    });
  }
  return [...missing.values()];
}

const MOST_MISSING = 20;

/** Says where in the user's list the mistake is: the texts are parsed as one, so a tag may even span two of them. */
function diagnosticOf({ severity, message, hint, at }: BootProblem, texts: readonly string[], pathOf: PathOf): Diagnostic {
  let index = 0;
  let offset = at.start;
  while (index < texts.length - 1 && offset >= (texts[index] ?? "").length) offset -= (texts[index++] ?? "").length;
  const text = texts[index] ?? "";
  const shown = excerpt(text, offset, at.end - at.start);
  const path = pathOf(index);
  const detail = `In ${JSON.stringify(formatPath(path))}, at ${placeIn(text, offset)} (${JSON.stringify(shown)}): ${message}.`;
  return severity === "error"
    ? { severity, code: "TPK3105", summary: "Invalid boot command", detail, hint, path }
    : { severity, code: "TPK3110", summary: "Doubtful boot command", detail, hint, path };
}

/** Texts of several lines, such as here documents, have places as editors show them. */
function placeIn(text: string, offset: number): string {
  const lines = text.slice(0, offset).split("\n");
  const character = `character ${[...(lines.at(-1) ?? "")].length + 1}`;
  return text.trimEnd().includes("\n") ? `line ${lines.length}, ${character}` : character;
}

const LONGEST_EXCERPT = 40;

function excerpt(text: string, offset: number, length: number): string {
  const shown = text.slice(offset, offset + Math.min(length, LONGEST_EXCERPT));
  return length > LONGEST_EXCERPT ? `${shown}…` : shown;
}
