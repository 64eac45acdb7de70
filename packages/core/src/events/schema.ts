import * as z from "zod";
import { errorCodes } from "../diagnostics/codes.ts";
import type { RunEvent } from "./event.ts";

/**
 * What an event looks like from outside (`--json`, `events.ndjson`): the source of docs/events.schema.json. Consumers must accept
 * fields and kinds they do not know; those listed here keep their meaning within a major version.
 */
export function eventSchema(): z.ZodType<RunEvent> {
  const header = headerSchema();
  const kind = <K extends string, S extends z.ZodRawShape>(name: K, description: string, fields: S) =>
    header.extend({ kind: z.literal(name), ...fields }).describe(description);
  const outcome = z.enum(["succeeded", "failed", "cancelled", "skipped"]).describe("How it ended.");
  const durationMs = z.number().describe("Milliseconds it took.");
  const step = z.string().describe("Label of the step, unique within its build.");
  const texts = (description: string) => z.array(z.string()).describe(description);
  return z.discriminatedUnion("kind", [
    kind("run-started", "The run begins. Always the first event of the run, but for log events.", {
      runId: z.string().describe("Identifies the run; a UUID that sorts by time."),
      version: z.string().describe("Version of tspack."),
      builds: z
        .array(z.object({ name: z.string(), steps: texts("Labels of its steps in order."), waitsFor: texts("Builds it waits for.") }))
        .describe("The selected builds in order."),
      runDirectory: z.string().optional().describe("Folder with the files of the run."),
    }),
    kind("build-started", "A build begins.", {}),
    kind("step-started", "A data source, builder, provisioner or post-processor begins, or is tried again.", {
      step,
      attempt: z.number().int().optional().describe("From 2 on: which attempt this is."),
    }),
    kind("step-finished", "A step has ended.", { step, outcome, durationMs, error: z.string().optional().describe("What went wrong.") }),
    kind("say", "A component or the engine says something.", { text: z.string() }),
    kind("error", "Something went wrong; says nothing about whether the build fails.", { text: z.string() }),
    kind("output", "What a command printed: a line, or several with line feeds between them, without the last line end.", {
      stream: z.enum(["stdout", "stderr"]),
      text: z.string(),
    }),
    kind("progress", "Long work has got on.", {
      id: z.number().int().describe("Tells apart several that go on at once."),
      label: z.string(),
      doneBytes: z.number(),
      totalBytes: z.number().optional().describe("Absent when it is not known."),
      finished: z.boolean(),
    }),
    kind("machine", "A machine-readable record of a component's own type.", { type: z.string(), data: texts("Its fields.") }),
    kind("file", "A component keeps a file that tells about the build. It may still be growing.", {
      type: z.string().describe("What is in it: `console` of a machine, `screen` for a picture of one, or a component's own word."),
      path: z.string().describe("Absolute path, as a rule in the folder of the run."),
    }),
    kind("log", "For the log alone.", { level: z.enum(["debug", "info", "warn", "error"]), source: z.string(), text: z.string() }),
    kind("diagnostic", "Something is wrong with the program or its configuration.", { diagnostic: diagnosticSchema() }),
    kind("question", "Somebody has to answer before it goes on.", {
      id: z.number().int(),
      text: z.string(),
      choices: texts("Accepted answers, where they are fixed.").optional(),
    }),
    kind("answer", "A question was answered.", { id: z.number().int().describe("The question's."), text: z.string() }),
    kind("build-finished", "A build has ended, or will never start.", {
      outcome,
      durationMs,
      artifacts: z.array(artifactSchema()).describe("What it resulted in, in order."),
      errors: texts("All that went wrong, in order."),
    }),
    kind("cancelling", "The run is being cancelled.", { reason: z.string() }),
    kind("run-finished", "The run has ended. Always the last event.", {
      outcome,
      durationMs,
      timings: z.array(z.object({ build: z.string(), step: z.string(), durationMs: z.number() })).describe("Time per step, slowest first."),
    }),
  ]);
}

/** JSON Schema of one event, as docs/events.schema.json has it. */
export function eventJsonSchema(): object {
  return {
    title: "Event of a tspack run",
    description: "One line of `tspack run --json` and of events.ndjson.",
    ...z.toJSONSchema(eventSchema(), { io: "input", override: ({ jsonSchema }) => dropSafeIntegers(jsonSchema) }),
  };
}

// --- internal ---

function headerSchema() {
  return z.object({
    time: z.number().describe("Milliseconds since 1970."),
    sequence: z.number().int().describe("Counts from 1 without gaps; 0 for what the command line tells before the run begins."),
    build: z.string().optional().describe("Full name of the build; absent for events of the whole run."),
    component: z
      .object({
        kind: z.enum(["builder", "provisioner", "post-processor", "datasource"]),
        type: z.string(),
        name: z.string().optional(),
        index: z.number().int().optional().describe("Place among its siblings, from 1."),
      })
      .optional()
      .describe("The component it comes from."),
    phase: z
      .enum(["load", "prepare", "datasource", "builder", "provision", "error-cleanup", "post-process", "artifact", "summary"])
      .optional()
      .describe("The part of the run it belongs to."),
  });
}

function artifactSchema() {
  return z.object({
    builderId: z.string().describe("The kind of artifact."),
    id: z.string(),
    description: z.string().describe("One line for people."),
    files: z.array(z.string()),
  });
}

function diagnosticSchema() {
  const position = z.object({ line: z.number().int(), column: z.number().int(), byte: z.number().int().optional() });
  const range = z.object({ file: z.string(), start: position, end: position });
  // A pattern, so that a new code is no change of the format.
  const code = z
    .string()
    .regex(/^TPK[1-9]\d{3}$/)
    .transform((text, context) => {
      if (isCode(text)) return text;
      context.addIssue({ code: "custom", message: "unknown code" });
      return z.NEVER;
    });
  return z.object({
    severity: z.enum(["error", "warning"]),
    code: code.describe("Stable; see errors.md."),
    summary: z.string(),
    detail: z.string().optional(),
    hint: z.string().optional(),
    subject: range.optional().describe("The place to mark; lines and columns count from 1, the end is exclusive."),
    context: range.optional(),
    excerpt: z
      .object({ firstLine: z.number().int(), lines: z.array(z.string()) })
      .optional()
      .describe("Source lines around the subject."),
    where: z.string().optional(),
    path: z.array(z.union([z.string(), z.number()])).optional(),
    related: z.array(z.object({ at: range, message: z.string() })).optional(),
  });
}

/** That integers are exact in JavaScript goes without saying. */
function dropSafeIntegers(schema: { minimum?: number; maximum?: number }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

function isCode(name: string): name is keyof typeof errorCodes {
  return Object.hasOwn(errorCodes, name);
}
