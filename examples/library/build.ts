// A release script: checks the program first, builds it for several releases at the same time, follows what happens as typed events,
// and writes an index of what came out.
import { join } from "node:path";
import { build, hasErrors, load, type RunEvent, renderDiagnostics, run, source, validate } from "tspack";

const folder = import.meta.dirname;
const releases = ["bookworm", "trixie"];

// Stop after five minutes, or on Ctrl-C: running builds clean up, and their results say "cancelled".
const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort("Ctrl-C"));
const signal = AbortSignal.any([interrupt.signal, AbortSignal.timeout(300_000)]);

// Nothing is read from the process unless it is passed on.
const options = { environment: process.env, force: true, signal };

/** Prints what is worth a line. Each kind of event has fields of its own. */
function print(release: string, event: RunEvent): void {
  if (event.kind === "output") console.log(`${release}: ${event.text}`);
  if (event.kind === "build-finished") console.log(`${release}: ${event.outcome} in ${Math.round(event.durationMs)} ms`);
}

const results = await Promise.all(
  releases.map(async (release) => {
    const loaded = await load(folder, { ...options, variables: { release } });
    const problems = await validate(loaded, options);
    if (hasErrors(problems)) throw new Error(renderDiagnostics(problems));
    const running = await run(loaded, options);
    for await (const event of running) print(release, event);
    return { release, ...(await running.result) };
  }),
);

const index = results.map(({ release, outcome, builds }) => ({
  release,
  outcome,
  files: builds.flatMap((one) => one.artifacts.flatMap(({ files }) => files)),
}));

// Builds need no image.ts: a script makes them with the same functions.
const list = build({
  sources: [source("file", "index", { target: join(folder, "output/index.json"), content: JSON.stringify(index, null, 2) })],
});
const written = await (await run(list, { ...options, workingDirectory: folder })).result;

console.log(JSON.stringify(index));
process.exitCode = Math.max(written.exitCode, ...results.map(({ exitCode }) => exitCode));
