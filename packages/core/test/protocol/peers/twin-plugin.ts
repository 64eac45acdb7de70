// The twin of e2e/go-plugin in TypeScript: components of each kind with the same options and the same behaviour, so that either can
// stand for the other in a program. Bundled and run by the tests beside it.
import { createHash, type Hash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import * as z from "zod";
import { localCommunicator } from "../../../../../test/support/src/local-communicator.ts";
import {
  type Artifact,
  BuildError,
  type Communicator,
  communicatorOptions,
  connect,
  type Diagnostic,
  defineBuilder,
  defineDatasource,
  definePlugin,
  definePostProcessor,
  defineProvisioner,
  duration,
  type GeneratedData,
  HOOK_CLEANUP_PROVISION,
  HOOK_PROVISION,
  isCancellation,
  type PackerVariables,
  runWithUi,
  type Ui,
} from "../../../src/sdk/index.ts";

const disk = z.object({ size: z.number().default(0).describe("Size."), name: z.string().default("").describe("Name.") });

/**
 * Debian's Packer, which starts plugins without any words, cannot read blocks in a specification in gob form: built from vendored
 * sources, it knows their type by a longer name than everybody else. There they are not offered.
 */
function probeOptions(): ReturnType<typeof allOptions> {
  const all = allOptions();
  if (process.argv.length <= 2) Reflect.deleteProperty(all.shape, "disk");
  return all;
}

function allOptions() {
  return z.object({
    text: z.string().default("").describe("A text."),
    count: z.number().int().default(0).describe("A number."),
    ratio: z.number().default(0).describe("A fraction."),
    enabled: z.boolean().default(false).describe("A switch."),
    items: z.array(z.string()).default([]).describe("Texts."),
    tags: z.record(z.string(), z.string()).default({}).describe("Texts by name."),
    pause: duration().prefault("0s").describe("A time."),
    disk: z.array(disk).default([]).describe("Blocks."),
    source: z.string().default("").describe("A file or folder here."),
    target: z.string().default("").describe("The folder that is the machine."),
    behave: z.string().default("").describe("What to do."),
    required: z.string().describe("Has to be there."),
  });
}

type Options = z.output<ReturnType<typeof probeOptions>>;

/** As Go prints a time. */
function goDuration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return `${minutes > 0 ? `${minutes}m` : ""}${(ms % 60_000) / 1_000}s`;
}

function described(o: Options): string {
  const tags = Object.entries(o.tags).map(([name, value]) => `${name}=${value}`);
  const disks = (o.disk ?? []).map(({ name, size }) => `${name}:${size}`);
  const pause = goDuration(o.pause);
  return `text=${o.text} count=${o.count} ratio=${o.ratio} enabled=${o.enabled} items=${o.items.join("+")} tags=${tags.sort().join("+")} pause=${pause} disks=${disks.join("+")}`;
}

function core(packer: PackerVariables): string {
  const { packer_build_name: name, packer_builder_type: type, packer_debug: debug, packer_force: force } = packer;
  return `name=${name} type=${type} debug=${debug} force=${force} on_error=${packer.packer_on_error}`;
}

/** Says so, and waits for the cancellation. */
async function hang(ui: Ui, signal: AbortSignal): Promise<never> {
  ui.say("hanging");
  await wait(3_600_000, undefined, { signal }).catch(() => ui.say("cleaning up"));
  throw signal.reason;
}

/** What is the same for all kinds. */
async function behave(config: Options, ui: Ui, signal: AbortSignal, failure: string): Promise<void> {
  if (config.behave === "fail") throw new BuildError(failure);
  if (config.behave === "hang") await hang(ui, signal);
  if (config.behave !== "crash") return;
  process.stderr.write("something broke, token hunter2\n");
  process.exit(3);
}

/** What it finds wrong with its options, if it comes to an end. */
async function refuse({
  config,
  isUnknown,
}: {
  readonly config: Options;
  isUnknown(option: "text"): boolean;
}): Promise<readonly Diagnostic[]> {
  if (config.behave === "hang-prepare") {
    console.log("hanging");
    await wait(3_600_000);
  }
  if (config.behave === "refuse" && !isUnknown("text")) {
    const detail = `\`text\` is not acceptable: ${JSON.stringify(config.text)}.`;
    return [{ severity: "error", code: "TPK3105", summary: "Invalid argument value", detail, path: ["text"] }];
  }
  if (config.behave !== "warn") return [];
  return [{ severity: "warning", code: "TPK3110", summary: "Warning", detail: "`text` is old-fashioned", path: ["text"] }];
}

const machine = defineBuilder({
  type: "twin-machine",
  description: "Its machine is a folder of this one, or one that SSH reaches.",
  generatedVariables: ["Greeting"],
  options: () => z.object({ ...probeOptions().shape, ...communicatorOptions().shape }),
  check: refuse,
  async run({ config, hook, ui, signal, packer, run }): Promise<Artifact | undefined> {
    ui.say(described(config));
    ui.say(core(packer));
    ui.machine("probe", "a,b", "c");
    if (config.behave === "ask") ui.say(`answered ${await ui.ask("go on?", { signal })}`);
    await behave(config, ui, signal, "the machine did not start");
    if (config.behave === "nothing") return undefined;
    const data: GeneratedData = { ID: "i-1", Greeting: `hello ${config.text}`, Port: 22 };
    const connection = config.ssh_host === undefined ? undefined : await connect({ config, ui, signal, packer, run });
    const communicator = connection?.communicator ?? localCommunicator(config.target);
    try {
      await hook.run(HOOK_PROVISION, { ui, communicator, data, signal });
    } catch (error) {
      if (!isCancellation(error)) await hook.run(HOOK_CLEANUP_PROVISION, { ui, communicator, data, signal });
      throw error;
    } finally {
      await connection?.close();
    }
    const files = config.source.split(" ").filter((file) => file !== "");
    return {
      builderId: "tspack.twin",
      id: "i-1",
      files,
      description: "probe i-1",
      state: async (name) => (name === "generated_data" ? data : undefined),
      async destroy() {
        if (config.behave === "indestructible") throw new BuildError("it cannot be removed");
        for (const file of files) await rm(file);
      },
    };
  },
});

const act = defineProvisioner({
  type: "twin-act",
  description: "Uses every call of a communicator, or does what `behave` says.",
  options: probeOptions,
  check: refuse,
  async provision({ config, ui, communicator, data, signal, packer }) {
    await behave(config, ui, signal, "provisioning did not work");
    if (config.behave === "command" || config.behave === "transfer" || config.behave === "flood") {
      if (communicator === undefined) throw new BuildError("there is no machine", { code: "TPK5006" });
      if (config.behave === "transfer") return transfer(config, ui, communicator, signal);
      if (config.behave === "flood") return flood(config, ui, communicator, signal);
      const exitCode = await runWithUi(communicator, config.text, { ui, signal });
      ui.say(`exit ${exitCode}`);
      return;
    }
    ui.say(described(config));
    ui.say(core(packer));
    ui.say(`data ${Object.keys(data).sort().join(" ")}`);
    ui.say(`values ${data.ID} ${data.Greeting}`);
  },
});

const pack = definePostProcessor({
  type: "twin-pack",
  description: "Makes an artifact of an artifact, or hands its input on.",
  options: probeOptions,
  check: refuse,
  async postProcess({ config, ui, artifact: input, data, signal }) {
    ui.say(`input ${input.builderId} ${input.id} ${input.description} ${input.files.join("+")}`);
    ui.say(`greeting ${data.Greeting}`);
    await behave(config, ui, signal, "processing did not work");
    if (config.behave === "nothing") return { artifact: undefined, keep: true, forceKeep: true };
    if (config.behave === "same") return { artifact: input, keep: true, forceKeep: false };
    const artifact: Artifact = {
      builderId: "tspack.twin",
      id: config.text,
      files: [],
      description: `probe ${config.text}`,
      state: async () => undefined,
      destroy: async () => undefined,
    };
    const insists = config.behave === "insist";
    return { artifact, keep: insists || config.enabled, forceKeep: insists };
  },
});

const fetch = defineDatasource({
  type: "twin-fetch",
  description: "Answers with its options, in every type there is.",
  options: probeOptions,
  output: () =>
    z.object({
      text: z.string(),
      count: z.number(),
      ratio: z.number(),
      enabled: z.boolean(),
      items: z.array(z.string()),
      tags: z.record(z.string(), z.string()),
      nothing: z.string().optional(),
    }),
  check: refuse,
  async execute({ config, ui, signal }) {
    await behave(config, ui, signal, "nothing could be fetched");
    const { text, count, ratio, enabled, items, source } = config;
    return { text, count, ratio, enabled, items, tags: { a: "b" }, ...(source === "" ? {} : { nothing: source }) };
  },
});

// --- internal ---

/** `count` bytes, never held at once. */
function content(count: number, block: Buffer, onPiece?: (bytes: number) => void): Readable {
  let left = count;
  return new Readable({
    read() {
      const piece = block.subarray(0, Math.min(left, block.length));
      left -= piece.length;
      onPiece?.(piece.length);
      this.push(piece.length === 0 ? null : piece);
    },
  });
}

const pattern = Buffer.from("0123456789abcdef".repeat(4_096));

function digestOf(hash: Hash): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done();
    },
  });
}

/** Sends `count` bytes to the machine and back, by all ways there are. */
async function transfer(config: Options, ui: Ui, machine: Communicator, signal: AbortSignal): Promise<void> {
  const { count, source } = config;
  const expected = createHash("sha256");
  for await (const piece of content(count, pattern)) expected.update(piece);
  const digest = expected.digest("hex");
  const differs = (what: string, hash: Hash): void => {
    if (hash.digest("hex") !== digest) throw new BuildError(`what came back from ${what} differs`);
  };
  const progress = ui.progress("content", count);
  const tracked = content(count, pattern, (bytes) => progress.advance(bytes));
  await machine.upload({ path: "content", content: tracked, sizeBytes: count, mode: 0o640, signal });
  progress.finish();
  const downloaded = createHash("sha256");
  await machine.download({ path: "content", content: digestOf(downloaded), signal });
  differs("download", downloaded);
  const echoed = createHash("sha256");
  const stderr = new PassThrough();
  const failed = stderr.setEncoding("utf8").toArray();
  const command = "cat; echo oops >&2; exit 3";
  const { exitCode } = await machine.execute({ command, stdin: content(count, pattern), stdout: digestOf(echoed), stderr, signal });
  stderr.end();
  differs("the command", echoed);
  if (exitCode !== 3 || (await failed).join("") !== "oops\n") throw new BuildError(`the command ended with ${exitCode}`);
  await writeFile(join(source, "content"), content(count, pattern));
  await machine.uploadDirectory({ source, destination: "folder", signal });
  await machine.downloadDirectory({ source: "folder", destination: join(source, "back"), signal });
  const isMissed = await machine.download({ path: "missing", content: new PassThrough(), signal }).then(
    () => false,
    () => true,
  );
  if (!isMissed) throw new BuildError("a missing file was downloaded");
  ui.say(`transferred ${count}`);
}

/** Uploads `count` zeros to `target`, and tells how much memory that took in kilobytes, after a short one to warm up. */
async function flood({ count, target }: Options, ui: Ui, machine: Communicator, signal: AbortSignal): Promise<void> {
  await machine.upload({ path: target, content: content(10_000_000, Buffer.alloc(262_144)), sizeBytes: 10_000_000, signal });
  const before = process.resourceUsage().maxRSS;
  await machine.upload({ path: target, content: content(count, Buffer.alloc(262_144)), sizeBytes: count, signal });
  ui.say(`flooded ${count}, grew by ${process.resourceUsage().maxRSS - before}`);
}

void definePlugin({
  name: "twin",
  version: "1.0.0",
  builders: [machine],
  provisioners: [act],
  postProcessors: [pack],
  datasources: [fetch],
}).main();
