// A plugin with a component of each kind, as an author would write it. Bundled and run by the tests beside it.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import * as z from "zod";
import { localCommunicator } from "../../../../../test/support/src/local-communicator.ts";
import {
  BuildError,
  CancelledError,
  defineBuilder,
  defineDatasource,
  definePlugin,
  definePostProcessor,
  defineProvisioner,
  fileArtifact,
  HOOK_PROVISION,
} from "../../../src/sdk/index.ts";

const machine = defineBuilder({
  type: "sample",
  description: "Makes a folder, which is a machine of sorts, and an image of it.",
  generatedVariables: ["Where"],
  options: () =>
    z.object({
      folder: z.string().describe("The machine."),
      image: z.string().describe("File to make."),
      count: z.number().int().default(1).describe("A number."),
      enabled: z.boolean().default(false).describe("A switch."),
      tags: z.record(z.string(), z.string()).default({}).describe("Text by name."),
      sizes: z.array(z.number()).default([]).describe("Numbers."),
      data: z.enum(["flat", "nested"]).default("flat").describe("What the machine announces."),
    }),
  check: ({ config }) => {
    console.log("looking at the options");
    const path = ["count"];
    if (config.count > 9) {
      return [{ severity: "error", code: "TPK3105", summary: "Invalid argument value", detail: 'The argument "count" is too much.', path }];
    }
    if (config.count < 9) return [];
    return [{ severity: "warning", code: "TPK3110", summary: "Warning", detail: 'The argument "count" is nearly too much.', path }];
  },
  async run({ config, hook, ui, signal, packer, run }) {
    await mkdir(config.folder, { recursive: true });
    await writeFile(join(run.temporaryDirectory, "scratch"), "x");
    ui.say(`count=${config.count} enabled=${config.enabled} tags=${JSON.stringify(config.tags)} sizes=${config.sizes}`);
    ui.say(`name=${packer.packer_build_name} type=${packer.packer_builder_type} debug=${packer.packer_debug}`);
    console.log("this belongs to the log");
    const data = { ID: "i-7", Where: config.folder, Port: 22, Nothing: undefined, ...(config.data === "nested" ? { Deep: { x: 1 } } : {}) };
    await hook.run(HOOK_PROVISION, { ui, communicator: localCommunicator(config.folder), data, signal });
    await writeFile(config.image, await readFile(join(config.folder, "marker"), "utf8").catch(() => "no marker"));
    return fileArtifact({
      builderId: "tspack.sample",
      id: "i-7",
      files: [config.image],
      description: `an image of ${config.folder}`,
      state: { generated_data: data },
    });
  },
});

const mark = defineProvisioner({
  type: "sample-mark",
  description: "Leaves a mark on the machine.",
  options: () =>
    z.object({
      text: z.string().describe("What the mark says."),
      path: z.string().default("marker").describe("Where."),
      behave: z.enum(["well", "fail", "hang"]).default("well").describe("How."),
    }),
  async provision({ config, ui, run, communicator, signal }) {
    if (config.behave === "fail") throw new BuildError("the mark cannot be left", { cause: new Error("no ink") });
    if (config.behave === "hang") {
      ui.say("waiting for nothing");
      await wait(600_000, undefined, { signal }).catch((cause: unknown) => {
        console.error("cleaning up");
        throw new CancelledError("cancelled while waiting", { cause });
      });
    }
    if (communicator === undefined) throw new BuildError("sample-mark needs a machine", { code: "TPK5006" });
    await communicator.upload({ path: config.path, content: Readable.from([config.text]), signal });
    ui.secret("hunter2hunter2");
    ui.log("warn", "nearly out of ink: hunter2hunter2");
    ui.machine("tspack:file", "note", `${run.environment.TSPACK_RUN_DIRECTORY}/note`);
    console.log("printed by the way: hunter2hunter2");
    ui.say("the password is hunter2hunter2");
    const printed = new PassThrough();
    const [{ exitCode }, output] = await Promise.all([
      communicator.execute({ command: `cat ${config.path}; exit 3`, stdout: printed, signal }).finally(() => printed.end()),
      printed.setEncoding("utf8").toArray(),
    ]);
    ui.say(`the machine says ${exitCode}: ${output.join("")}`);
  },
});

const stamp = definePostProcessor({
  type: "sample-stamp",
  description: "Writes about an artifact.",
  options: () =>
    z.object({
      output: z.string().default("").describe("File to write. The artifact is handed on as it is where there is none."),
      note: z.string().default("").describe("A text, in which values of the build may stand."),
    }),
  async postProcess({ config, artifact, data, ui }) {
    ui.say(`stamping ${artifact.builderId} ${artifact.id} ${data.Where === undefined ? "nowhere" : "somewhere"}`);
    if (config.output === "") return { artifact, keep: true, forceKeep: false };
    await writeFile(config.output, JSON.stringify({ files: artifact.files, note: config.note }));
    const stamped = fileArtifact({ builderId: "tspack.stamp", id: "stamp", files: [config.output], description: `stamp ${config.output}` });
    return { artifact: stamped, keep: true, forceKeep: false };
  },
});

const lookup = defineDatasource({
  type: "sample-lookup",
  description: "Knows things.",
  options: () =>
    z.object({
      key: z.string().describe("What to look up."),
      also: z
        .array(z.object({ key: z.string() }))
        .default([])
        .describe("More of it. (A block: Debian's Packer takes no specification with one from others.)"),
    }),
  output: () => z.object({ value: z.string(), length: z.number() }),
  async execute({ config, ui }) {
    ui.say("looking it up");
    const keys = [config.key, ...config.also.map(({ key }) => key)];
    if (config.key === "password") ui.secret("<password>");
    return { value: `<${keys.join("+")}>`, length: keys.length };
  },
});

void definePlugin({
  name: "sample",
  version: "1.2.3",
  builders: [machine],
  provisioners: [mark],
  postProcessors: [stamp],
  datasources: [lookup],
}).main();
