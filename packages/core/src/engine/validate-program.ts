import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { withExcerpt } from "../diagnostics/excerpt.ts";
import type { Program } from "../program/program.ts";
import { Core } from "./core.ts";
import { collectDiagnostics } from "./diagnostic-set.ts";
import { newRunId, runContext } from "./prepare-run.ts";
import type { RunOptions } from "./run-options.ts";
import { TemporaryDirectory } from "./temporary-directory.ts";

/**
 * Prepares every selected build with placeholders for what is not known yet and returns all problems of all builds. Starts nothing,
 * but for the data sources with `evaluateDatasources`.
 */
export async function validateProgram(program: Program, options: RunOptions = {}): Promise<Diagnostic[]> {
  const id = newRunId();
  const signal = options.signal ?? new AbortController().signal;
  const temporary = options.evaluateDatasources === true ? new TemporaryDirectory(options.environment?.TMPDIR) : undefined;
  // Preparing writes nothing, so the folder need not be there.
  const temporaryDirectory = temporary?.path ?? join(tmpdir(), `tspack-${id}`);
  const context = runContext(program, options, { id, signal, temporaryDirectory });
  if (options.onEvent !== undefined) context.bus.listen(options.onEvent);
  const diagnostics = collectDiagnostics();
  const finish = (): Diagnostic[] => diagnostics.all().map((one) => context.bus.redactor.data(withExcerpt(one)));
  try {
    const core = new Core(context, options);
    diagnostics.add(core.plan.diagnostics);
    if (hasErrors(core.plan.diagnostics)) return finish();
    if (options.evaluateDatasources === true) {
      await core.prepareDatasources((_, found) => diagnostics.add(found));
      await core.runDatasources();
      diagnostics.add(core.datasourceProblems);
      await core.prepareBuilds((_, found) => diagnostics.add(found));
    } else await core.prepare((_, found) => diagnostics.add(found));
    return finish();
  } finally {
    await context.catalog.close();
    context.bus.end();
    temporary?.remove();
  }
}
