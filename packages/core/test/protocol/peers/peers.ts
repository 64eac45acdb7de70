// Runs with both probes: the plugin made with HashiCorp's SDK, and its twin in TypeScript.
import { buildGoPlugin, installPlugin, tmp, within } from "@tspack/test-support";
import type { RunOptions } from "../../../src/engine/run-options.ts";
import { runProgram } from "../../../src/engine/run-program.ts";
import type { RunEvent } from "../../../src/events/event.ts";
import type { PluginCatalogOptions } from "../../../src/plugins/catalog.ts";
import type { Program } from "../../../src/program/program.ts";
import { type FinishedRun, runToEnd } from "../../engine/run.ts";
import { catalogIn } from "../../plugins/go-components.ts";
import { twinPlugin } from "../../sdk/plugin/bundle.ts";

/** A folder in which both are installed: `probe-machine`, `twin-machine`, … */
export async function bothProbes(): Promise<string> {
  const folder = tmp("plugins");
  installPlugin(folder, buildGoPlugin());
  installPlugin(folder, await twinPlugin(), "1.0.0", { source: "github.com/tspack/twin" });
  return folder;
}

/** Runs a program to its end. */
export async function runWithPeers(made: Program, folder: string, options: RunOptions = {}): Promise<FinishedRun> {
  const catalog = catalogIn(folder);
  try {
    return await within(120_000, () => runToEnd(made, { catalog, environment: process.env, ...options }));
  } finally {
    await catalog.close();
  }
}

/** Runs a program and cancels it at the first event that `isTime`. Returns how it ended. */
export async function cancelWithPeers(
  made: Program,
  folder: string,
  isTime: (event: RunEvent) => boolean,
  changes: Partial<PluginCatalogOptions> = {},
): Promise<{ readonly outcome: string; readonly errors: readonly string[] }> {
  const catalog = catalogIn(folder, changes);
  try {
    const run = runProgram(made, { catalog, environment: process.env, runsDirectory: false });
    let isCancelled = false;
    await within(60_000, async () => {
      for await (const event of run) {
        if (isCancelled || !isTime(event)) continue;
        isCancelled = true;
        run.cancel("a test");
      }
    });
    const { outcome, builds } = await run.result;
    return { outcome, errors: builds.flatMap(({ errors }) => errors) };
  } finally {
    await catalog.close();
  }
}
