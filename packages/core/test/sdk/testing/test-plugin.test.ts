// The test kit, used as an author of plugins uses it.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { lab, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import {
  BuildError,
  defineBuilder,
  defineDatasource,
  definePlugin,
  definePostProcessor,
  defineProvisioner,
  fileArtifact,
  HOOK_CLEANUP_PROVISION,
  HOOK_PROVISION,
  isCancellation,
  TspackError,
} from "../../../src/sdk/index.ts";
import { localCommunicator, type PluginTestOptions, RecordingUi, testPlugin } from "../../../src/sdk/testing/index.ts";

const builder = defineBuilder({
  type: "hello",
  description: "Makes a folder, which is a machine of sorts.",
  generatedVariables: ["Greeting"],
  options: () =>
    z.object({
      folder: z.string().describe("The machine."),
      count: z.number().int().default(1).describe("A number."),
      asks: z.boolean().default(false).describe("Whether it asks for a name."),
    }),
  check: ({ config, isUnknown }) =>
    config.count === 13 && !isUnknown("count")
      ? [{ severity: "error", code: "TPK3105", summary: "Bad luck", detail: 'The argument "count" is bad luck.', path: ["count"] }]
      : config.count > 13
        ? [{ severity: "warning", code: "TPK3110", summary: "Much", detail: 'The argument "count" is much.', path: ["count"] }]
        : [],
  async run({ config, hook, ui, signal, packer, run }) {
    const folder = join(run.workingDirectory, config.folder);
    const name = config.asks ? await ui.ask("Who?", { signal }) : packer.packer_build_name;
    ui.say(`count=${config.count} for ${name}`);
    writeFileSync(join(run.temporaryDirectory, "scratch"), "x");
    const data = { ID: "i-1", Greeting: "hello" };
    try {
      await hook.run(HOOK_PROVISION, { ui, communicator: localCommunicator(folder), data, signal });
    } catch (error) {
      await hook.run(HOOK_CLEANUP_PROVISION, { ui, data, signal: new AbortController().signal });
      throw error;
    }
    return fileArtifact({ builderId: "x.hello", id: "i-1", files: [folder], description: "a folder", state: { generated_data: data } });
  },
});

const provisioner = defineProvisioner({
  type: "hello-motd",
  description: "Leaves a message.",
  options: () => z.object({ text: z.string().describe("The message."), hang: z.boolean().default(false).describe("Never end.") }),
  async provision({ config, communicator, data, ui, signal }) {
    if (config.hang) {
      ui.say("hanging");
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("let go"))));
    }
    if (communicator === undefined) throw new BuildError("hello-motd needs a machine");
    await communicator.upload({ path: "motd", content: Readable.from([config.text]), mode: 0o600, signal });
    const stdout = new PassThrough();
    const { exitCode } = await communicator.execute({ command: "cat motd; exit 3", stdout, signal });
    ui.output("stdout", String(stdout.read()));
    ui.say(`${exitCode} ${data.Greeting}`);
    ui.log("info", "done");
  },
});

const list = definePostProcessor({
  type: "hello-list",
  description: "Hands the artifact on.",
  options: () => z.object({ label: z.string().default("file").describe("Before each.") }),
  async postProcess({ config, artifact, data, ui }) {
    for (const file of artifact.files) ui.say(`${config.label} ${file} ${data.Greeting}`);
    return { artifact, keep: true, forceKeep: false };
  },
});

const lookup = defineDatasource({
  type: "hello-lookup",
  description: "Knows things.",
  options: () => z.object({ key: z.string().describe("What to look up.") }),
  output: () => z.object({ value: z.string(), length: z.number() }),
  execute: async ({ config, ui }) => {
    ui.say("looking");
    return { value: `<${config.key}>`, length: config.key.length };
  },
});

const plugin = definePlugin({
  name: "hello",
  version: "1.0.0",
  builders: [builder],
  provisioners: [provisioner],
  postProcessors: [list],
  datasources: [lookup],
});

/** Uses a kit in a folder of its own, and closes it. */
async function withKit(body: (kit: ReturnType<typeof testPlugin>, folder: string) => Promise<void>, options: PluginTestOptions = {}) {
  const workingDirectory = tmp("kit");
  const temporary = join(workingDirectory, "tmp");
  mkdirSync(temporary);
  mkdirSync(join(workingDirectory, "m"));
  const kit = testPlugin(plugin, { workingDirectory, environment: { ...process.env, TMPDIR: temporary }, ...options });
  try {
    await within(20_000, () => body(kit, workingDirectory));
  } finally {
    await kit.close();
  }
  assert.equal(readdirSync(temporary), [], "temporary folders are gone");
}

for (const style of ["typed", "plain"] as const) {
  for (const form of ["protobuf", "gob"] as const) {
    test(`all kinds of components work together (${style}, ${form})`, () =>
      withKit(
        async (kit, folder) => {
          const motd = kit.provisioner("hello-motd", { text: "hi" });
          const made = await kit.builder("hello", { folder: "m", count: 3 }).run({ provisioners: [motd] });
          assert.equal(made.ui.lines, ["say: count=3 for test", "stdout: hi", "say: 3 hello"]);
          assert.equal(made.hooks, [{ name: HOOK_PROVISION, data: { ID: "i-1", Greeting: "hello" } }]);
          assert.is(readFileSync(join(folder, "m/motd"), "utf8"), "hi");
          if (made.artifact === undefined) throw new Error("there is no artifact");
          assert.equal(made.artifact.files, [join(folder, "m")]);
          const listed = await kit.postProcessor("hello-list", { label: "made" }).run({ artifact: made.artifact });
          assert.equal(listed.ui.said, [`made ${join(folder, "m")} hello`]);
          assert.is(listed.artifact?.id, "i-1");
          assert.is(listed.keep, true);
          await made.artifact.destroy();
          assert.throws(() => readFileSync(join(folder, "m/motd")), /ENOENT/);
          const found = await kit.datasource("hello-lookup", { key: "abc" }).run();
          assert.equal(found.value, { value: "<abc>", length: 3 });
          assert.equal(found.ui.logged, ["info: looking"]);
        },
        { style, form },
      ));
  }
}

test("what is wrong with options is told as diagnostics at the option", () =>
  withKit(async (kit) => {
    const at = async (config: object, unknown: readonly string[] = []) => {
      const { diagnostics, isAccepted } = await kit.builder("hello", { ...config }).prepare({ unknown });
      return [isAccepted, ...diagnostics.map(({ severity, code, path = [] }) => `${severity} ${code} ${path.join(".")}`)];
    };
    assert.equal(await at({ folder: "m" }), [true]);
    assert.equal(await at({}), [false, "error TPK3104 folder"]);
    assert.equal(await at({ folder: "m", foldr: "x" }), [false, "error TPK3102 foldr"]);
    assert.equal(await at({ folder: "m", count: "many" }), [false, "error TPK3103 count"]);
    assert.equal(await at({ folder: "m", count: 13 }), [false, "error TPK3105 count"]);
    assert.equal(await at({ folder: "m", count: 14 }), [true, "warning TPK3110 count"]);
    assert.equal(await at({ folder: "m", count: 13 }, ["folder"]), [false, "error TPK3105 count"]);
    // What is not known yet is not missing, and a placeholder is not judged, whatever its type.
    assert.equal(await at({}, ["folder", "count"]), [true]);
    assert.equal(await at({ folder: "m", count: 13 }, ["count"]), [true]);
    assert.equal((await kit.builder("hello", { folder: "m" }).prepare()).generatedVariables, ["Greeting"]);
    const spec = await kit.builder("hello", {}).spec();
    assert.equal(Object.keys(spec.options).sort(), ["asks", "count", "folder"]);
    const refused = await rejects(kit.builder("hello", { folder: "m", count: 13 }).run(), { code: "TPK3105", message: /bad luck/ });
    assert.is(TspackError.is(refused) && refused.diagnostics.length, 1);
  }));

test("a failure is told in the words of the component, and the error-cleanup hook runs", () =>
  withKit(async (kit) => {
    await rejects(kit.provisioner("hello-motd", { text: "x" }).run(), { message: /no communicator|needs a machine/ });
    const names: string[] = [];
    const fails = () => {
      throw new Error("boom");
    };
    const errorCleanup = () => void names.push("cleaned");
    await rejects(kit.builder("hello", { folder: "m" }).run({ provisioners: [fails], errorCleanup }), { code: "TPK6001", message: /boom/ });
    assert.equal(names, ["cleaned"]);
  }));

test("cancelling ends what hangs, with a cancellation", () =>
  withKit(async (kit, folder) => {
    const abort = new AbortController();
    class Aborting extends RecordingUi {
      override say(text: string): void {
        super.say(text);
        if (text === "hanging") abort.abort();
      }
    }
    const hanging = kit.provisioner("hello-motd", { text: "x", hang: true });
    const run = hanging.run({ communicator: localCommunicator(folder), ui: new Aborting(), signal: abort.signal });
    assert.ok(isCancellation(await rejects(run, {})));
  }));

test("questions are answered by the Ui of the test, and a log is kept", () =>
  withKit(async (kit, folder) => {
    const { ui } = await kit.builder("hello", { folder: "m", asks: true }).run({ ui: new RecordingUi(["Ada"]) });
    assert.equal(ui.said, ["count=1 for Ada"]);
    const ran = await kit.provisioner("hello-motd", { text: "x" }).run({ communicator: localCommunicator(folder) });
    assert.equal(ran.ui.logged, ["info: done"]);
  }));

test("a component that cannot even be made is told as what it threw, and closing ends what still runs", async () => {
  const broken = {
    ...provisioner,
    create: async () => {
      throw new Error("no such thing");
    },
  };
  const kit = testPlugin(definePlugin({ name: "hello", version: "1.0.0", provisioners: [broken] }));
  await rejects(kit.provisioner("hello-motd", { text: "x" }).run(), { message: /no such thing/ });
  await kit.close();
  const other = testPlugin(plugin);
  let hanging: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    hanging = resolve;
  });
  class Waiting extends RecordingUi {
    override say(): void {
      hanging();
    }
  }
  const run = other.provisioner("hello-motd", { text: "x", hang: true }).run({ ui: new Waiting() });
  const failed = rejects(run, {});
  await within(20_000, () => started);
  await within(20_000, () => other.close());
  await failed;
});

test("a component that is not there is named with those that are", () => {
  assert.throws(() => testPlugin(plugin).builder("helo", {}), /no builder called "helo"; it has "hello"/);
});

lab(test, "linux")("a command on a machine of the kit ends with all it started when it is cancelled", async () => {
  const abort = new AbortController();
  const stdout = new PassThrough();
  // Its own child holds the output open until it is ended too.
  const running = localCommunicator(tmp()).execute({ command: "sleep 1000 & echo $!; wait", stdout, signal: abort.signal });
  const child = Number(String(await new Promise((resolve) => stdout.once("data", resolve))));
  abort.abort();
  assert.ok(isCancellation(await within(20_000, () => rejects(running))));
  // One that nobody has collected yet has ended as well.
  const status = `/proc/${child}/stat`;
  const isThere = () => {
    try {
      return !/ Z /.test(readFileSync(status, "utf8"));
    } catch {
      return false;
    }
  };
  await within(20_000, async () => {
    while (isThere()) await new Promise((resolve) => setImmediate(resolve));
  });
});

test.run();
