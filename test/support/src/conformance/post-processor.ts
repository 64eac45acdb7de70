// What every post-processor has to do: the contracts of packages/core/src/sdk/post-processor.ts and component.ts as tests.
import { readdirSync } from "node:fs";
import * as assert from "uvu/assert";
import {
  type Artifact,
  type ComponentFactory,
  type Config,
  isCancellation,
  type PostProcessor,
} from "../../../../packages/core/src/sdk/index.ts";
import { prepare, prepareWell, runInfo } from "../component.ts";
import { RecordingUi } from "../recording-ui.ts";
import { rejects } from "../rejects.ts";
import { within } from "../within.ts";

type Register = (name: string, body: () => Promise<void>) => void;

/** A post-processor with work to do. */
export interface ConformancePostProcessor {
  readonly factory: ComponentFactory<PostProcessor>;
  readonly config: Config;
  /** Its files are in the folder. */
  readonly artifact: Artifact;
  /** A folder of its own, used as working directory. */
  readonly workingDirectory: string;
}

/** Registers the tests. `make` is called for each. */
export function postProcessorConformance(test: Register, make: () => Promise<ConformancePostProcessor>): void {
  const title = (text: string): string => `post-processor: ${text}`;
  const listing = (folder: string): readonly string[] => readdirSync(folder, { recursive: true }).map(String).sort();

  test(title("prepare reports unknown options instead of throwing, and writes nothing"), async () => {
    const { factory, config, workingDirectory } = await make();
    const before = listing(workingDirectory);
    const run = runInfo({ workingDirectory });
    const component = await factory.create();
    const diagnostics = await prepare(component, { ...config, no_such_option: 1 }, { run });
    assert.equal(
      diagnostics.filter((diagnostic) => diagnostic.severity === "error").map(({ code, path }) => [code, path]),
      [["TPK3102", ["no_such_option"]]],
    );
    assert.equal(listing(workingDirectory), before);
  });

  test(title("a second prepare replaces the first, placeholders are not checked"), async () => {
    const { factory, config, artifact, workingDirectory } = await make();
    const run = runInfo({ workingDirectory });
    const component = await factory.create();
    const unknown = Object.keys(config).map((option) => [option]);
    const placeholders = Object.fromEntries(
      unknown.map(([option = ""]) => [option, typeof config[option] === "string" ? "<unknown>" : config[option]]),
    );
    const first = await prepare(component, placeholders, { run, unknown });
    assert.equal(
      first.filter(({ severity }) => severity === "error"),
      [],
    );
    await prepareWell(component, config, { run });
    await component.postProcess({ ui: new RecordingUi(), artifact, data: {}, signal: new AbortController().signal });
    assert.not.match(listing(workingDirectory).join("\n"), /<unknown>/);
  });

  test(title("running without having been prepared is a fault"), async () => {
    const { factory, artifact } = await make();
    const component = await factory.create();
    await rejects(component.postProcess({ ui: new RecordingUi(), artifact, data: {}, signal: new AbortController().signal }));
  });

  test(title("the input is not destroyed, and the result says what becomes of it"), async () => {
    const { factory, config, artifact, workingDirectory } = await make();
    let destroyed = false;
    const watched: Artifact = {
      ...artifact,
      destroy: async () => {
        destroyed = true;
      },
    };
    const before = listing(workingDirectory);
    const component = await factory.create();
    await prepareWell(component, config, { run: runInfo({ workingDirectory }) });
    const result = await component.postProcess({
      ui: new RecordingUi(),
      artifact: watched,
      data: {},
      signal: new AbortController().signal,
    });
    assert.not.ok(destroyed);
    const after = listing(workingDirectory);
    for (const file of before) assert.ok(after.includes(file), `${file} is gone`);
    assert.type(result.keep, "boolean");
    assert.ok(result.keep || !result.forceKeep, "forceKeep without keep means nothing");
  });

  test(title("when aborted it ends promptly and leaves nothing half-written"), async () => {
    const { factory, config, artifact, workingDirectory } = await make();
    const before = listing(workingDirectory);
    const component = await factory.create();
    await prepareWell(component, config, { run: runInfo({ workingDirectory }) });
    const controller = new AbortController();
    const running = component.postProcess({ ui: new RecordingUi(), artifact, data: {}, signal: controller.signal });
    controller.abort();
    // What was done before the abort could be noticed is a success.
    const failure = await within(20_000, () =>
      running.then(
        () => undefined,
        (error: unknown) => error ?? new Error("rejected with nothing"),
      ),
    );
    if (failure === undefined) return;
    assert.ok(isCancellation(failure), String(failure));
    assert.equal(listing(workingDirectory), before);
  });
}
