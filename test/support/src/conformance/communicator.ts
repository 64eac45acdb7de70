// What every communicator has to do, whatever it talks to: the contract of packages/core/src/sdk/communicator.ts as tests.
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import * as assert from "uvu/assert";
import { type Communicator, isCancellation } from "../../../../packages/core/src/sdk/index.ts";
import { rejects } from "../rejects.ts";
import { tmp } from "../tmp.ts";
import { within } from "../within.ts";

/** A machine to test with. It has sh, cat, wc, stat, sha256sum, mkdir, ln, find, sort and sleep. */
export interface ConformanceMachine {
  readonly communicator: Communicator;
  /** An empty folder on the machine, as its commands name it. */
  readonly root: string;
  /** A path whose name has `missing` in it and that cannot be written; one in a folder that does not exist unless given. */
  readonly unwritable?: string;
  close(): Promise<void>;
}

type Register = (name: string, body: () => Promise<void>) => void;

/** Registers the tests. `make` is called for each; give `test` names of your own by wrapping it. */
export function communicatorConformance(test: Register, make: () => Promise<ConformanceMachine>): void {
  const withMachine = (name: string, body: (machine: ConformanceMachine) => Promise<void>): void => {
    test(name, async () => {
      const machine = await make();
      try {
        await within(30_000, () => body(machine));
      } finally {
        await machine.close();
      }
    });
  };

  withMachine("a command's exit code is a result, and its two streams stay apart", async ({ communicator }) => {
    assert.equal(await run(communicator, "echo out; echo err >&2; exit 7"), { exitCode: 7, stdout: "out\n", stderr: "err\n" });
    assert.is((await run(communicator, "true")).exitCode, 0);
  });

  withMachine("a command's input arrives whole, and without input it reads the end at once", async ({ communicator }) => {
    const input = randomBytes(300_000);
    const seen = await run(communicator, "sha256sum", Readable.from([input.subarray(0, 100_000), input.subarray(100_000)]));
    assert.match(seen.stdout, digest(input));
    assert.equal(await run(communicator, "cat; echo done"), { exitCode: 0, stdout: "done\n", stderr: "" });
  });

  withMachine("input is destroyed when the command ends without reading it", async ({ communicator }) => {
    const endless = endlessContent();
    assert.is((await run(communicator, "exit 4", endless)).exitCode, 4);
    assert.ok(endless.destroyed);
  });

  withMachine("output is binary, and waits for a slow reader", async ({ communicator }) => {
    const hash = createHash("sha256");
    let received = 0;
    const slow = new Writable({
      highWaterMark: 16_384,
      write(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        received += chunk.length;
        setImmediate(done);
      },
    });
    const command = "i=0; while [ $i -lt 40 ]; do printf '\\000\\377\\200%0131069d' $i; i=$((i+1)); done";
    const expected = createHash("sha256");
    for (let i = 0; i < 40; i++)
      expected.update(Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from(String(i).padStart(131_069, "0"))]));
    await communicator.execute({ command, stdout: slow, signal: never() });
    await new Promise<void>((resolve) => slow.end(resolve));
    assert.is(received, 40 * 131_072);
    assert.is(hash.digest("hex"), expected.digest("hex"));
  });

  for (const sizeBytes of [0, 1, 20_000_000]) {
    withMachine(`a file of ${sizeBytes} bytes is uploaded and downloaded unchanged`, async ({ communicator, root }) => {
      const content = randomBytes(sizeBytes);
      const path = `${root}/it's a file.bin`;
      await communicator.upload({ path, content: Readable.from(chunked(content)), sizeBytes, signal: never() });
      assert.match((await run(communicator, `sha256sum < ${quote(path)}`)).stdout, digest(content));
      const back = new Sink();
      await communicator.download({ path, content: back, signal: never() });
      assert.ok(back.writableFinished);
      assert.is(back.hash, createHash("sha256").update(content).digest("hex"));
    });
  }

  withMachine("a file of unknown size is uploaded, and replaces a longer one", async ({ communicator, root }) => {
    const path = `${root}/file`;
    for (const content of [randomBytes(400_000), Buffer.from("short\n")]) {
      await communicator.upload({ path, content: Readable.from(chunked(content)), signal: never() });
      assert.match((await run(communicator, `sha256sum < ${quote(path)}`)).stdout, digest(content));
    }
  });

  withMachine("an uploaded file has the mode that was asked for, 0644 unless given", async ({ communicator, root }) => {
    const upload = (name: string, mode?: number) =>
      communicator.upload({ path: `${root}/${name}`, content: Readable.from(["x"]), sizeBytes: 1, mode, signal: never() });
    await upload("plain");
    await upload("script", 0o755);
    await upload("secret", 0o600);
    await upload("shared", 0o664);
    const modes = await run(communicator, `cd ${quote(root)} && stat -c '%a %n' plain script secret shared`);
    assert.is(modes.stdout, "644 plain\n755 script\n600 secret\n664 shared\n");
  });

  withMachine("a transfer that fails is an error of the communicator that names the path", async ({ communicator, root, unwritable }) => {
    const content = Readable.from(["x"]);
    const upload = communicator.upload({ path: unwritable ?? `${root}/missing/file`, content, sizeBytes: 1, signal: never() });
    await rejects(upload, { code: "TPK5005", message: /missing/ });
    assert.ok(content.destroyed);
    await rejects(communicator.download({ path: `${root}/nowhere`, content: new Sink(), signal: never() }), {
      code: "TPK5005",
      message: /nowhere/,
    });
    const folder = { source: `${root}/nowhere`, destination: tmp(), signal: never() };
    await rejects(communicator.downloadDirectory(folder), { code: "TPK5005", message: /nowhere/ });
    const local = { source: join(tmp(), "nothing"), destination: root, signal: never() };
    await rejects(communicator.uploadDirectory(local), { code: "TPK5005", message: /nothing/ });
  });

  withMachine("a folder is uploaded with its name, or its contents alone with a trailing slash", async ({ communicator, root }) => {
    const source = sampleFolder();
    await communicator.uploadDirectory({ source, destination: `${root}/named`, signal: never() });
    await communicator.uploadDirectory({ source: `${source}/`, destination: `${root}/bare`, exclude: ["sub", "empty/"], signal: never() });
    const list = async (folder: string) =>
      (await run(communicator, `cd ${quote(`${root}/${folder}`)} && find . -mindepth 1 | LC_ALL=C sort`)).stdout;
    const everything = ["empty", "link to file", "sub", "sub/deep", "sub/deep/täxt 'q' $HOME.txt", "sub/script.sh", "top"];
    assert.is(await list("named"), ["./tree", ...everything.map((path) => `./tree/${path}`)].map((path) => `${path}\n`).join(""));
    assert.is(await list("bare"), "./link to file\n./top\n");
  });

  withMachine("an uploaded folder keeps contents and modes, follows links, and merges into what exists", async ({ communicator, root }) => {
    const source = sampleFolder();
    await run(
      communicator,
      `mkdir -p ${quote(root)}/there/sub ${quote(root)}/real && ln -s ../real ${quote(root)}/there/empty && touch ${quote(root)}/there/sub/kept`,
    );
    await communicator.uploadDirectory({ source: `${source}/`, destination: `${root}/there`, signal: never() });
    const command = `cd ${quote(root)}/there && cat top 'link to file' sub/deep/* && stat -c '%a %F' sub/script.sh sub 'link to file' && test -f sub/kept && test -L empty && echo kept`;
    const { stdout } = await run(communicator, command);
    assert.is(stdout, "top\ntop\ndeep\n755 regular file\n750 directory\n640 regular file\nkept\n");
  });

  withMachine("a folder is downloaded with its name, or its contents alone with a trailing slash", async ({ communicator, root }) => {
    const target = join(tmp(), "new", "target");
    await run(
      communicator,
      `cd ${quote(root)} && mkdir -p 'a tree/sub' 'a tree/empty' && echo one > 'a tree/one' && echo two > 'a tree/sub/two' && chmod 750 'a tree/sub/two' && ln -s one 'a tree/link' && : > 'a tree/nothing'`,
    );
    await communicator.downloadDirectory({ source: `${root}/a tree`, destination: target, signal: never() });
    await communicator.downloadDirectory({
      source: `${root}/a tree/`,
      destination: join(target, "bare"),
      exclude: ["sub"],
      signal: never(),
    });
    assert.is(readFileSync(join(target, "a tree/sub/two"), "utf8"), "two\n");
    assert.is(statSync(join(target, "a tree/sub/two")).mode & 0o777, 0o750);
    assert.is(readFileSync(join(target, "a tree/link"), "utf8"), "one\n");
    assert.is(statSync(join(target, "a tree/nothing")).size, 0);
    assert.ok(statSync(join(target, "a tree/empty")).isDirectory());
    assert.is(readFileSync(join(target, "bare/one"), "utf8"), "one\n");
    assert.throws(() => statSync(join(target, "bare/sub")), /ENOENT/);
  });

  withMachine("an abort stops a command promptly and is a cancellation", async ({ communicator }) => {
    const abort = new AbortController();
    const started = new Sink(() => abort.abort());
    const running = communicator.execute({ command: "echo started; exec sleep 60", stdout: started, signal: abort.signal });
    const error = await within(20_000, () => rejects(running));
    assert.ok(isCancellation(error), String(error));
    assert.ok(isCancellation(await rejects(communicator.execute({ command: "true", signal: abort.signal }))));
    assert.is((await run(communicator, "echo usable")).stdout, "usable\n");
  });

  withMachine("an abort stops transfers promptly and closes what they read and write", async ({ communicator, root }) => {
    const uploading = new AbortController();
    const endless = endlessContent(() => uploading.abort());
    const upload = communicator.upload({ path: `${root}/endless`, content: endless, sizeBytes: 1e12, signal: uploading.signal });
    assert.ok(isCancellation(await within(20_000, () => rejects(upload))));
    assert.ok(endless.destroyed);

    const downloading = new AbortController();
    await communicator.upload({
      path: `${root}/big`,
      content: Readable.from(chunked(Buffer.alloc(8_000_000))),
      sizeBytes: 8_000_000,
      signal: never(),
    });
    const content = new Sink(() => downloading.abort());
    const download = communicator.download({ path: `${root}/big`, content, signal: downloading.signal });
    assert.ok(isCancellation(await within(20_000, () => rejects(download))));
    assert.ok(content.destroyed);
    assert.is((await run(communicator, "echo usable")).stdout, "usable\n");
  });

  withMachine("commands and transfers may run at the same time", async ({ communicator, root }) => {
    const numbers = Array.from({ length: 8 }, (_, index) => index);
    await Promise.all(
      numbers.map(async (number) => {
        const content = randomBytes(50_000 + number);
        const path = `${root}/file-${number}`;
        await communicator.upload({ path, content: Readable.from([content]), sizeBytes: content.length, signal: never() });
        assert.match(
          (await run(communicator, `sha256sum < ${quote(path)}; echo ${number}`)).stdout,
          new RegExp(`${digest(content).source}[^]*\n${number}\n`),
        );
      }),
    );
  });
}

// --- internal ---

async function run(communicator: Communicator, command: string, stdin?: Readable) {
  const stdout = new Sink();
  const stderr = new Sink();
  const { exitCode } = await communicator.execute({ command, stdin, stdout, stderr, signal: never() });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

/** Keeps what it gets; calls `first` at the first piece. */
class Sink extends Writable {
  readonly #chunks: Buffer[] = [];
  #first: (() => void) | undefined;
  constructor(first?: () => void) {
    super();
    this.#first = first;
  }
  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
  get hash(): string {
    return createHash("sha256").update(Buffer.concat(this.#chunks)).digest("hex");
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    this.#first?.();
    this.#first = undefined;
    done();
  }
}

function sampleFolder(): string {
  const source = join(tmp(), "tree");
  mkdirSync(join(source, "sub/deep"), { recursive: true });
  mkdirSync(join(source, "empty"));
  writeFileSync(join(source, "top"), "top\n");
  chmodSync(join(source, "top"), 0o640);
  writeFileSync(join(source, "sub/deep/täxt 'q' $HOME.txt"), "deep\n");
  writeFileSync(join(source, "sub/script.sh"), "#!/bin/sh\n");
  chmodSync(join(source, "sub/script.sh"), 0o755);
  chmodSync(join(source, "sub"), 0o750);
  symlinkSync("top", join(source, "link to file"));
  return source;
}

function endlessContent(afterSome?: () => void): Readable {
  let pieces = 0;
  return new Readable({
    read() {
      pieces += 1;
      if (pieces === 20) afterSome?.();
      this.push(Buffer.alloc(65_536));
    },
  });
}

function* chunked(content: Buffer): Generator<Buffer> {
  for (let start = 0; start < content.length; start += 65_536) yield content.subarray(start, start + 65_536);
}

function digest(content: Buffer): RegExp {
  return new RegExp(`^${createHash("sha256").update(content).digest("hex")}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function never(): AbortSignal {
  return new AbortController().signal;
}
