// Calls of a communicator that are given up, through two connections as between the plugins of a builder and of a provisioner: what
// they do on the machine ends, and the machine stays usable.
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import { lab, makeSshKey, rejects, startSshd, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Communicator, isCancellation } from "../../../src/sdk/index.ts";
import { connectTo } from "../../communicator/ssh/connection.ts";
import { relayed, wire } from "./wire.ts";

const labTest = lab(test, "linux", "root", "sshd", "ssh-keygen");
const never = new AbortController().signal;
const GIGABYTE = 1_000_000_000;

async function onMachine(body: (machine: Communicator) => Promise<void>): Promise<void> {
  const server = await startSshd();
  const wires = [await wire(), await wire()] as const;
  try {
    const key = makeSshKey(tmp("key"), "id", "ed25519");
    server.authorize(key.publicKey);
    const connection = await connectTo(server, { options: { ssh_private_key_file: key.file } });
    await within(30_000, async () => body(await relayed(connection.communicator, wires)));
    await connection.close();
  } finally {
    for (const one of wires) one.close();
    await server.stop();
  }
}

/** True while a process has this word on its command line. */
function isRunning(word: string): boolean {
  return readdirSync("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && Number(pid) !== process.pid && readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(word);
    } catch {
      // It ended meanwhile.
      return false;
    }
  });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

/** A file that takes long to copy and no space. */
function bigFile(folder: string): string {
  const file = join(folder, "big");
  writeFileSync(file, "");
  truncateSync(file, GIGABYTE);
  return file;
}

const zeros = (): Readable => {
  const block = Buffer.alloc(65_536);
  let left = GIGABYTE;
  return new Readable({
    read() {
      left -= block.length;
      this.push(left > 0 ? block : null);
    },
  });
};

/** Takes one piece and no more, so that the sender has to wait. */
class Stuck extends Writable {
  constructor(onPiece: () => void) {
    super({ write: onPiece });
  }
}

interface Call {
  readonly name: string;
  /** Starts it; calls back once it is under way on the machine. */
  start(machine: Communicator, there: string, signal: AbortSignal, begun: () => void): Promise<unknown>;
}

const calls: readonly Call[] = [
  {
    name: "a silent command",
    async start(machine, there, signal, begun) {
      const running = machine.execute({ command: `exec tail -f /dev/null ${there}/none`, signal });
      void until(() => isRunning(there)).then(begun);
      return running;
    },
  },
  {
    name: "a command that waits for input and whose output nobody reads",
    start: (machine, there, signal, begun) =>
      machine.execute({
        command: `yes ${there}; cat`,
        stdin: new PassThrough(),
        stdout: new Stuck(begun),
        stderr: new PassThrough(),
        signal,
      }),
  },
  {
    name: "an upload",
    start(machine, there, signal, begun) {
      const file = join(there, "up");
      void until(() => sizeOf(file) > 0).then(begun);
      return machine.upload({ path: file, content: zeros(), sizeBytes: GIGABYTE, signal });
    },
  },
  {
    name: "a download that nobody reads",
    start: (machine, there, signal, begun) => machine.download({ path: bigFile(there), content: new Stuck(begun), signal }),
  },
  {
    name: "the upload of a folder",
    start(machine, there, signal, begun) {
      const source = tmp("source");
      bigFile(source);
      void until(() => sizeOf(join(there, "folder", "big")) > 0).then(begun);
      return machine.uploadDirectory({ source: `${source}/`, destination: join(there, "folder"), signal });
    },
  },
  {
    name: "the download of a folder",
    start(machine, there, signal, begun) {
      bigFile(there);
      const destination = tmp("destination");
      void until(() => sizeOf(join(destination, "big")) > 0).then(begun);
      return machine.downloadDirectory({ source: `${there}/`, destination, signal });
    },
  },
];

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

for (const { name, start } of calls) {
  labTest(`${name} ends on the machine when it is given up at the far end of a relay`, () =>
    onMachine(async (machine) => {
      const there = tmp("there");
      const abort = new AbortController();
      const error = await rejects(start(machine, there, abort.signal, () => abort.abort()));
      assert.ok(isCancellation(error), String(error));
      await until(() => !isRunning(there));
      const last = sizeOf(join(there, "up")) + sizeOf(join(there, "folder", "big"));
      assert.is((await machine.execute({ command: "exit 7", signal: never })).exitCode, 7);
      assert.is(sizeOf(join(there, "up")) + sizeOf(join(there, "folder", "big")), last, "it goes on");
      assert.ok(last < GIGABYTE);
    }),
  );
}

test.run();
