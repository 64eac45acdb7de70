import { connect, createServer, type Socket } from "node:net";
import { freePort, lab, makeSshKey, RecordingUi, rejects, type SshdOptions, startSshd, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { communicatorOptions } from "../../../src/communicator/options.ts";
import { sshString } from "../../../src/communicator/ssh/openssh-key.ts";
import { connectLimits } from "../../../src/communicator/ssh/settings.ts";
import { errorText, isCancellation } from "../../../src/diagnostics/error.ts";
import { outOfTime } from "../out-of-time.ts";
import { connectTo, output, quickPace } from "./connection.ts";

const labTest = lab(test, "sshd", "root");

async function machine(options: SshdOptions = {}) {
  const sshd = await startSshd(options);
  const key = makeSshKey(sshd.directory, "id", "ed25519");
  sshd.authorize(key.publicKey);
  return { sshd, key, login: { ssh_private_key_file: key.file } };
}

/** A server that accepts connections and does with them what the test wants. */
async function fakeServer(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    host: "127.0.0.1" as const,
    port: address.port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("setting one of timeout and attempts removes the default of the other", () => {
  const limits = (options: object) => connectLimits(communicatorOptions().parse(options));
  assert.equal(limits({}), { timeoutMs: 300_000, handshakeAttempts: 10 });
  assert.equal(limits({ ssh_timeout: "1m" }), { timeoutMs: 60_000, handshakeAttempts: undefined });
  assert.equal(limits({ ssh_handshake_attempts: 3 }), { timeoutMs: undefined, handshakeAttempts: 3 });
  assert.equal(limits({ ssh_timeout: "1m", ssh_wait_timeout: "2m" }), { timeoutMs: 120_000, handshakeAttempts: undefined });
});

test("a machine that refuses connections is waited for until the timeout, which names it and the reason", async () => {
  const port = await freePort();
  let ui = new RecordingUi();
  const connect = (timeout: string) => {
    ui = new RecordingUi();
    return connectTo({ host: "127.0.0.1", port }, { options: { ssh_timeout: timeout, ssh_password: "hunter2" }, request: { ui } });
  };
  const error = await outOfTime(connect, 200, { code: "TPK5001", isEnough: () => ui.text.includes("Not connected yet") });
  assert.match(
    ui.text,
    new RegExp(`say: Not connected yet: cannot connect to 127\\.0\\.0\\.1:${port}: connection refused; trying again for up to [\\w ]+`),
  );
  assert.not.match(ui.text, "hunter2");
  assert.match(error.message, new RegExp(`no SSH connection on 127\\.0\\.0\\.1:${port} within [\\w ]+: `));
  assert.match(error.message, "connection refused");
  assert.not.match(error.message, "hunter2");
});

test("a host name that does not exist, and a server that is no SSH server, are named as the reason", async () => {
  const options = { ssh_host: "nowhere.invalid", ssh_timeout: "300ms" };
  await rejects(connectTo({ host: "127.0.0.1", port: 22 }, { options }), {
    code: "TPK5001",
    message: /nowhere\.invalid.*host name cannot be resolved|nowhere\.invalid.*first attempt/,
  });
  const server = await fakeServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  try {
    await outOfTime((timeout) => connectTo(server, { options: { ssh_timeout: timeout } }), 400, {
      code: "TPK5001",
      message: /cannot talk SSH to the machine at 127\.0\.0\.1/,
    });
  } finally {
    await server.stop();
  }
});

test("a handshake that makes no progress ends by its own limit", async () => {
  const server = await fakeServer(() => {});
  try {
    const pace = { ...quickPace, handshakeMs: 100 };
    await outOfTime((timeout) => connectTo(server, { options: { ssh_timeout: timeout }, pace }), 400, {
      code: "TPK5001",
      message: /did not finish the handshake within 100 milliseconds/,
    });
  } finally {
    await server.stop();
  }
});

test("a peer that hangs up in the middle of the handshake leaves no timer that keeps the process alive", async () => {
  const server = await fakeServer((socket) => socket.end());
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  try {
    await rejects(connectTo(server, { options: { ssh_timeout: "300ms" } }), { code: "TPK5001" });
    assert.is(timers(), before);
  } finally {
    await server.stop();
  }
});

test("of connections that nobody answers the first one stays, and there are never more than two", async () => {
  const closed: number[] = [];
  let count = 0;
  let most = 0;
  let tellTwo = (): void => {};
  const two = new Promise<void>((resolve) => {
    tellTwo = resolve;
  });
  const server = await fakeServer((socket) => {
    const number = count++;
    most = Math.max(most, count - closed.length);
    socket.resume().on("close", () => {
      closed.push(number);
      if (closed.length === 2) tellTwo();
    });
  });
  const abort = new AbortController();
  try {
    const pace = { ...quickPace, silentMs: 20 };
    const connecting = connectTo(server, { options: { ssh_timeout: "1m" }, request: { signal: abort.signal }, pace });
    await Promise.race([two, connecting]);
    assert.equal(closed, [1, 2]);
    assert.ok(most <= 3, `${most} at a time`);
    abort.abort();
    assert.ok(isCancellation(await rejects(connecting)));
  } finally {
    await server.stop();
  }
});

test("what answers in place of the machine gives no commands to the terminal that shows its words", async () => {
  const words = Buffer.from("go\u001b]0;title\u0007 away\r\n\u009b2J!");
  const payload = Buffer.concat([Buffer.from([1, 0, 0, 0, 2]), sshString(words), sshString("")]);
  const padding = 8 + ((8 - ((5 + payload.length) % 8)) % 8);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + padding);
  head.writeUInt8(padding, 4);
  const packet = Buffer.concat([head, payload, Buffer.alloc(padding)]);
  const server = await fakeServer((socket) => socket.resume().write(Buffer.concat([Buffer.from("SSH-2.0-x\r\n"), packet])));
  try {
    let ui = new RecordingUi();
    const connect = (timeout: string) => {
      ui = new RecordingUi();
      return connectTo(server, { options: { ssh_timeout: timeout }, request: { ui } });
    };
    const error = await outOfTime(connect, 300, { code: "TPK5001", message: /go \]0;title away 2J!$/ });
    for (const text of [...ui.lines, ...ui.logged, errorText(error)]) assert.not.match(text, /[\u0000-\u001f\u007f-\u009f]/);
  } finally {
    await server.stop();
  }
});

labTest("nothing else is tried while the builder waits for the machine to have an address", async () => {
  const { sshd, login } = await machine();
  let asked = 0;
  let tell: () => void = () => {};
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  let begin: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const address = async () => {
    asked += 1;
    begin();
    await told;
    return { host: sshd.host, port: sshd.port };
  };
  try {
    const pace = { ...quickPace, silentMs: 1 };
    const connecting = connectTo(sshd, { options: { ...login, ssh_host: "" }, request: { address }, pace });
    await Promise.race([begun, connecting]);
    // Time for many attempts, if silence counted already.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.is(asked, 1);
    tell();
    const connection = await connecting;
    assert.is((await output(connection, "echo here")).stdout, "here\n");
    await connection.close();
  } finally {
    await sshd.stop();
  }
});

labTest("a connection that stands without a word does not keep from a machine that has come up since", async () => {
  const { sshd, login } = await machine();
  // As QEMU's user network does it: what was opened before the guest is there stays silent.
  let count = 0;
  let silentClosed = 0;
  const server = await fakeServer((socket) => {
    if (count++ < 2) {
      socket.resume().once("close", () => {
        silentClosed += 1;
      });
      return;
    }
    const inner = connect(sshd.port, sshd.host);
    socket.pipe(inner).pipe(socket);
    inner.on("error", () => socket.destroy());
    socket.once("close", () => inner.destroy());
  });
  try {
    const ui = new RecordingUi();
    const pace = { ...quickPace, silentMs: 20, handshakeMs: 60_000 };
    const connection = await within(20_000, () => connectTo(server, { options: login, request: { ui }, pace }));
    assert.is((await output(connection, "echo here")).stdout, "here\n");
    await connection.close();
    assert.is(silentClosed, 2);
    assert.not.match(ui.text, "Not connected yet");
  } finally {
    await server.stop();
    await sshd.stop();
  }
});

labTest("a machine that comes up later is found, at the address the builder gives by then", async () => {
  const { sshd, login } = await machine();
  const nobody = await freePort();
  try {
    let asked = 0;
    const address = async () => {
      asked += 1;
      return { host: "127.0.0.1", port: asked < 3 ? nobody : sshd.port };
    };
    const ui = new RecordingUi();
    const connection = await connectTo(sshd, { options: { ...login, ssh_host: undefined }, request: { address, ui } });
    await connection.close();
    assert.is(asked, 3);
    assert.is(connection.data.Host, "127.0.0.1");
    assert.is(connection.data.Port, sshd.port);
    assert.match(ui.text, "say: Waiting for SSH");
    assert.match(ui.text, `say: Connected by SSH to 127.0.0.1:${sshd.port}`);
  } finally {
    await sshd.stop();
  }
});

labTest("refused credentials are tried as often as ssh_handshake_attempts says", async () => {
  const { sshd } = await machine();
  try {
    const stranger = makeSshKey(sshd.directory, "stranger", "ed25519");
    const options = { ssh_private_key_file: stranger.file, ssh_handshake_attempts: 3 };
    const ui = new RecordingUi();
    const error = await rejects(connectTo(sshd, { options, request: { ui } }), { code: "TPK5002" });
    const reason = `refused the credentials of root: tried private key ${stranger.file}; it accepts publickey`;
    assert.match(error.message, reason);
    assert.is(sshd.connections(), 3);
    const told = ui.lines.filter((line) => line.startsWith("say: Not connected yet"));
    assert.is(told.length, 1, ui.text);
    assert.ok(told[0]?.endsWith(`${reason}; trying again up to 3 times, 20 seconds at most`), told[0]);
  } finally {
    await sshd.stop();
  }
});

labTest("generated data says how the machine was reached", async () => {
  const { sshd, login } = await machine();
  try {
    const connection = await connectTo(sshd, { options: login });
    await connection.close();
    const { SSHPrivateKey, SSHPublicKey, ...rest } = connection.data;
    assert.equal(rest, {
      Host: "127.0.0.1",
      Port: sshd.port,
      User: "root",
      Password: "",
      ConnType: "ssh",
      SSHPrivateKeyFile: login.ssh_private_key_file,
      SSHAgentAuth: false,
      WinRMPassword: "",
    });
    assert.match(String(SSHPrivateKey), "BEGIN OPENSSH PRIVATE KEY");
    assert.match(String(SSHPublicKey), /^ssh-ed25519 AAAA\S+ id@test$/);
  } finally {
    await sshd.stop();
  }
});

labTest("a pinned host key is accepted; another one ends the build at once and shows what was seen", async () => {
  const { sshd, login } = await machine();
  try {
    const pinned = { ...login, ssh_host_key_fingerprints: [`SHA256:${"A".repeat(43)}`, sshd.fingerprint] };
    await (await connectTo(sshd, { options: pinned })).close();
    const wrong = { ...login, ssh_host_key_fingerprints: [`SHA256:${"A".repeat(43)}`], ssh_handshake_attempts: 10 };
    const before = sshd.connections();
    const error = await rejects(connectTo(sshd, { options: wrong }), { code: "TPK5003" });
    assert.ok(error.message.includes(`showed the host key ${sshd.fingerprint}, but SHA256:AAA`), error.message);
    assert.is(sshd.connections(), before + 1);
  } finally {
    await sshd.stop();
  }
});

labTest("pause_before_connecting connects, waits, and connects again", async () => {
  const { sshd, login } = await machine();
  try {
    const ui = new RecordingUi();
    const started = performance.now();
    const connection = await connectTo(sshd, { options: { ...login, pause_before_connecting: "300ms" }, request: { ui } });
    assert.ok(performance.now() - started >= 300);
    assert.is(sshd.connections(), 2);
    assert.is((await output(connection, "echo in")).stdout, "in\n");
    await connection.close();
    assert.equal(
      process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap"),
      [],
      "the first connection is closed as well",
    );
    assert.match(ui.text, "pausing 300 milliseconds");
  } finally {
    await sshd.stop();
  }
});

labTest("ssh_ciphers and ssh_key_exchange_algorithms replace what is offered", async () => {
  const { sshd, login } = await machine({
    config: ["Ciphers aes256-ctr,aes128-cbc", "KexAlgorithms diffie-hellman-group14-sha1,ecdh-sha2-nistp384"],
  });
  try {
    const chosen = { ...login, ssh_ciphers: ["aes128-cbc"], ssh_key_exchange_algorithms: ["diffie-hellman-group14-sha1"] };
    for (const options of [login, chosen]) await (await connectTo(sshd, { options })).close();
    for (const options of [
      { ...login, ssh_ciphers: ["chacha20-poly1305@openssh.com"] },
      { ...login, ssh_key_exchange_algorithms: ["curve25519-sha256"] },
    ]) {
      const connect = (timeout: string) => connectTo(sshd, { options: { ...options, ssh_timeout: timeout } });
      await outOfTime(connect, 200, { code: "TPK5001", message: /no matching/i });
    }
  } finally {
    await sshd.stop();
  }
});

labTest("keep-alive messages are sent, unless the interval is negative", async () => {
  const { sshd, login } = await machine({ config: ["LogLevel DEBUG1"] });
  try {
    const quiet = await connectTo(sshd, { options: { ...login, ssh_keep_alive_interval: "-1s" } });
    await output(quiet, "sleep 0.3");
    await quiet.close();
    assert.not.match(sshd.log(), "keepalive@openssh.com");
    const lively = await connectTo(sshd, { options: { ...login, ssh_keep_alive_interval: "50ms" } });
    await Promise.all([output(lively, "sleep 0.3"), sshd.logged(/server_input_global_request: rtype keepalive@openssh\.com/)]);
    await lively.close();
  } finally {
    await sshd.stop();
  }
});

for (const when of ["while dialling", "during the handshake", "between attempts"] as const) {
  labTest(`an abort ${when} is prompt and leaves no connection`, async () => {
    const abort = new AbortController();
    const closed: Promise<unknown>[] = [];
    const server = await fakeServer((socket) => {
      closed.push(new Promise((resolve) => socket.once("close", resolve)));
      socket.resume();
      if (when === "between attempts") socket.destroy();
      setTimeout(() => abort.abort(), 20);
    });
    try {
      // Addresses of TEST-NET-1 lead nowhere; where the network refuses them at once the abort falls between attempts.
      const options = when === "while dialling" ? { ssh_host: "192.0.2.1" } : {};
      if (when === "while dialling") setTimeout(() => abort.abort(), 20);
      const pace = { ...quickPace, unreachableMs: 60_000 };
      const connecting = connectTo(server, { options, request: { signal: abort.signal }, pace });
      assert.ok(isCancellation(await within(20_000, () => rejects(connecting))));
      await within(20_000, () => Promise.all(closed));
    } finally {
      await server.stop();
    }
  });
}

test.run();
