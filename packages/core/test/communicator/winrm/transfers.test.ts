// Files and folders to and from the lab's Windows machine.
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { rejects, startWinrm, tmp, type WinrmProgram, type WinrmServer, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isCancellation } from "../../../src/diagnostics/error.ts";
import type { Communicator } from "../../../src/sdk/communicator.ts";
import { Gathered } from "../ssh/connection.ts";
import { connectTo } from "./connection.ts";

const never = new AbortController().signal;

async function onMachine(
  body: (communicator: Communicator, server: WinrmServer) => Promise<void>,
  options: { readonly ntlm?: boolean; readonly program?: WinrmProgram } = {},
): Promise<void> {
  const { ntlm = false, program } = options;
  const run: WinrmProgram | undefined =
    program === undefined
      ? undefined
      : async (call) => {
          if (!call.commandLine.startsWith("echo ")) return program(call);
          call.stdout.write(call.commandLine);
          return 0;
        };
  const server = await startWinrm({ auth: [ntlm ? "ntlm" : "basic"], allowUnencrypted: !ntlm, ...(run === undefined ? {} : { run }) });
  try {
    const connection = await connectTo(server, { options: { winrm_use_ntlm: ntlm } });
    try {
      await within(30_000, () => body(connection.communicator, server));
    } finally {
      await connection.close();
    }
    assert.is(server.openShells(), 0, "no shell is left");
  } finally {
    await server.close();
  }
}

function* chunked(content: Buffer): Generator<Buffer> {
  for (let start = 0; start < content.length; start += 65_537) yield content.subarray(start, start + 65_537);
}

const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

for (const ntlm of [false, true]) {
  test(`files are uploaded in one shell and downloaded unchanged, ${ntlm ? "sealed" : "in the clear"}`, async () => {
    await onMachine(
      async (communicator, { files, commands }) => {
        for (const sizeBytes of [0, 1, 82_800, 5_000_000]) {
          const content = randomBytes(sizeBytes);
          const path = "C:\\Temp\\it's a täst.bin";
          const before = commands.length;
          const source = Readable.from(chunked(content));
          await communicator.upload({ path, content: source, mode: 0o755, signal: never });
          assert.is(commands.length, before + 1);
          assert.is(sha(files.get(path) ?? Buffer.from("nothing")), sha(content), `${sizeBytes}`);
          assert.ok(source.destroyed);
          const back = new Gathered();
          await communicator.download({ path, content: back, signal: never });
          assert.ok(back.writableFinished);
          assert.is(sha(back.bytes), sha(content), `${sizeBytes}`);
        }
      },
      { ntlm },
    );
  });
}

test("a path is a literal of PowerShell, whichever of its five quotes are in it, and long paths still fit into a command", async () => {
  await onMachine(async (communicator, { commands }) => {
    const path = `C:\\'a’b‘c\u201ad\u201be $(calc) \`t\\${"x".repeat(900)}`;
    await communicator.upload({ path, content: Readable.from(["x"]), signal: never }).catch(() => {});
    const [command = "", script] =
      commands
        .at(-1)
        ?.split("\n")
        .filter((text) => /EncodedCommand|^\$destination/.test(text)) ?? [];
    assert.is(script, `$destination = '${path.replace(/['’‘\u201a\u201b]/g, "$&$&")}'`);
    assert.ok(command.length <= 8_191, `${command.length}`);
  });
});

function sampleFolder(): string {
  const source = join(tmp(), "tree");
  mkdirSync(join(source, "sub/deep"), { recursive: true });
  mkdirSync(join(source, "empty"));
  writeFileSync(join(source, "top"), "top");
  writeFileSync(join(source, "sub/deep/täxt 'q'.txt"), "deep");
  writeFileSync(join(source, "sub/big"), Buffer.alloc(300_000, "x"));
  for (let index = 0; index < 50; index++) writeFileSync(join(source, `empty/${index}`), "");
  return source;
}

test("a folder goes up with its name, or its contents alone with a slash at its end, in one shell", async () => {
  await onMachine(async (communicator, { files, commands }) => {
    const source = sampleFolder();
    const before = commands.length;
    await communicator.uploadDirectory({ source, destination: "C:\\named", signal: never });
    assert.is(commands.length, before + 1);
    await communicator.uploadDirectory({ source: `${source}/`, destination: "C:\\bare\\", exclude: ["sub/deep", "empty"], signal: never });
    const text = (path: string): string | undefined => {
      const bytes = files.get(path);
      return bytes === undefined ? undefined : Buffer.from(bytes).toString();
    };
    assert.is(text("C:\\named\\tree\\top"), "top");
    assert.is(text("C:\\named\\tree\\sub\\deep\\täxt 'q'.txt"), "deep");
    assert.is(text("C:\\named\\tree\\sub\\big")?.length, 300_000);
    assert.is(text("C:\\named\\tree\\empty\\49"), "");
    assert.equal([...files.keys()].filter((path) => path.includes("bare")).length, 2);
  });
});

test("a folder comes down with its name, its contents alone, or what a pattern matches", async () => {
  await onMachine(async (communicator, { files }) => {
    files.set("C:\\tree\\one.txt", Buffer.from("one"));
    files.set("C:\\tree\\sub\\two.log", Buffer.alloc(200_000, "2"));
    const into = tmp();
    const get = (source: string, name: string, exclude: readonly string[] = []) =>
      communicator.downloadDirectory({ source, destination: join(into, name), exclude, signal: never });
    await get("C:\\tree", "named");
    await get("C:/tree/", "bare", ["sub"]);
    await get("C:\\tree\\*.txt", "matched");
    assert.is(readFileSync(join(into, "named/tree/one.txt"), "utf8"), "one");
    assert.is(readFileSync(join(into, "named/tree/sub/two.log")).length, 200_000);
    assert.equal(readdirSync(join(into, "bare")), ["one.txt"]);
    assert.equal(readdirSync(join(into, "matched")), ["one.txt"]);
    await rejects(get("C:\\tree\\*.zip", "nothing"), { code: "TPK5005", message: /\*\.zip: nothing matches/ });
  });
});

test("transfers that fail say so in the machine's words, and name the path", async () => {
  await onMachine(async (communicator, { files }) => {
    files.set("C:\\folder\\file", Buffer.from("x"));
    const upload = (path: string, content = Readable.from(["x"])) => communicator.upload({ path, content, signal: never });
    await rejects(upload("C:\\folder"), { code: "TPK5005", message: /could not upload to C:\\folder: .*is a folder/ });
    await rejects(upload("C:\\folder\\"), { code: "TPK5005", message: /ends in a separator/ });
    await rejects(upload(`C:\\${"long".repeat(2_000)}`), { code: "TPK5005", message: /too long/ });
    const broken = new Readable({
      read() {
        this.destroy(new Error("the disk is on fire"));
      },
    });
    await rejects(upload("C:\\new", broken), { code: "TPK5005", message: /could not upload to C:\\new: .*the disk is on fire/ });
    assert.not(files.has("C:\\new"));
    const download = communicator.download({ path: "C:\\nowhere", content: new Gathered(), signal: never });
    await rejects(download, { code: "TPK5005", message: /could not download C:\\nowhere: Cannot find path/ });
    const target = new Writable({ write: (_chunk, _encoding, done) => done(new Error("no space left")) });
    await rejects(communicator.download({ path: "C:\\folder\\file", content: target, signal: never }), { message: /no space left/ });
    const source = tmp();
    writeFileSync(join(source, "a:b"), "");
    const named = communicator.uploadDirectory({ source, destination: "C:\\x", signal: never });
    await rejects(named, { code: "TPK5005", message: /Windows has no file named .*a:b/ });
    const missing = communicator.uploadDirectory({ source: join(source, "nothing"), destination: "C:\\x", signal: never });
    await rejects(missing, { code: "TPK5005", message: /could not upload .*nothing/ });
  });
});

test("the machine's words may come in any pieces", async () => {
  const program: WinrmProgram = async ({ stderr }) => {
    for (const byte of Buffer.from("#< CLIXML\r\nder Zugriff auf „C:\\ä“\r\nist verweigert\r\n")) stderr.write(Buffer.of(byte));
    return 1;
  };
  await onMachine(
    async (communicator) => {
      const upload = communicator.upload({ path: "C:\\ä", content: Readable.from(["x"]), signal: never });
      await rejects(upload, { code: "TPK5005", message: /could not upload to C:\\ä: der Zugriff auf „C:\\ä“ ist verweigert$/ });
    },
    { program },
  );
});

test("errors that PowerShell sends as XML are told in their words, without its progress", async () => {
  const record = (kind: string, text: string): string => `<S S="${kind}">${text}_x000D__x000A_</S>`;
  const objects = (records: string): string =>
    `<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">${records}</Objs>`;
  const answers: readonly (readonly [string, RegExp])[] = [
    [
      objects(`${record("Error", "Cannot invoke &lt;method&gt;")}${record("Error", "in this mode")}${record("progress", "50 %")}`),
      /: Cannot invoke <method> in this mode$/,
    ],
    [objects(record("progress", "50 %")), /PowerShell ended with exit code 1$/],
    [objects(record("Error", "x")).slice(0, -4), /PowerShell ended with exit code 1$/],
  ];
  for (const [words, message] of answers) {
    const program: WinrmProgram = async ({ stderr }) => {
      stderr.write(`#< CLIXML\r\n${words}`);
      return 1;
    };
    await onMachine(
      async (communicator) => {
        const upload = communicator.upload({ path: "C:\\x", content: Readable.from(["x"]), signal: never });
        await rejects(upload, { code: "TPK5005", message });
      },
      { program },
    );
  }
});

test("a cancelled transfer ends promptly, and closes what it reads and writes", async () => {
  await onMachine(async (communicator, { files }) => {
    const uploading = new AbortController();
    let pieces = 0;
    const endless = new Readable({
      read() {
        pieces += 1;
        if (pieces === 20) uploading.abort();
        this.push(Buffer.alloc(65_536));
      },
    });
    const upload = communicator.upload({ path: "C:\\endless", content: endless, signal: uploading.signal });
    assert.ok(isCancellation(await within(20_000, () => rejects(upload))));
    assert.ok(endless.destroyed);
    files.set("C:\\big", Buffer.alloc(3_000_000));
    const downloading = new AbortController();
    const content = new Writable({
      write(_chunk, _encoding, done) {
        downloading.abort();
        done();
      },
    });
    const download = communicator.download({ path: "C:\\big", content, signal: downloading.signal });
    assert.ok(isCancellation(await within(20_000, () => rejects(download))));
    assert.ok(content.destroyed);
  });
});

const line = (letter: string, text: string): string => `${letter}${Buffer.from(text).toString("base64")}\n`;
const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex").toUpperCase();

test("a machine that sends something else than it should is not believed", async () => {
  const whole = `${line("F", "a")}${line("=", "x")}.${sha1("x")}\n!1\n`;
  const answers: readonly (readonly [string, RegExp])[] = [
    [`${line("F", "../evil")}${line("=", "x")}.${sha1("x")}\n!1\n`, /leads out of the folder/],
    [`${line("D", "/../../evil")}!0\n`, /leads out of the folder/],
    [`${line("F", "a")}${line("=", "x")}.${sha1("y")}\n!1\n`, /a arrived damaged/],
    [`${line("F", "a")}${line("=", "x")}`, /did not arrive whole/],
    [`${whole}${whole}`, /something else than files/],
    [whole.replace("!1", "!2"), /something else than files/],
    ["Welcome to CORP\n", /something else than files/],
    ["=".repeat(3_000_000), /something else than files/],
    ["", /did not arrive whole/],
  ];
  for (const [answer, reason] of answers) {
    const program: WinrmProgram = async ({ stdout }) => {
      stdout.write(answer);
      return 0;
    };
    await onMachine(
      async (communicator) => {
        const destination = tmp();
        const download = communicator.downloadDirectory({ source: "C:\\tree", destination: join(destination, "in"), signal: never });
        await rejects(download, { code: "TPK5005", message: reason });
        assert.not(existsSync(join(destination, "evil")));
        const content = Readable.from(["x"]);
        const upload = communicator.upload({ path: "C:\\x", content, signal: never });
        await rejects(upload, { code: "TPK5005", message: /did not confirm what it got/ });
      },
      { program },
    );
  }
});

test.run();
