// Commands on the lab's Windows machine.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  rejects,
  startWinrm,
  type WinrmHandler,
  type WinrmOptions,
  type WinrmProgram,
  type WinrmServer,
  within,
} from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Connection } from "../../../src/communicator/connect.ts";
import { isCancellation } from "../../../src/diagnostics/error.ts";
import { DISCONNECT_EXIT_CODE } from "../../../src/sdk/communicator.ts";
import { Gathered, output } from "../ssh/connection.ts";
import { type ConnectChanges, connectTo, layCable } from "./connection.ts";

const never = new AbortController().signal;

/** Connects to a machine whose commands are `program`; without one it is the emulated Windows. */
async function onMachine(
  settings: {
    readonly server?: WinrmOptions;
    readonly program?: WinrmProgram;
    readonly changes?: ConnectChanges;
    readonly restarts?: boolean;
  },
  body: (connection: Connection, server: WinrmServer) => Promise<void>,
): Promise<void> {
  const { program } = settings;
  const run: WinrmProgram | undefined =
    program === undefined
      ? undefined
      : async (call) => {
          if (!call.commandLine.startsWith("echo ")) return program(call);
          call.stdout.write(`${call.commandLine.slice(5)}\r\n`);
          return 0;
        };
  const server = await startWinrm({ ...settings.server, ...(run === undefined ? {} : { run }) });
  try {
    const connection = await connectTo(server, settings.changes);
    try {
      await within(30_000, () => body(connection, server));
    } finally {
      await connection.close();
    }
    // A machine that goes down does not tell of a shell that it has just made.
    if (settings.restarts !== true) assert.is(server.openShells(), 0, "no shell is left");
  } finally {
    await server.close();
  }
}

test("exit codes are results, the two streams stay apart, and the command arrives as it was written", async () => {
  const program: WinrmProgram = async ({ commandLine, stdout, stderr }) => {
    stdout.write(`out: ${commandLine}`);
    stderr.write("err: grüße");
    return 7;
  };
  await onMachine({ program }, async (connection) => {
    const command = 'type "a & b" <x >y ]]> täst\n%PATH% &amp;';
    assert.equal(await output(connection, command), { exitCode: 7, stdout: `out: ${command}`, stderr: "err: grüße" });
  });
});

test("a command that cmd.exe cannot read is refused, and says what to do", async () => {
  await onMachine({}, async (connection) => {
    assert.is((await output(connection, `echo ${"x".repeat(8_186)}`)).exitCode, 0);
    const stdin = new Readable({ read() {} });
    const refused = connection.communicator.execute({ command: `echo ${"x".repeat(8_187)}`, stdin, signal: never });
    await rejects(refused, { code: "TPK5006", message: /8192 characters is too long: cmd\.exe reads 8191/ });
    assert.ok(stdin.destroyed);
  });
});

test("input arrives whole and ends; input nobody reads is destroyed when the command ends", async () => {
  const program: WinrmProgram = async ({ commandLine, stdin, stdout }) => {
    if (commandLine === "ignore") return 4;
    const hash = createHash("sha256");
    await pipeline(stdin, hash);
    stdout.write(hash.digest("hex"));
    return 0;
  };
  await onMachine({ program }, async ({ communicator }) => {
    const input = randomBytes(700_000);
    const stdout = new Gathered();
    const stdin = Readable.from([input.subarray(0, 5), input.subarray(5, 500_000), input.subarray(500_000)]);
    await communicator.execute({ command: "hash", stdin, stdout, signal: never });
    assert.is(stdout.text, createHash("sha256").update(input).digest("hex"));
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(65_536));
      },
    });
    assert.equal(await communicator.execute({ command: "ignore", stdin: endless, signal: never }), { exitCode: 4 });
    assert.ok(endless.destroyed);
  });
});

test("50 MB of output wait for a slow reader, and arrive unchanged", async () => {
  const piece = randomBytes(65_536);
  let written = 0;
  const program: WinrmProgram = async ({ stdout }) => {
    const pieces = function* (): Generator<Buffer> {
      for (let count = 0; count < 800; count++) {
        written += piece.length;
        yield piece;
      }
    };
    await pipeline(pieces, stdout, { end: false });
    return 0;
  };
  await onMachine({ program }, async (connection) => {
    const hash = createHash("sha256");
    let received = 0;
    let release = (): void => {};
    let held = (): void => {};
    const first = new Promise<void>((resolve) => {
      held = resolve;
    });
    const stdout = new Writable({
      highWaterMark: 16_384,
      write(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        const isFirst = received === 0;
        received += chunk.length;
        if (!isFirst) return done();
        release = done;
        held();
      },
    });
    const running = connection.communicator.execute({ command: "print", stdout, signal: never });
    await first;
    // By the time that this has come and gone, more would have been fetched.
    for (let count = 0; count < 3; count++) assert.is((await output(connection, "echo meanwhile")).stdout, "meanwhile\r\n");
    assert.ok(written < 4_000_000, `the machine has written ${written} bytes that nobody has taken`);
    release();
    assert.equal(await running, { exitCode: 0 });
    assert.is(received, 800 * piece.length);
    const expected = createHash("sha256");
    for (let count = 0; count < 800; count++) expected.update(piece);
    assert.is(hash.digest("hex"), expected.digest("hex"));
  });
});

test("output that nobody takes, or whose receiver is closed, is dropped; a receiver that fails is an error", async () => {
  const program: WinrmProgram = async ({ stdout }) => {
    for (let count = 0; count < 40; count++) stdout.write(Buffer.alloc(65_536));
    return 3;
  };
  await onMachine({ program }, async ({ communicator }) => {
    assert.equal(await communicator.execute({ command: "print", signal: never }), { exitCode: 3 });
    const closing = new Writable({
      write(_chunk, _encoding, done) {
        this.destroy();
        done();
      },
    });
    assert.equal(await communicator.execute({ command: "print", stdout: closing, signal: never }), { exitCode: 3 });
    const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error("no space left")) });
    await rejects(communicator.execute({ command: "print", stdout: full, signal: never }), { code: "TPK5007", message: /no space left/ });
  });
});

test("a cancelled command ends on the machine, and the next one runs", async () => {
  let ended = (): void => {};
  const isOver = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const program: WinrmProgram = async ({ stdout, signal }) => {
    stdout.write("started");
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    ended();
    return 0;
  };
  await onMachine({ program }, async (connection) => {
    const abort = new AbortController();
    const stdout = new Gathered();
    const stdin = new Readable({ read() {} });
    const running = connection.communicator.execute({ command: "wait", stdin, stdout, signal: abort.signal });
    await stdout.begun;
    abort.abort();
    assert.ok(isCancellation(await within(20_000, () => rejects(running))));
    assert.ok(stdin.destroyed);
    await isOver;
    assert.ok(isCancellation(await rejects(connection.communicator.execute({ command: "wait", signal: abort.signal }))));
    assert.is((await output(connection, "echo usable")).stdout, "usable\r\n");
  });
});

test("a command that the machine gives up while it runs is not taken for one that could not be started", async () => {
  let received = 0;
  const program: WinrmProgram = async ({ stdout, signal }) => {
    stdout.write("begun");
    await once(signal, "abort");
    return 1;
  };
  await onMachine({ program }, async (connection, server) => {
    // The machine itself, but for its second answer about output.
    const front = createServer(async (incoming, response) => {
      const body = Buffer.concat(await incoming.toArray());
      if (body.includes("/shell/Receive</a:Action>") && ++received === 2) {
        response.writeHead(500, { "content-type": "application/soap+xml" });
        const soap = "http://www.w3.org/2003/05/soap-envelope";
        response.end(
          `<s:Envelope xmlns:s="${soap}"><s:Body><s:Fault><s:Reason><s:Text>out of memory</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>`,
        );
        return;
      }
      const { authorization = "", "content-type": type = "" } = incoming.headers;
      const answer = await fetch(`http://${server.host}:${server.port}/wsman`, {
        method: "POST",
        headers: { authorization, "content-type": type },
        body,
      });
      const offered = answer.headers.get("www-authenticate");
      response.writeHead(answer.status, {
        "content-type": answer.headers.get("content-type") ?? "",
        ...(offered === null ? {} : { "www-authenticate": offered }),
      });
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
    front.listen(0, "127.0.0.1");
    await once(front, "listening");
    const address = front.address();
    const through = await connectTo(server, { options: { winrm_port: typeof address === "object" ? address?.port : 0 } });
    try {
      received = 0;
      const stdout = new Gathered();
      const failed = through.communicator.execute({ command: "wait", stdout, signal: never });
      await rejects(failed, { code: "TPK5007", message: /given up while it ran: the machine says: out of memory/ });
      assert.is(stdout.text, "begun");
    } finally {
      await through.close();
      front.closeAllConnections();
      front.close();
    }
    assert.is((await output(connection, "echo next")).exitCode, 0);
  });
});

test("a connection that is cut ends a command as a disconnect; the next command connects again", async () => {
  for (const scheme of ["basic", "ntlm"] as const) {
    const stdout = new Gathered();
    const program: WinrmProgram = async (call) => {
      call.stdout.write("started");
      await new Promise<void>((resolve) => call.signal.addEventListener("abort", () => resolve()));
      return 0;
    };
    const server = { auth: [scheme], allowUnencrypted: scheme === "basic" };
    const changes = { options: { winrm_use_ntlm: scheme === "ntlm" } };
    await onMachine({ program, server, changes }, async (connection, { dropConnections }) => {
      const running = connection.communicator.execute({ command: "wait", stdout, signal: never });
      await stdout.begun;
      dropConnections();
      assert.equal(await running, { exitCode: DISCONNECT_EXIT_CODE }, scheme);
      assert.is((await output(connection, "echo again")).stdout, "again\r\n");
    });
  }
});

test("a machine that restarts in the middle of a command ends it as a disconnect, and is there again afterwards", async () => {
  const waiting: WinrmHandler = {
    language: "cmd",
    matches: /^wait$/,
    async run({ signal, out }) {
      out("started");
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      return 0;
    },
  };
  await onMachine({ server: { handlers: [waiting] }, restarts: true }, async (connection) => {
    const stdout = new Gathered();
    const running = connection.communicator.execute({ command: "wait", stdout, signal: never });
    await stdout.begun;
    assert.is((await output(connection, "shutdown /r /f /t 0")).exitCode, 0);
    // The emulated machine goes down when the next command asks for a shell, and is there at once.
    await output(connection, "echo perhaps").catch(() => {});
    assert.is((await output(connection, "echo back")).stdout.trim(), "back");
    assert.equal(await running, { exitCode: DISCONNECT_EXIT_CODE });
  });
});

test("a machine that says nothing any more ends a command as a disconnect", async () => {
  const program: WinrmProgram = async ({ stdout, signal }) => {
    stdout.write("started");
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    return 0;
  };
  const server = await startWinrm({
    run: async (call) => {
      if (!call.commandLine.startsWith("echo ")) return program(call);
      call.stdout.write(call.commandLine);
      return 0;
    },
  });
  const cable = await layCable(server);
  try {
    const changes = { options: { winrm_port: cable.port }, pace: { receiveMs: 2_000, slackMs: 100 } };
    const connection = await connectTo(server, changes);
    const stdout = new Gathered();
    const running = connection.communicator.execute({ command: "wait", stdout, signal: never });
    await stdout.begun;
    cable.hold();
    assert.equal(await within(20_000, () => running), { exitCode: DISCONNECT_EXIT_CODE });
    await connection.close();
  } finally {
    cable.close();
    await server.close();
  }
});

test("a shell that is made while its command is cancelled is deleted", async () => {
  await onMachine({}, async (_connection, server) => {
    let asked = (): void => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    let answer = (): void => {};
    let isHolding = false;
    const cable = await layCable(server, (client, machine) => {
      client.on("data", (bytes) => machine.write(bytes));
      machine.on("data", (bytes) => {
        if (!isHolding || !bytes.includes("CreateResponse")) return void client.write(bytes);
        isHolding = false;
        answer = () => client.write(bytes);
        asked();
      });
    });
    try {
      const connection = await connectTo(server, { options: { winrm_port: cable.port } });
      isHolding = true;
      const abort = new AbortController();
      const running = rejects(connection.communicator.execute({ command: "echo never", signal: abort.signal }));
      await isAsked;
      abort.abort();
      assert.ok(isCancellation(await running));
      answer();
      await connection.close();
      assert.is(server.openShells(), 0);
    } finally {
      cable.close();
    }
  });
});

test("a command may be silent for longer than the machine waits", async () => {
  let receives = 0;
  const program: WinrmProgram = async ({ stdout }) => {
    // Each round is longer than a Receive of this machine.
    while (++receives < 5) await new Promise((resolve) => setTimeout(resolve, 30));
    stdout.write("at last");
    return 0;
  };
  await onMachine({ program, server: { operationTimeoutMs: 20 } }, async (connection) => {
    assert.equal(await output(connection, "think"), { exitCode: 0, stdout: "at last", stderr: "" });
  });
});

test("more commands at once than an old Windows allows shells wait for each other", async () => {
  for (const scheme of ["basic", "ntlm"] as const) {
    const server = { maxShells: 5, auth: [scheme], allowUnencrypted: scheme === "basic" };
    await onMachine({ server, changes: { options: { winrm_use_ntlm: scheme === "ntlm" } } }, async (connection) => {
      const numbers = Array.from({ length: 12 }, (_, index) => index);
      const texts = await Promise.all(numbers.map(async (number) => (await output(connection, `echo ${number}`)).stdout.trim()));
      assert.equal(texts, numbers.map(String));
    });
  }
});

test.run();
