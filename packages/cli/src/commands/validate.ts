import { command } from "../command.ts";
import { evaluationFlags, outputFlags, pluginFlags, programFlags } from "./flags.ts";
import { openPlugins } from "./plugin-catalog.ts";
import { loadOptions, locateProgram } from "./program.ts";

const checking = "What it checks";

/** `tspack validate` (rows DET-02, DET-04, FLG-17..21). */
export const validateCommand = command(
  {
    name: "validate",
    summary: "check a program without starting anything",
    about:
      "Loads the program, prepares every build and shows all problems of all builds at once. Scripts and files that options name must exist. " +
      "Data sources are not asked unless -evaluate-datasources is given; what depends on them is checked as far as it can be.\n\n" +
      "Exit code 0 means that nothing is wrong; warnings do not count.",
    usage: "[flags] [FILE or FOLDER or -]",
    examples: [
      { command: "tspack validate", does: "checks image.ts in this folder" },
      { command: "tspack validate -var-file=prod.json images/", does: "checks images/image.ts with the variables of production" },
      { command: "tspack validate -syntax-only", does: "loads the program and its variables, and looks at no component" },
    ],
    maxPositionals: 1,
    words: "programs",
    flags: {
      ...programFlags,
      "syntax-only": {
        kind: "switch",
        group: checking,
        summary: "Stops after templates and the values of variables were read; an image.ts is evaluated for that.",
      },
      "no-warn-undeclared-var": {
        kind: "switch",
        group: checking,
        summary: "Keeps quiet about names in variable files that the program does not declare.",
      },
      "evaluate-datasources": { kind: "switch", group: checking, summary: "Runs data sources and checks what depends on them too." },
      ...outputFlags,
      json: { kind: "switch", group: "Output", summary: "Prints each problem as a line of JSON." },
      ...evaluationFlags,
      ...pluginFlags,
    },
  },
  async ({ flags, positionals, host }) => {
    const { path, notes } = locateProgram(positionals[0], host);
    const [core, dsl, { diagnosticPrinter }, { openLog }, { catchInterrupts }, { catchStrayErrors }] = await Promise.all([
      import("@tspack/core"),
      import("@tspack/dsl"),
      import("../display/diagnostics.ts"),
      import("../display/log.ts"),
      import("../interrupts.ts"),
      import("../stray-errors.ts"),
    ]);
    const log = openLog(host);
    const interrupts = catchInterrupts();
    const print = diagnosticPrinter(host, { color: flags.color, isJson: flags.json }, log);
    const catalog = await openPlugins(core, { flags, host, path, onEvent: log?.onEvent });
    const stray = catchStrayErrors({ core, dsl }, (diagnostic) => print.diagnostics([diagnostic]));
    try {
      for (const note of notes) print.note(note);
      const loaded = await dsl.load(
        path,
        await loadOptions(path, flags, host, {
          signal: interrupts.signal,
          catalog,
          evaluateDatasources: flags["evaluate-datasources"],
          keepGoing: true,
          syntaxOnly: flags["syntax-only"],
          undeclared: flags["no-warn-undeclared-var"] === true ? "ignore" : "warn",
        }),
      );
      stray.explainBy(loaded);
      const diagnostics =
        loaded.program === undefined || core.hasErrors(loaded.diagnostics) || flags["syntax-only"] === true
          ? loaded.diagnostics
          : await dsl.validate(loaded, {
              only: flags.only,
              except: flags.except,
              catalog,
              environment: host.environment,
              workingDirectory: host.workingDirectory,
              evaluateDatasources: flags["evaluate-datasources"],
              signal: interrupts.signal,
              onEvent: log?.onEvent,
            });
      print.diagnostics(diagnostics);
      if (core.hasErrors(diagnostics) || stray.happened) return 1;
      print.note(flags["syntax-only"] === true ? "The syntax is right." : "The configuration is valid.");
      return 0;
    } finally {
      await catalog.close();
      stray.release();
      log?.close();
      interrupts.release();
    }
  },
);
