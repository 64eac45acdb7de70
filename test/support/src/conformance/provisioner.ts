// What every provisioner has to do: the contracts of packages/core/src/sdk/provisioner.ts and component.ts as tests.
import { readdirSync } from "node:fs";
import * as assert from "uvu/assert";
import {
  type Communicator,
  type ComponentFactory,
  type Config,
  isCancellation,
  type Provisioner,
} from "../../../../packages/core/src/sdk/index.ts";
import { prepare, prepareWell, runInfo } from "../component.ts";
import { RecordingUi } from "../recording-ui.ts";
import { rejects } from "../rejects.ts";
import { tmp } from "../tmp.ts";
import { within } from "../within.ts";

type Register = (name: string, body: () => Promise<void>) => void;

/** A provisioner with something to do. */
export interface ConformanceProvisioner {
  readonly factory: ComponentFactory<Provisioner>;
  /** Succeeds, and leaves in `folders` what it leaves there on purpose, however often it runs. */
  readonly config: Config;
  /** Does not end by itself. */
  readonly endless: Config;
  /** Wrong, with the option that is reported. */
  readonly wrong: { readonly config: Config; readonly option: string };
  readonly communicator: Communicator | undefined;
  /** Answers to its questions. */
  readonly answers?: readonly string[];
  /** Folders here and on the machine in which nothing may be left. */
  readonly folders: readonly string[];
}

/** Registers the tests. `make` is called for each. */
export function provisionerConformance(test: Register, make: () => Promise<ConformanceProvisioner>): void {
  const withProvisioner = (name: string, body: (made: ConformanceProvisioner) => Promise<void>): void => {
    test(`provisioner: ${name}`, async () => {
      const made = await make();
      await within(30_000, () => body(made));
    });
  };

  withProvisioner("prepare reports problems instead of throwing", async ({ factory, config, wrong }) => {
    const component = await factory.create();
    const unknown = await prepare(component, { ...config, no_such_option: 1 });
    assert.equal(
      unknown.filter(({ severity }) => severity === "error").map(({ code, path }) => [code, path]),
      [["TPK3102", ["no_such_option"]]],
    );
    const [problem] = await prepare(component, wrong.config);
    assert.is(problem?.severity, "error");
    assert.is(problem?.path?.[0], wrong.option);
    assert.ok(problem?.detail?.endsWith("."), "a detail is made of whole sentences");
  });

  withProvisioner("a second prepare replaces the first, also after one that failed", async (made) => {
    const component = await made.factory.create();
    await prepareWell(component, made.endless);
    await prepare(component, made.wrong.config);
    await prepareWell(component, made.config);
    await provision(component, made);
  });

  withProvisioner("running without having been prepared, or after a prepare that failed, is a fault", async (made) => {
    const component = await made.factory.create();
    await rejects(provision(component, made));
    await prepareWell(component, made.config);
    await prepare(component, made.wrong.config);
    await rejects(provision(component, made));
  });

  withProvisioner("it can run again, and leaves the same as the first time", async (made) => {
    const temporaryDirectory = tmp("run");
    const component = await made.factory.create();
    await prepareWell(component, made.config, { run: runInfo({ temporaryDirectory }) });
    await provision(component, made);
    const first = made.folders.map(listing);
    await provision(component, made);
    assert.equal(made.folders.map(listing), first);
    assert.equal(readdirSync(temporaryDirectory), []);
  });

  withProvisioner("an abort ends it promptly with a cancellation and leaves nothing", async (made) => {
    const temporaryDirectory = tmp("run");
    const before = made.folders.map(listing);
    const component = await made.factory.create();
    await prepareWell(component, made.endless, { run: runInfo({ temporaryDirectory }) });
    const controller = new AbortController();
    const running = provision(component, made, controller.signal);
    setTimeout(() => controller.abort(), 200);
    const failure = await within(20_000, () => rejects(running));
    assert.ok(isCancellation(failure), String(failure));
    assert.equal(made.folders.map(listing), before);
    assert.equal(readdirSync(temporaryDirectory), []);
  });

  withProvisioner("one that was cancelled before it began does not go on", async (made) => {
    const component = await made.factory.create();
    await prepareWell(component, made.endless);
    const controller = new AbortController();
    controller.abort();
    assert.ok(isCancellation(await within(20_000, () => rejects(provision(component, made, controller.signal)))));
  });
}

// --- internal ---

async function provision(component: Provisioner, made: ConformanceProvisioner, signal = new AbortController().signal): Promise<void> {
  const ui = new RecordingUi(made.answers ?? []);
  await component.provision({ ui, communicator: made.communicator, data: {}, signal });
}

function listing(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}
