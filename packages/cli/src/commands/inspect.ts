import { resolve } from "node:path";
import { command } from "../command.ts";
import { evaluationFlags, outputFlags, pluginFlags, programFlags } from "./flags.ts";
import { openPlugins } from "./plugin-catalog.ts";
import { loadOptions, locateProgram } from "./program.ts";

/** `tspack inspect` (rows DET-05, DET-07, FLG-22, MR-11..13). */
export const inspectCommand = command(
  {
    name: "inspect",
    summary: "show what a program declares: variables, sources, builds",
    about:
      "Loads the program and prints it; nothing is prepared or started, and no data source is asked. Sensitive values are never shown.\n\n" +
      "-json prints the canonical Program: two programs that mean the same print the same, so that they can be compared with diff. " +
      'What is only known during a run stands there as {"$ref": …}. SOURCE_DATE_EPOCH fixes the clock.',
    usage: "[flags] [FILE or FOLDER or -]",
    examples: [
      { command: "tspack inspect", does: "shows what image.ts in this folder declares" },
      { command: "tspack inspect -json before.ts > before.json", does: "writes a form that can be compared" },
    ],
    maxPositionals: 1,
    words: "programs",
    flags: {
      ...programFlags,
      json: { kind: "switch", group: "Output", summary: "Prints the canonical Program as JSON." },
      "machine-readable": outputFlags["machine-readable"],
      ...evaluationFlags,
      ...pluginFlags,
    },
  },
  async ({ flags, positionals, host }) => {
    const { path, notes } = locateProgram(positionals[0], host);
    const [core, dsl, { inspectionLines, inspectionRecords }, { openLog }, { catchInterrupts }] = await Promise.all([
      import("@tspack/core"),
      import("@tspack/dsl"),
      import("../display/inspection.ts"),
      import("../display/log.ts"),
      import("../interrupts.ts"),
    ]);
    // Standard output belongs to what was asked for.
    for (const note of notes) host.stderr.line(note);
    if (flags.only.length + flags.except.length > 0) host.stderr.line("-only and -except have no effect: inspect shows every build.");
    const log = openLog(host);
    const interrupts = catchInterrupts();
    const catalog = await openPlugins(core, { flags, host, path, onEvent: log?.onEvent });
    try {
      // In a template path.root is the path as it was given, in image.ts it is absolute: what can be compared is absolute at every door.
      const named = flags.json === true && path !== "-" ? resolve(host.workingDirectory, path) : path;
      // For people what there is is better than nothing; what is compared has to be complete.
      const isForPeople = flags.json !== true;
      const missingValues = isForPeople ? "ignore" : "error";
      const others = { signal: interrupts.signal, catalog, undeclared: "ignore", keepGoing: isForPeople, missingValues } as const;
      const loaded = await dsl.load(named, await loadOptions(path, flags, host, others));
      const ofBuilds = (loaded.program?.builds ?? []).flatMap(({ sources }) => sources.flatMap(({ problems = [] }) => problems));
      const diagnostics = [...loaded.diagnostics, ...new Set(ofBuilds)];
      for (const diagnostic of diagnostics) log?.onEvent({ time: Date.now(), sequence: 0, kind: "diagnostic", diagnostic });
      host.stderr.write(core.renderDiagnostics(diagnostics, { width: 80 }));
      if (loaded.program === undefined || core.hasErrors(loaded.diagnostics)) return 1;
      if (flags.json === true) {
        const canonical = await dsl.inspect(loaded, { catalog, environment: host.environment, workingDirectory: host.workingDirectory });
        host.stdout.line(JSON.stringify(canonical, undefined, 2));
      } else {
        const lines = host.isMachineReadable ? inspectionRecords(loaded.program) : inspectionLines(loaded.program, loaded.locals);
        // A secret may be part of a name too.
        const redactor = new core.Redactor(loaded.program.secrets);
        for (const line of lines) host.stdout.line(redactor.text(line));
      }
      return core.hasErrors(diagnostics) ? 1 : 0;
    } finally {
      await catalog.close();
      log?.close();
      interrupts.release();
    }
  },
);
