// What plugins in TypeScript tell of their options besides their specifications: descriptions, defaults and choices (`PLUGIN specs`).
import * as z from "zod";
import { errorText, PluginError } from "../diagnostics/error.ts";
import type { ComponentKind } from "../sdk/component.ts";
import type { ConfigSpec, SpecType } from "../sdk/config/spec.ts";
import { DEFAULT_COMPONENT } from "./describe.ts";
import { type AskOptions, askPlugin } from "./describe-process.ts";

/** A component as its plugin describes it. */
export interface ToldComponent {
  readonly kind: ComponentKind;
  /** What it is called inside its plugin; undefined when it is called like the plugin. */
  readonly inside: string | undefined;
  readonly description: string;
  readonly options: ConfigSpec;
  /** Data sources: what they answer. */
  readonly output?: ConfigSpec | undefined;
}

/** Blocks in blocks; far more than anybody writes. */
const DEEPEST = 100;

/** Asks a plugin of which `describe` says that it can be asked. Throws a PluginError (TPK4001) when it does not answer as it should. */
export async function askForSpecs(file: string, options: AskOptions): Promise<readonly ToldComponent[]> {
  const output = await askPlugin(file, "specs", options);
  try {
    const value: unknown = JSON.parse(output);
    requireDepth(value, DEEPEST * 4);
    return schema()
      .parse(value)
      .components.map(({ name, ...component }) => ({ ...component, inside: name === DEFAULT_COMPONENT ? undefined : name }));
  } catch (cause) {
    const why = errorText(cause).replace(/\s+/g, " ").slice(0, 200);
    throw new PluginError(`the plugin ${file} does not tell its options: ${why}`, {
      code: "TPK4001",
      hint: "Its authors need to know: `specs` has to print one JSON object.",
    });
  }
}

// --- internal ---

/** The schema calls itself for each level. */
function requireDepth(value: unknown, left: number): void {
  if (left === 0) throw new Error("it is nested too deeply");
  if (typeof value !== "object" || value === null) return;
  for (const inner of Object.values(value)) requireDepth(inner, left - 1);
}

function schema() {
  const type: z.ZodType<SpecType> = z.lazy(() =>
    z.discriminatedUnion("kind", [
      z.object({ kind: z.enum(["string", "number", "bool", "any"]) }),
      z.object({ kind: z.enum(["list", "set", "map"]), element: type }),
      z.object({ kind: z.literal("object"), attributes: z.record(z.string(), type), spec: spec.optional() }),
      z.object({ kind: z.literal("union"), variants: z.array(option) }),
      z.object({ kind: z.literal("block"), spec }),
      z.object({ kind: z.literal("block-list"), spec, minItems: z.number().optional(), maxItems: z.number().optional() }),
    ]),
  );
  const option = z.object({
    type,
    required: z.boolean(),
    description: z.string().optional(),
    default: z.unknown().optional(),
    choices: z.array(z.string()).optional(),
    deprecated: z.boolean().optional(),
    sentAs: z.string().optional(),
  });
  const spec: z.ZodType<ConfigSpec> = z.object({ options: z.record(z.string(), option) });
  return z.object({
    components: z.array(
      z.object({
        kind: z.enum(["builder", "provisioner", "post-processor", "datasource"]),
        name: z.string(),
        description: z.string(),
        options: spec,
        output: spec.optional(),
      }),
    ),
  });
}
