// `.tspack/runs/ID/`: ledger.json (what was run and how it ended), events.ndjson, and one log file per build.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorText } from "../diagnostics/error.ts";
import type { EventBus } from "../events/bus.ts";
import type { RunEvent } from "../events/event.ts";
import { ndjsonLine } from "../events/ndjson.ts";
import { PlainPrinter } from "../events/plain.ts";
import type { Program } from "../program/program.ts";
import { coreVersion } from "../version.ts";
import { AppendFile } from "./append-file.ts";
import { pruneRuns, runOwner } from "./prune-runs.ts";
import type { RunResult } from "./run-options.ts";

/** How long events may wait in memory before they are in their file. */
const FLUSH_INTERVAL_MS = 250;
/** Logs of builds are written when they end, when there is much to write, and every so many intervals: opening hundreds of files costs. */
const INTERVALS_PER_LOG_FLUSH = 8;

/** The folder in which a run leaves its traces. All files are the user's alone: secrets are out, but output is private anyway. */
export class RunDirectory {
  readonly path: string;
  readonly #bus: EventBus;
  readonly #events: AppendFile;
  readonly #logs = new Map<string, AppendFile>();
  readonly #fileNames = new Set<string>();
  readonly #printer = new PlainPrinter();
  readonly #ledger: { readonly [name: string]: unknown };
  #timer: NodeJS.Timeout | undefined;
  #intervals = 0;
  #isIncomplete = false;
  #pruning: Promise<void> | undefined;

  private constructor(path: string, bus: EventBus, ledger: { readonly [name: string]: unknown }) {
    this.path = path;
    this.#bus = bus;
    this.#ledger = ledger;
    this.#events = new AppendFile(join(path, "events.ndjson"));
  }

  /** Makes the folder, records everything from now on, and begins to remove what is left of old runs. Undefined, with a note in the log, where no folder can be made. */
  static open(parent: string, id: string, program: Program, bus: EventBus): RunDirectory | undefined {
    const path = join(parent, id);
    try {
      mkdirSync(join(path, "logs"), { recursive: true, mode: 0o700 });
      const ledger = { id, version: coreVersion, program: program.file, started: new Date().toISOString(), ...runOwner() };
      const directory = new RunDirectory(path, bus, ledger);
      directory.#writeLedger({ outcome: "running" });
      bus.history.file = directory.#events;
      bus.listen((event) => directory.#record(event));
      directory.#pruning = directory.#prune(parent);
      return directory;
    } catch (error) {
      bus.emit({ kind: "log", level: "warn", source: "core", text: `this run keeps no log files: ${errorText(error)}` });
      return undefined;
    }
  }

  /** Resolves when old runs are removed, and what could not be is in the log. Await it before the run ends. */
  async pruned(): Promise<void> {
    await this.#pruning;
  }

  /** Writes out everything and closes the ledger. */
  close(result: RunResult): void {
    clearTimeout(this.#timer);
    this.#guard(() => {
      this.#flush();
      const builds = result.builds.map(({ name, outcome, durationMs, errors, artifacts }) => ({
        name,
        outcome,
        durationMs,
        errors,
        artifacts,
      }));
      this.#writeLedger({ finished: new Date().toISOString(), outcome: result.outcome, builds });
    });
  }

  // --- internal ---

  async #prune(parent: string): Promise<void> {
    for (const text of await pruneRuns(parent)) this.#bus.emit({ kind: "log", level: "warn", source: "core", text });
  }

  #record(event: RunEvent): void {
    this.#guard(() => {
      this.#events.write(ndjsonLine(event));
      if (event.build !== undefined) {
        const log = this.#logOf(event.build);
        const time = new Date(event.time).toISOString();
        for (const line of this.#printer.lines(event)) log.write(`${time} ${line}`);
        if (event.kind === "build-finished") log.flush();
      }
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#guard(() => {
          this.#events.flush();
          if (++this.#intervals % INTERVALS_PER_LOG_FLUSH === 0) this.#flush();
        });
      }, FLUSH_INTERVAL_MS).unref();
    });
  }

  #logOf(build: string): AppendFile {
    const known = this.#logs.get(build);
    if (known !== undefined) return known;
    const base = build.replace(/[^\w.-]/g, "_").slice(0, 200);
    let name = base;
    for (let count = 2; this.#fileNames.has(name.toLowerCase()); count++) name = `${base}-${count}`;
    this.#fileNames.add(name.toLowerCase());
    const log = new AppendFile(join(this.path, "logs", `${name}.log`));
    this.#logs.set(build, log);
    return log;
  }

  #flush(): void {
    this.#events.flush();
    for (const log of this.#logs.values()) log.flush();
  }

  #writeLedger(changes: { readonly [name: string]: unknown }): void {
    const text = `${JSON.stringify({ ...this.#ledger, ...changes }, undefined, 2)}\n`;
    writeFileSync(join(this.path, "ledger.json"), text, { mode: 0o600 });
  }

  /** A disk that is full must not stop builds: it is said, and the files stay incomplete. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (this.#isIncomplete) return;
      this.#isIncomplete = true;
      this.#bus.emit({ kind: "error", text: `the files of this run in ${this.path} are incomplete: ${errorText(error)}` });
    }
  }
}
