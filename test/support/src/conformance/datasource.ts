// What every data source has to do: the contracts of packages/core/src/sdk/datasource.ts and component.ts as tests.
import * as assert from "uvu/assert";
import {
  type ComponentFactory,
  type Config,
  type Datasource,
  decodeConfig,
  isCancellation,
} from "../../../../packages/core/src/sdk/index.ts";
import { prepare, prepareWell } from "../component.ts";
import { RecordingUi } from "../recording-ui.ts";
import { rejects } from "../rejects.ts";
import { within } from "../within.ts";

type Register = (name: string, body: () => Promise<void>) => void;

/** A data source with something to fetch. */
export interface ConformanceDatasource {
  readonly factory: ComponentFactory<Datasource>;
  readonly config: Config;
  close?(): Promise<void>;
}

/** Registers the tests. `make` is called for each. */
export function datasourceConformance(test: Register, make: () => Promise<ConformanceDatasource>): void {
  const withSource = (name: string, body: (made: ConformanceDatasource) => Promise<void>): void => {
    test(`data source: ${name}`, async () => {
      const made = await make();
      try {
        await within(20_000, () => body(made));
      } finally {
        await made.close?.();
      }
    });
  };

  withSource("prepare reports unknown options instead of throwing", async ({ factory, config }) => {
    const diagnostics = await prepare(await factory.create(), { ...config, no_such_option: 1 });
    assert.equal(
      diagnostics.filter(({ severity }) => severity === "error").map(({ code, path }) => [code, path]),
      [["TPK3102", ["no_such_option"]]],
    );
  });

  withSource("what it answers is what its output specification says, and nothing else", async ({ factory, config }) => {
    const component = await factory.create();
    await prepareWell(component, config);
    const answer = await component.execute({ ui: new RecordingUi(), signal: new AbortController().signal });
    const spec = await factory.outputSpec?.();
    assert.ok(spec);
    assert.equal(Object.keys(answer).sort(), Object.keys(spec.options).sort());
    assert.equal(decodeConfig(answer, spec), { config: answer, diagnostics: [] });
  });

  withSource("running without having been prepared is a fault", async ({ factory }) => {
    const component = await factory.create();
    await rejects((async () => component.execute({ ui: new RecordingUi(), signal: new AbortController().signal }))());
  });

  withSource("when aborted it ends promptly", async ({ factory, config }) => {
    const component = await factory.create();
    await prepareWell(component, config);
    const controller = new AbortController();
    const running = component.execute({ ui: new RecordingUi(), signal: controller.signal });
    controller.abort();
    await running.catch((error: unknown) => assert.ok(isCancellation(error), String(error)));
  });
}
