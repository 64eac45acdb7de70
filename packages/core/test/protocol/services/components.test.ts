// Components of ours behind the wire, and the traps of the protocol: what Go's plugins and Packer must not be sent, or need.
import { randomBytes } from "node:crypto";
import { PassThrough, Readable } from "node:stream";
import { localCommunicator, packerVariables, RecordingUi, rejects, runInfo, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { BuildError, TspackError } from "../../../src/diagnostics/error.ts";
import { createRpcClient } from "../../../src/protocol/rpc/client.ts";
import { serveRpc } from "../../../src/protocol/rpc/server.ts";
import { artifactClient } from "../../../src/protocol/services/artifact.ts";
import { builderService, callBuilderPrepare, callBuilderRun } from "../../../src/protocol/services/builder.ts";
import type { ServedComponent } from "../../../src/protocol/services/component.ts";
import { callDatasourceConfigure, callExecute, callOutputSpec, datasourceService } from "../../../src/protocol/services/datasource.ts";
import { callPostProcess, callPostProcessorConfigure, postProcessorService } from "../../../src/protocol/services/post-processor.ts";
import { callProvision, callProvisionerPrepare, provisionerService } from "../../../src/protocol/services/provisioner.ts";
import type { Broker, RpcClient } from "../../../src/protocol/transport.ts";
import {
  type Component,
  defineBuilder,
  defineDatasource,
  definePostProcessor,
  defineProvisioner,
  fileArtifact,
  HOOK_PROVISION,
  type Hook,
  isCancellation,
} from "../../../src/sdk/index.ts";
import { wire } from "./wire.ts";

const never = new AbortController().signal;
const options = () => z.object({ text: z.string().describe("Anything.") });
const silent: Hook = { run: async () => undefined };

/** How a component is served here: its options come as they are. */
function served<C extends Component>(component: C): ServedComponent<C> {
  return {
    component,
    configSpec: async () => Buffer.from("spec"),
    prepareRequest: ([config]) => ({ config: Object(config), packer: packerVariables(), run: runInfo(), signal: never }),
  };
}

test("a builder prepares, runs its hook with a communicator and flat data, and hands over its artifact", () =>
  within(20_000, async () => {
    const { host, plugin, serve, close } = await wire();
    const root = tmp("machine");
    const builder = await defineBuilder({
      type: "b",
      description: "x",
      options,
      generatedVariables: ["Greeting"],
      async run({ ui, hook, signal, config }) {
        ui.say(`builds ${config.text}`);
        await hook.run(HOOK_PROVISION, {
          ui,
          communicator: localCommunicator(root),
          data: { Greeting: "hi", Port: 22, nested: { a: 1 }, none: null },
          signal,
        });
        ui.say("last words");
        return fileArtifact({ builderId: "b", id: "1", files: [], description: "made", state: { generated_data: { ID: 1, list: [] } } });
      },
    }).create();
    const rpc = await serve((services) => services.set("Builder", builderService(served(builder), plugin)));
    const refused = await callBuilderPrepare(rpc, [{ text: 3, txet: 1 }], never);
    assert.match(refused.error ?? "", /"txet" is not expected/);
    assert.equal(await callBuilderPrepare(rpc, [{ text: "x" }], never), {
      error: undefined,
      warnings: [],
      generatedVariables: ["Greeting"],
    });
    const ui = new RecordingUi();
    const output = new PassThrough();
    const seen: unknown[] = [];
    const hook: Hook = {
      async run(name, { data, communicator }) {
        seen.push(name, data);
        const ended = await communicator?.execute({ command: "echo there; exit 5", stdout: output, signal: never });
        seen.push(ended?.exitCode, output.read()?.toString());
      },
    };
    const artifact = await callBuilderRun(rpc, host, { ui, hook, signal: never });
    assert.equal(seen, [HOOK_PROVISION, { Greeting: "hi", Port: 22 }, 5, "there\n"]);
    assert.equal(ui.lines, ["say: builds x", "say: last words"]);
    assert.equal([artifact?.id, artifact?.description, await artifact?.state("generated_data")], ["1", "made", { ID: 1 }]);
    close();
  }));

test("a provisioner, a post-processor and a data source of ours are served", () =>
  within(20_000, async () => {
    const { host, plugin, serve, close } = await wire();
    const root = tmp("machine");
    const provisioner = await defineProvisioner({
      type: "p",
      description: "x",
      options,
      async provision({ ui, communicator, data, signal, config }) {
        ui.output("stdout", `${config.text} ${data.ID}`);
        await communicator?.upload({ path: "up", content: Readable.from([randomBytes(400_000)]), sizeBytes: 400_000, signal });
      },
    }).create();
    const rpc = await serve((services) => services.set("Provisioner", provisionerService(served(provisioner), plugin)));
    await rejects(callProvisionerPrepare(rpc, [{ txet: 1 }], never), { message: /"txet" is not expected/ });
    await callProvisionerPrepare(rpc, [{ text: "x" }], never);
    const ui = new RecordingUi();
    await callProvision(rpc, host, { ui, communicator: localCommunicator(root), data: { ID: "i-1" }, signal: never });
    assert.equal(ui.lines, ["stdout: x i-1"]);
    const failure = await rejects(callProvision(rpc, host, { ui, communicator: undefined, data: {}, signal: never }));
    assert.match(failure.message, /no communicator/);

    const input = fileArtifact({ builderId: "b", id: "in", files: ["f"], description: "input", state: { generated_data: { ID: 7 } } });
    const postProcessor = await definePostProcessor({
      type: "pp",
      description: "x",
      options,
      async postProcess({ artifact, data, config }) {
        if (config.text === "fail") throw new Error("no good");
        return {
          artifact:
            config.text === "same"
              ? artifact
              : fileArtifact({ builderId: "pp", id: `${artifact.id} ${data.ID}`, files: [], description: "" }),
          keep: true,
          forceKeep: false,
        };
      },
    }).create();
    const post = await serve((services) => services.set("PostProcessor", postProcessorService(served(postProcessor), plugin)));
    await callPostProcessorConfigure(post, [{ text: "x" }], never);
    const made = await callPostProcess(post, host, { ui, artifact: input, signal: never });
    assert.equal([made.artifact?.id, made.keep, made.forceKeep], ["in 7", true, false]);
    await callPostProcessorConfigure(post, [{ text: "same" }], never);
    const same = await callPostProcess(post, host, { ui, artifact: input, signal: never });
    // Long after the call its input is still reached.
    assert.equal(await same.artifact?.state("generated_data"), { ID: 7 });
    await callPostProcessorConfigure(post, [{ text: "fail" }], never);
    await rejects(callPostProcess(post, host, { ui, artifact: input, signal: never }), { message: /^no good$/, code: "TPK6003" });
    for (const isExtended of [true, false]) {
      const failing = await definePostProcessor({
        type: "full",
        description: "x",
        options,
        postProcess: () =>
          Promise.reject(
            new BuildError("the archive could not be written", { code: "TPK6011", option: "output", hint: "free some space" }),
          ),
      }).create();
      const full = await serve((services) => services.set("PostProcessor", postProcessorService(served(failing), plugin, { isExtended })));
      await callPostProcessorConfigure(full, [{ text: "x" }], never);
      const error = await rejects(callPostProcess(full, host, { ui, artifact: input, signal: never }), {
        message: /^the archive could not be written\. Free some space$/,
        code: isExtended ? "TPK6011" : "TPK6003",
      });
      assert.is(TspackError.is(error) && error.option, isExtended ? "output" : undefined);
    }

    const source = await defineDatasource({
      type: "d",
      description: "x",
      options,
      output: options,
      execute: async ({ config }) => ({ text: config.text }),
    }).create();
    const data = await serve((services) =>
      services.set(
        "Datasource",
        datasourceService({
          ...served(source),
          outputSpec: async () => Buffer.from("output"),
          encodeAnswer: async (answer) => Buffer.from(JSON.stringify(answer)),
          ui,
        }),
      ),
    );
    await callDatasourceConfigure(data, [{ text: "x" }], never);
    assert.is((await callOutputSpec(data)).toString(), "output");
    assert.is((await callExecute(data, never)).toString(), '{"text":"x"}');
    close();
  }));

const begins = {
  builder: {
    service: "Builder",
    method: "Run",
    streamOf: (argument: unknown) => Number(argument),
    call: (rpc: RpcClient, host: Broker, signal: AbortSignal) => callBuilderRun(rpc, host, { ui: new RecordingUi(), hook: silent, signal }),
  },
  provisioner: {
    service: "Provisioner",
    method: "Provision",
    streamOf: (argument: unknown) => Number(Object(argument).StreamID),
    call: (rpc: RpcClient, host: Broker, signal: AbortSignal) =>
      callProvision(rpc, host, { ui: new RecordingUi(), communicator: undefined, data: {}, signal }),
  },
  "post-processor": {
    service: "PostProcessor",
    method: "PostProcess",
    streamOf: (argument: unknown) => Number(argument),
    call: (rpc: RpcClient, host: Broker, signal: AbortSignal) =>
      callPostProcess(rpc, host, {
        ui: new RecordingUi(),
        artifact: fileArtifact({ builderId: "b", id: "1", files: [], description: "" }),
        signal,
      }),
  },
} as const;

for (const [kind, { service, method, streamOf, call }] of Object.entries(begins)) {
  for (const says of [true, false]) {
    test(`a ${kind} that ${says ? "says something" : "says nothing"} is told to cancel once, and only after it has begun`, () =>
      within(20_000, async () => {
        const { host, plugin, serve, close } = await wire();
        const order: string[] = [];
        let end = (): void => undefined;
        const rpc = await serve((services) =>
          services.set(service, {
            [method]: async (argument: unknown) => {
              order.push("run");
              // A slow machine: the host is dialled late.
              for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
              order.push("dialled");
              const toHost = createRpcClient(await plugin.dial(streamOf(argument)));
              const ended = new Promise<void>((resolve) => (end = resolve));
              if (says) await toHost.call("Ui.Say", "here");
              await ended;
              throw new Error("context canceled");
            },
            // Where something is said, that alone is the sign.
            ConfigSpec: () => {
              order.push("asked");
              return says ? new Promise(() => undefined) : undefined;
            },
            Cancel: () => {
              order.push("cancel");
              end();
            },
          }),
        );
        const abort = new AbortController();
        const running = call(rpc, host, abort.signal);
        abort.abort();
        assert.ok(isCancellation(await rejects(running)));
        assert.equal(order, ["run", "dialled", "asked", "cancel"]);
        await rejects(call(rpc, host, abort.signal));
        assert.is(order.length, 4, "what is cancelled already is not begun");
        close();
      }));
  }
}

test("an artifact is reached at once, before anybody asks for it: Go waits five seconds", () =>
  within(20_000, async () => {
    const { host, plugin, serve, close } = await wire();
    let id = 0;
    let isReached = false;
    const rpc = await serve((services) =>
      services.set("Builder", {
        Run: async (argument) => {
          const toHost = createRpcClient(await plugin.dial(Number(argument)));
          id = plugin.nextId();
          void plugin.accept(id).then((stream) => {
            isReached = true;
            serveRpc(stream, new Map([["Artifact", { BuilderId: () => "b", Id: () => "1", String: () => "one", Files: () => ["f"] }]]));
          });
          toHost.close();
          return id;
        },
      }),
    );
    const artifact = await callBuilderRun(rpc, host, { ui: new RecordingUi(), hook: silent, signal: never });
    assert.ok(isReached);
    assert.equal(artifact?.files, ["f"]);
    close();
  }));

for (const form of ["header", "body"] as const) {
  test(`an artifact that cannot be destroyed says why, in the ${form} of the reply`, () =>
    within(20_000, async () => {
      const { serve, close } = await wire();
      const rpc = await serve((services) =>
        services.set("Artifact", {
          BuilderId: () => "b",
          Id: () => "1",
          String: () => "one",
          Files: () => undefined,
          Destroy: () => {
            if (form === "header") throw new Error("it is in use");
            return { Message: "it is in use" };
          },
        }),
      );
      const artifact = await artifactClient(rpc);
      assert.equal(artifact.files, []);
      await rejects(artifact.destroy(), { message: /^it is in use$/ });
      close();
    }));
}

test.run();
