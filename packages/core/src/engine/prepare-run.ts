import { randomBytes } from "node:crypto";
import { builtInCatalog } from "../components/built-in.ts";
import type { CatalogUse, ComponentCatalog, OpenCatalog } from "../components/catalog.ts";
import { EventBus } from "../events/bus.ts";
import { Redactor } from "../events/redact.ts";
import type { Program } from "../program/program.ts";
import type { RunInfo } from "../sdk/component.ts";
import { KnownValues } from "./known-values.ts";
import { Questions } from "./questions.ts";
import type { RunContext } from "./run-context.ts";
import type { RunOptions } from "./run-options.ts";

/** The defaults of all options, applied. `temporaryDirectory` need not exist where nothing is run. */
export function runContext(
  program: Program,
  options: RunOptions,
  given: {
    readonly id: string;
    readonly signal: AbortSignal;
    readonly temporaryDirectory: string;
    /** Absolute; for plugins. */
    readonly runDirectory?: string | undefined;
  },
): RunContext {
  const redactor = new Redactor(program.secrets);
  const bus = new EventBus(redactor);
  const environment = options.environment ?? {};
  const values = new KnownValues(redactor);
  for (const { type, name, answer } of program.datasources) if (answer !== undefined) values.setData(type, name, answer.output);
  const run: RunInfo = {
    runUuid: given.id,
    startedAtMs: startTime(environment.SOURCE_DATE_EPOCH),
    temporaryDirectory: given.temporaryDirectory,
    // What a run starts can tell which run it belongs to (row ENV-12).
    environment: { ...environment, PACKER_RUN_UUID: given.id },
    workingDirectory: options.workingDirectory ?? process.cwd(),
  };
  return {
    program,
    bus,
    catalog: openCatalog(options.catalog ?? builtInCatalog(), {
      style: program.configStyle,
      requirements: program.requirements,
      environment: { ...run.environment, TSPACK_RUN_DIRECTORY: given.runDirectory },
      workingDirectory: run.workingDirectory,
      log: (level, source, text) => bus.emit({ kind: "log", level, source, text }),
    }),
    run,
    values,
    questions: new Questions(bus, options.answer, given.signal),
    signal: given.signal,
    force: options.force ?? false,
    debug: options.debug ?? false,
    onError: options.onError ?? "cleanup",
    explain: options.explain ?? (() => undefined),
    specs: new Map(),
  };
}

/** The catalog for one run. One whose components need no end is as good as closed. */
function openCatalog(catalog: ComponentCatalog, use: CatalogUse): OpenCatalog {
  if (catalog.open !== undefined) return catalog.open(use);
  return {
    find: (kind, type) => catalog.find(kind, type),
    names: (kind) => catalog.names(kind),
    advice: async (kind, type) => catalog.advice?.(kind, type),
    close: async () => undefined,
  };
}

/** A UUID whose first part is the time (RFC 9562, version 7), so that runs sort by when they began. */
export function newRunId(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Seconds since 1970 in SOURCE_DATE_EPOCH fix the clock that templates see. */
function startTime(epoch: string | undefined): number {
  return epoch !== undefined && /^\d+$/.test(epoch) ? Number(epoch) * 1000 : Date.now();
}
