import type * as z from "zod";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { formatPath, type PathSegment } from "../../diagnostics/range.ts";
import type { Config } from "../../program/program.ts";
import { type TemplateContext, TemplateError } from "../../template/context.ts";
import { renderTemplate } from "../../template/render.ts";
import type { PrepareRequest } from "../component.ts";
import type { GeneratedData } from "../hook.ts";
import { decodeConfig } from "./decode.ts";
import type { ConfigSpec } from "./spec.ts";

export interface ParsedOptions<Output> {
  /** Undefined when there were errors, or when values are missing that are not known yet. */
  readonly config: Output | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * From the user's configuration to a component's typed options: convert to the specification, render template strings
 * (section 7 of the rows; options named in `renderLater` are left to the component), validate with the schema. Without `data` a
 * text that needs values of the running build stays as it is; with it, everything is rendered from what the user wrote, once.
 */
export function parseOptions<S extends z.ZodObject>(
  request: PrepareRequest,
  schema: S,
  spec: ConfigSpec,
  renderLater: readonly string[],
  data?: GeneratedData,
): ParsedOptions<z.output<S>> {
  const decoded = decodeConfig(request.config, spec);
  const diagnostics: Diagnostic[] = [...decoded.diagnostics];
  const context: TemplateContext = data === undefined ? prepareContext(request) : { ...prepareContext(request), phase: "run", data };
  const rendered: { [option: string]: unknown } = {};
  for (const [name, value] of Object.entries(decoded.config)) {
    rendered[name] = renderLater.includes(name) ? value : renderStrings(value, context, [name], diagnostics);
  }
  const parsed = schema.safeParse(rendered);
  const unknown = request.unknown ?? [];
  const reported = [...diagnostics];
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const path = issue.path.filter((segment): segment is PathSegment => typeof segment !== "symbol");
      // An option that was already reported is missing here for that reason alone.
      if (unknown.some((known) => overlaps(known, path)) || reported.some((known) => overlaps(known.path ?? [], path))) continue;
      diagnostics.push(fromIssue(issue, path, valueAt(rendered, path) === undefined));
    }
  }
  const failed = !parsed.success || diagnostics.some((diagnostic) => diagnostic.severity === "error");
  return { config: failed ? undefined : parsed.data, diagnostics };
}

/** What template strings see while a configuration is prepared: no build values yet, so `build` becomes a late reference. */
export function prepareContext(request: PrepareRequest): TemplateContext {
  return {
    phase: "prepare",
    buildName: request.packer.packer_build_name,
    buildType: request.packer.packer_builder_type,
    coreVersion: request.packer.packer_core_version,
    userVariables: request.packer.packer_user_variables,
    templatePath: request.packer.packer_template_path,
    workingDirectory: request.run.workingDirectory,
    startedAtMs: request.run.startedAtMs,
  };
}

/** Whether a configuration holds template strings that are rendered here. */
export function hasTemplates(config: Config, renderLater: readonly string[]): boolean {
  const holds = (value: unknown): boolean => {
    if (typeof value === "string") return value.includes("{{");
    return typeof value === "object" && value !== null && Object.values(value).some(holds);
  };
  return Object.entries(config).some(([name, value]) => !renderLater.includes(name) && holds(value));
}

function renderStrings(value: unknown, context: TemplateContext, path: readonly PathSegment[], diagnostics: Diagnostic[]): unknown {
  if (typeof value === "string") {
    if (!value.includes("{{")) return value;
    try {
      return renderTemplate(value, context);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      diagnostics.push({
        severity: "error",
        code: "TPK3108",
        summary: "Invalid template string",
        detail: `The argument ${JSON.stringify(formatPath(path))} cannot be rendered: ${error.message}.`,
        hint: error.hint,
        path,
      });
      return undefined;
    }
  }
  if (Array.isArray(value)) return value.map((item, index) => renderStrings(item, context, [...path, index], diagnostics));
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, renderStrings(item, context, [...path, name], diagnostics)]),
    );
  }
  return value;
}

function overlaps(a: readonly PathSegment[], b: readonly PathSegment[]): boolean {
  const length = Math.min(a.length, b.length);
  if (length === 0) return false;
  return a.slice(0, length).every((segment, index) => segment === b[index]);
}

/** What is at a path. zod's issues do not hold the values that they are about. */
function valueAt(value: unknown, path: readonly PathSegment[]): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) return value;
  return typeof value === "object" && value !== null ? valueAt(Reflect.get(value, segment), rest) : undefined;
}

/** One zod issue in our words. zod's own text never reaches users, but for messages a schema of ours gives. */
function fromIssue(issue: z.core.$ZodIssue, path: readonly PathSegment[], isMissing: boolean): Diagnostic {
  const option = JSON.stringify(formatPath(path));
  const base = { severity: "error", path } as const;
  if (issue.code === "invalid_type" && isMissing) {
    return {
      ...base,
      code: "TPK3104",
      summary: "Missing required argument",
      detail: `The argument ${option} is required, but no value was given.`,
    };
  }
  switch (issue.code) {
    case "invalid_type":
      if (issue.expected !== "int") break;
      return { ...base, code: "TPK3105", summary: "Invalid argument value", detail: `The argument ${option} must be a whole number.` };
    case "custom":
      return {
        ...base,
        code: "TPK3105",
        summary: "Invalid argument value",
        detail: `The argument ${option} is not acceptable: ${issue.message}.`,
      };
    case "invalid_union":
      // zod says no more than "Invalid input"; a schema of ours may give its union a text that does.
      if (issue.message === "Invalid input") break;
      return {
        ...base,
        code: "TPK3105",
        summary: "Invalid argument value",
        detail: `The argument ${option} is not acceptable: ${issue.message}.`,
      };
    case "invalid_value":
      return {
        ...base,
        code: "TPK3105",
        summary: "Invalid argument value",
        detail: `The argument ${option} must be one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}.`,
      };
    case "too_small":
      if (issue.origin === "array") {
        return {
          ...base,
          code: "TPK3105",
          summary: "Invalid argument value",
          detail: `The argument ${option} needs at least ${issue.minimum} ${issue.minimum === 1 ? "entry" : "entries"}.`,
        };
      }
      return {
        ...base,
        code: "TPK3105",
        summary: "Invalid argument value",
        detail: `The argument ${option} must be at least ${issue.minimum}.`,
      };
    case "too_big":
      return {
        ...base,
        code: "TPK3105",
        summary: "Invalid argument value",
        detail: `The argument ${option} must be at most ${issue.maximum}.`,
      };
  }
  return {
    ...base,
    code: "TPK3103",
    summary: "Incorrect argument type",
    detail: `The argument ${option} does not have the form that is expected here.`,
  };
}
