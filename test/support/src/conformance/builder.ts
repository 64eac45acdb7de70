// What every builder has to do: the contracts of packages/core/src/sdk/builder.ts and component.ts as tests.
import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import * as assert from "uvu/assert";
import {
  type Builder,
  type ComponentFactory,
  type Config,
  errorText,
  HOOK_CLEANUP_PROVISION,
  HOOK_PROVISION,
  type Hook,
  type HookContext,
  isCancellation,
} from "../../../../packages/core/src/sdk/index.ts";
import { prepare, prepareWell, runInfo } from "../component.ts";
import { RecordingUi } from "../recording-ui.ts";
import { rejects } from "../rejects.ts";
import { tmp } from "../tmp.ts";
import { within } from "../within.ts";

type Register = (name: string, body: () => Promise<void>) => void;

/** A builder with something to build. */
export interface ConformanceBuilder {
  readonly factory: ComponentFactory<Builder>;
  readonly config: Config;
  /** A folder of its own, used as working directory. */
  readonly workingDirectory: string;
  close?(): Promise<void>;
}

/** A builder that is ready to run, and what is watched of it. */
interface Bench extends ConformanceBuilder {
  readonly builder: Builder;
  /** Folder for temporary files; has to be empty at the end. */
  readonly temporaryDirectory: string;
  readonly fired: string[];
  readonly controller: AbortController;
  start(onHook?: (name: string, context: HookContext) => Promise<void>): ReturnType<Builder["run"]>;
}

/** Registers the tests. `make` is called for each. */
export function builderConformance(test: Register, make: () => Promise<ConformanceBuilder>): void {
  const withBuilder = (name: string, body: (bench: Bench) => Promise<void>): void => {
    test(`builder: ${name}`, async () => {
      const made = await make();
      try {
        await within(60_000, async () => body(await bench(made)));
      } finally {
        await made.close?.();
      }
    });
  };

  withBuilder("prepare reports unknown options instead of throwing, and writes nothing", async ({ factory, config, workingDirectory }) => {
    const before = listing(workingDirectory);
    const run = runInfo({ workingDirectory });
    const diagnostics = await prepare(await factory.create(), { ...config, no_such_option: 1 }, { run });
    assert.equal(
      diagnostics.filter(({ severity }) => severity === "error").map(({ code, path }) => [code, path]),
      [["TPK3102", ["no_such_option"]]],
    );
    assert.equal(listing(workingDirectory), before);
    assert.equal(readdirSync(run.temporaryDirectory), []);
  });

  withBuilder("placeholders are not checked, and a second prepare replaces the first", async ({ factory, config, workingDirectory }) => {
    const run = runInfo({ workingDirectory });
    const builder = await factory.create();
    const unknown = Object.keys(config).map((option) => [option]);
    const placeholders = Object.fromEntries(
      Object.entries(config).map(([option, value]) => [option, typeof value === "string" ? "<unknown>" : value]),
    );
    const problems = await prepare(builder, placeholders, { run, unknown });
    assert.equal(
      problems.filter(({ severity }) => severity === "error"),
      [],
    );
    await prepareWell(builder, config, { run });
    await builder.run({ ui: new RecordingUi(), hook: { run: async () => {} }, signal: new AbortController().signal });
    assert.not.match(listing(workingDirectory).join("\n"), /<unknown>/);
  });

  withBuilder("running without having been prepared is a fault", async ({ factory }) => {
    const builder = await factory.create();
    const context = { ui: new RecordingUi(), hook: { run: async () => {} }, signal: new AbortController().signal };
    await rejects((async () => builder.run(context))());
  });

  withBuilder("the machine is provisioned once, and the artifact's files are there", async (bench) => {
    const artifact = await bench.start(async (_name, { data, signal }) => {
      assert.type(data, "object");
      assert.not.ok(signal.aborted);
    });
    assert.equal(bench.fired, [HOOK_PROVISION]);
    assert.equal(readdirSync(bench.temporaryDirectory), []);
    if (artifact === undefined) return;
    for (const text of [artifact.builderId, artifact.id, artifact.description]) assert.type(text, "string");
    for (const file of artifact.files) assert.ok(existsSync(resolve(bench.workingDirectory, file)), `${file} is missing`);
    assert.is(await artifact.state("no such state"), undefined);
  });

  withBuilder("when provisioning fails the error-cleanup provisioner runs, then it fails with that error", async (bench) => {
    const failing = bench.start(async (name, { signal }) => {
      assert.not.ok(signal.aborted);
      if (name === HOOK_PROVISION) throw new Error("the provisioner broke");
    });
    assert.match(errorText(await rejects(failing)), /the provisioner broke/);
    assert.equal(bench.fired, [HOOK_PROVISION, HOOK_CLEANUP_PROVISION]);
    assert.equal(readdirSync(bench.temporaryDirectory), []);
  });

  withBuilder("when the error-cleanup provisioner fails too, both errors are reported", async (bench) => {
    const failing = bench.start(async (name) => {
      throw new Error(name === HOOK_PROVISION ? "the provisioner broke" : "so did the clean-up");
    });
    assert.match(errorText(await rejects(failing)), /the provisioner broke.*so did the clean-up/);
  });

  withBuilder("a cancellation while provisioning ends it without the error-cleanup provisioner", async (bench) => {
    const cancelled = bench.start(
      (_name, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
          bench.controller.abort();
        }),
    );
    assert.ok(isCancellation(await rejects(cancelled)));
    assert.equal(bench.fired, [HOOK_PROVISION]);
    assert.equal(readdirSync(bench.temporaryDirectory), []);
  });

  withBuilder("a build that was cancelled before provisions nothing and leaves nothing", async (bench) => {
    const before = listing(bench.workingDirectory);
    bench.controller.abort();
    assert.ok(isCancellation(await rejects(bench.start())));
    assert.equal(bench.fired, []);
    assert.equal(readdirSync(bench.temporaryDirectory), []);
    assert.equal(listing(bench.workingDirectory), before);
  });
}

// --- internal ---

async function bench(made: ConformanceBuilder): Promise<Bench> {
  const temporaryDirectory = tmp("run");
  const builder = await made.factory.create();
  await prepareWell(builder, made.config, { run: runInfo({ workingDirectory: made.workingDirectory, temporaryDirectory }) });
  const fired: string[] = [];
  const controller = new AbortController();
  return {
    ...made,
    builder,
    temporaryDirectory,
    fired,
    controller,
    start(onHook = async () => {}) {
      const hook: Hook = {
        run: async (name, context) => {
          fired.push(name);
          await onHook(name, context);
        },
      };
      return builder.run({ ui: new RecordingUi(), hook, signal: controller.signal });
    },
  };
}

function listing(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}
