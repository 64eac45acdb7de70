import type { EventBody, EventListener, RunEvent } from "@tspack/core";
import { command } from "../command.ts";
import { evaluationFlags, idleFlags, idleNotes, outputFlags, pluginFlags, programFlags } from "./flags.ts";
import { openPlugins } from "./plugin-catalog.ts";
import { loadOptions, locateProgram } from "./program.ts";

const building = "How it builds";
const output = "Output";

/** `tspack run`, Packer's `build` (rows DET-01, FLG-01..16, EXIT-01..09). */
export const runCommand = command(
  {
    name: "run",
    aliases: ["build"],
    summary: "build the images of a program",
    about:
      "Loads the program, prepares every build, and starts nothing if the program itself is wrong. Builds run side by side, after those whose artifacts they use. " +
      "Exit code 0 means that every selected build succeeded.\n\n" +
      "Ctrl-C cancels: running builds clean up, and the exit code is 1. A second Ctrl-C leaves at once with 130. " +
      "Full output and events of each run are kept in .tspack/runs/ beside the program.",
    usage: "[flags] [FILE or FOLDER or -]",
    examples: [
      { command: "tspack run", does: "builds everything that image.ts in this folder exports" },
      { command: "tspack run web/image.ts -only='*.null.*' -var release=bookworm", does: "builds some of it, with a variable set" },
      { command: "tspack run -force -on-error=ask", does: "overwrites earlier artifacts, and asks what to do when a step fails" },
      { command: "tspack run -json > events.ndjson", does: "writes each event as a line of JSON, for programs" },
    ],
    maxPositionals: 1,
    words: "programs",
    flags: {
      ...programFlags,
      force: { kind: "switch", group: building, summary: "Overwrites artifacts of earlier runs." },
      "on-error": {
        kind: "choice",
        choices: ["cleanup", "abort", "ask", "run-cleanup-provisioner"],
        group: building,
        summary: "What happens when a step fails: clean up (default), leave everything as it is, ask, or run the error cleanup alone.",
      },
      "parallel-builds": { kind: "number", value: "N", group: building, summary: "Most builds at the same time; 0 (default) means all." },
      debug: { kind: "switch", group: building, summary: "Stops between steps and waits for Enter; one build at a time." },
      "warn-on-undeclared-var": {
        kind: "switch",
        group: building,
        summary: "Warns about names in variable files that the program does not declare.",
      },
      ...outputFlags,
      json: { kind: "switch", group: output, summary: "Prints events as lines of JSON; see docs/events.schema.json." },
      plain: { kind: "switch", group: output, summary: "Prints Packer's plain lines on a terminal too, in place of the live tree." },
      "timestamp-ui": { kind: "switch", group: output, summary: "Begins plain lines with the time." },
      ...evaluationFlags,
      ...pluginFlags,
      ...idleFlags,
    },
  },
  async ({ flags, positionals, host }) => {
    const { path, notes } = locateProgram(positionals[0], host);
    const [core, dsl, { chooseDisplay }, { openLog }, { terminalAnswerer }, { catchInterrupts }, { catchStrayErrors }] = await Promise.all([
      import("@tspack/core"),
      import("@tspack/dsl"),
      import("../display/choose.ts"),
      import("../display/log.ts"),
      import("../questions.ts"),
      import("../interrupts.ts"),
      import("../stray-errors.ts"),
    ]);
    const isJson = flags.json === true;
    const log = openLog(host);
    const interrupts = catchInterrupts();
    try {
      const display = await chooseDisplay(host, {
        isJson,
        color: flags.color,
        hasTimestamps: flags["timestamp-ui"],
        isPlain: flags.plain === true || flags.debug === true || (log?.usesStderr === true && host.stderr.isTty),
      });
      const onEvent: EventListener = (event) => {
        log?.onEvent(event);
        display.onEvent(event);
      };
      const catalog = await openPlugins(core, { flags, host, path, onEvent }).catch(async (error: unknown) => {
        await display.close();
        throw error;
      });
      let isLoaded = false;
      const stray = catchStrayErrors({ core, dsl }, (diagnostic) => {
        onEvent(beforeRun({ kind: "diagnostic", diagnostic }));
        if (isLoaded) interrupts.stop("an error that nobody waited for");
      });
      try {
        for (const note of [...notes, ...idleNotes(flags)]) onEvent(beforeRun({ kind: "say", text: note }));
        const loaded = await dsl.load(
          path,
          await loadOptions(path, flags, host, {
            signal: interrupts.signal,
            catalog,
            evaluateDatasources: true,
            keepGoing: true,
            undeclared: flags["warn-on-undeclared-var"] === true ? "warn" : "ignore",
          }),
        );
        stray.explainBy(loaded);
        isLoaded = true;
        for (const diagnostic of loaded.diagnostics) onEvent(beforeRun({ kind: "diagnostic", diagnostic }));
        if (loaded.program === undefined || core.hasErrors(loaded.diagnostics) || stray.happened) return 1;
        const run = await dsl.run(loaded, {
          only: flags.only,
          except: flags.except,
          force: flags.force,
          debug: flags.debug,
          onError: flags["on-error"],
          parallelBuilds: flags["parallel-builds"],
          catalog,
          environment: host.environment,
          workingDirectory: host.workingDirectory,
          signal: interrupts.signal,
          answer: terminalAnswerer(host, display, { isJson }),
          onEvent,
        });
        const { exitCode } = await run.result;
        return stray.happened ? 1 : exitCode;
      } finally {
        await catalog.close();
        stray.release();
        await display.close();
      }
    } finally {
      log?.close();
      interrupts.release();
    }
  },
);

/** An event from before the run, whose own events count from 1. */
function beforeRun(body: EventBody): RunEvent {
  return { time: Date.now(), sequence: 0, phase: "load", ...body };
}
