import { createHash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { lab, makeSshKey, rejects, runInfo, type Sshd, type SshdOptions, startSshd, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Connection, ConnectRequest } from "../../../src/communicator/connect.ts";
import { connectTo, Gathered, output } from "./connection.ts";

const labTest = lab(test, "sshd", "root");
const never = new AbortController().signal;

interface Settings extends SshdOptions {
  readonly method?: "scp" | "sftp";
  readonly request?: Partial<ConnectRequest>;
}

async function withConnection(settings: Settings, body: (connection: Connection, sshd: Sshd) => Promise<void>): Promise<void> {
  const sshd = await startSshd(settings);
  try {
    const key = makeSshKey(sshd.directory, "id", "ed25519");
    sshd.authorize(key.publicKey);
    const options = { ssh_private_key_file: key.file, ssh_file_transfer_method: settings.method ?? "scp" };
    const connection = await connectTo(sshd, { options, request: settings.request ?? {} });
    try {
      await within(30_000, () => body(connection, sshd));
    } finally {
      await connection.close();
    }
  } finally {
    await sshd.stop();
  }
}

labTest("a machine without scp is reported, with the way out", async () => {
  await withConnection({ config: ["SetEnv PATH=/nonexistent"] }, async ({ communicator }) => {
    const upload = communicator.upload({ path: join(tmp(), "x"), content: Readable.from(["x"]), sizeBytes: 1, signal: never });
    const error = await rejects(upload, { code: "TPK5005", message: /could not upload .*: the machine has no scp/ });
    assert.match(String((error as { hint?: string }).hint), "sftp");
    await rejects(communicator.download({ path: "/etc/hostname", content: new Gathered(), signal: never }), {
      code: "TPK5005",
      message: /no scp/,
    });
  });
});

labTest("a machine without SFTP is reported, with the way out", async () => {
  await withConnection({ withoutSftp: true, method: "sftp" }, async (connection) => {
    const upload = connection.communicator.upload({ path: join(tmp(), "x"), content: Readable.from(["x"]), signal: never });
    const error = await rejects(upload, { code: "TPK5005", message: /the machine has no SFTP server/ });
    assert.match(String((error as { hint?: string }).hint), "scp");
    assert.is((await output(connection, "echo usable")).stdout, "usable\n");
  });
});

labTest("a machine that allows SFTP alone takes and gives files and folders", async () => {
  const config = ["ForceCommand internal-sftp"];
  await withConnection({ config, method: "sftp" }, async ({ communicator }) => {
    const source = join(tmp(), "tree");
    mkdirSync(join(source, "sub"), { recursive: true });
    writeFileSync(join(source, "sub", "file"), "content\n", { mode: 0o600 });
    const target = tmp();
    await communicator.uploadDirectory({ source, destination: join(target, "a", "b"), signal: never });
    assert.is(readFileSync(join(target, "a/b/tree/sub/file"), "utf8"), "content\n");
    assert.is(statSync(join(target, "a/b/tree/sub/file")).mode & 0o777, 0o600);
    await communicator.downloadDirectory({ source: `${target}/a/`, destination: join(target, "back"), signal: never });
    assert.is(readFileSync(join(target, "back/b/tree/sub/file"), "utf8"), "content\n");
  });
});

for (const method of ["scp", "sftp"] as const) {
  labTest(`a full disk fails an upload by ${method}`, async () => {
    await withConnection({ method }, async ({ communicator }) => {
      const upload = communicator.upload({
        path: "/dev/full",
        content: Readable.from([Buffer.alloc(100_000)]),
        sizeBytes: 100_000,
        mode: 0o666,
        signal: never,
      });
      await rejects(upload, { code: "TPK5005", message: /could not upload \/dev\/full: .*(No space left|failure)/ });
    });
  });

  labTest(`~ is the user's home folder, for ${method} too`, async () => {
    await withConnection({ method, config: [`SetEnv HOME=/root`] }, async (connection) => {
      const name = `tspack-test-${process.pid}-${method}`;
      await connection.communicator.upload({ path: `~/${name}`, content: Readable.from(["here"]), sizeBytes: 4, signal: never });
      try {
        const back = new Gathered();
        await connection.communicator.download({ path: `~/${name}`, content: back, signal: never });
        assert.is(back.text, "here");
      } finally {
        await output(connection, `rm ~/${name}`);
      }
    });
  });
}

labTest("content of unknown size goes through a file in the run's folder, which is gone afterwards, also after an abort", async () => {
  const run = runInfo({ environment: {} });
  await withConnection({ request: { run } }, async ({ communicator }) => {
    const path = join(tmp(), "file");
    let seen: string[] = [];
    const content = Readable.from(
      (async function* () {
        yield Buffer.from("one ");
        seen = readdirSync(run.temporaryDirectory);
        const file = join(run.temporaryDirectory, seen[0] ?? "", "content");
        while (!existsSync(file)) await turn();
        assert.is(statSync(file).mode & 0o777, 0o600, "what is uploaded may be a secret");
        yield Buffer.from("two");
      })(),
    );
    await communicator.upload({ path, content, signal: never });
    assert.is(readFileSync(path, "utf8"), "one two");
    assert.is(seen.length, 1);
    const abort = new AbortController();
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(65_536));
        setTimeout(() => abort.abort(), 20);
      },
    });
    await rejects(communicator.upload({ path, content: endless, signal: abort.signal }), { code: "TPK6009" });
    assert.equal(readdirSync(run.temporaryDirectory), []);
  });
});

labTest("what the machine refuses leaves no file open here", async () => {
  const source = join(tmp(), "tree");
  mkdirSync(source);
  writeFileSync(join(source, "file"), "content");
  await withConnection({ config: ["ForceCommand internal-sftp"], method: "sftp" }, async ({ communicator }) => {
    const target = tmp();
    mkdirSync(join(target, "tree/file"), { recursive: true });
    const upload = communicator.uploadDirectory({ source, destination: target, signal: never });
    await rejects(upload, { code: "TPK5005", message: /could not upload/ });
    while (openFiles(source).length > 0) await turn();
  });
  const run = runInfo({ temporaryDirectory: tmp() });
  await withConnection({ config: ["SetEnv PATH=/nonexistent"], request: { run } }, async ({ communicator }) => {
    const upload = communicator.upload({ path: join(tmp(), "x"), content: Readable.from(["x"]), signal: never });
    await rejects(upload, { code: "TPK5005", message: /the machine has no scp/ });
    while (openFiles(run.temporaryDirectory).length > 0) await turn();
  });
});

labTest("content that is shorter or longer than announced is an error", async () => {
  await withConnection({}, async ({ communicator }) => {
    for (const sizeBytes of [5, 50]) {
      const upload = communicator.upload({ path: join(tmp(), "x"), content: Readable.from([Buffer.alloc(10)]), sizeBytes, signal: never });
      await rejects(upload, { code: "TPK5005", message: /does not have the \d+ bytes that were announced/ });
    }
  });
});

labTest("a folder of thousands of files arrives as one stream, on one connection", async () => {
  await withConnection({ config: ["LogLevel VERBOSE", "MaxSessions 1"] }, async (connection, sshd) => {
    const source = join(tmp(), "many");
    const expected = createHash("sha256");
    for (let folder = 0; folder < 20; folder++) {
      mkdirSync(join(source, String(folder)), { recursive: true });
      for (let file = 0; file < 100; file++) writeFileSync(join(source, String(folder), String(file)), randomBytes(200 + file));
    }
    writeFileSync(join(source, "big"), randomBytes(3_000_000));
    const list = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
    for (const name of list(source))
      if (statSync(join(source, name)).isFile()) expected.update(name).update(readFileSync(join(source, name)));
    const target = tmp();
    await connection.communicator.uploadDirectory({ source: `${source}/`, destination: `${target}/up`, signal: never });
    await connection.communicator.downloadDirectory({ source: `${target}/up/`, destination: `${target}/down`, signal: never });
    for (const folder of ["up", "down"]) {
      const actual = createHash("sha256");
      const root = join(target, folder);
      for (const name of list(root)) if (statSync(join(root, name)).isFile()) actual.update(name).update(readFileSync(join(root, name)));
      assert.is(actual.digest("hex"), expected.copy().digest("hex"), folder);
    }
    assert.is(sshd.log().match(/Starting session: command/g)?.length, 3);
  });
});

labTest("files that run as their owner on the machine do not do so here", async () => {
  const withoutTar: Settings = { method: "sftp", config: ["ForceCommand internal-sftp"] };
  for (const settings of [{}, withoutTar]) {
    await withConnection(settings, async ({ communicator }) => {
      const [source, target] = [tmp(), tmp()];
      writeFileSync(join(source, "tool"), "x");
      chmodSync(join(source, "tool"), 0o6755);
      await communicator.downloadDirectory({ source: `${source}/`, destination: target, signal: never });
      assert.is(statSync(join(target, "tool")).mode & 0o7777, 0o755);
    });
  }
});

labTest("a pattern is expanded by the machine's shell", async () => {
  await withConnection({}, async ({ communicator }) => {
    const [source, target] = [join(tmp(), "it's here"), tmp()];
    mkdirSync(join(source, "folder.log"), { recursive: true });
    for (const name of ["a.log", "b.log", "c.txt", "folder.log/inside"]) writeFileSync(join(source, name), name);
    await communicator.downloadDirectory({ source: `${source}/*.log`, destination: target, signal: never });
    assert.equal(readdirSync(target, { recursive: true, encoding: "utf8" }).sort(), ["a.log", "b.log", "folder.log", "folder.log/inside"]);
  });
});

labTest("local links that lead nowhere or in circles are errors that name them", async () => {
  await withConnection({}, async ({ communicator }) => {
    for (const [link, message] of [
      ["nowhere", /broken: .*no such file/i],
      [".", /loop.*link to a folder around it|broken.*link to a folder around it/],
    ] as const) {
      const source = tmp();
      symlinkSync(link, join(source, "broken"));
      await rejects(communicator.uploadDirectory({ source, destination: tmp(), signal: never }), { code: "TPK5005", message });
    }
  });
});

/** What this process has open below a folder. */
function openFiles(folder: string): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      // Closed meanwhile, such as that of this listing.
      return [];
    }
  });
}

test.run();
