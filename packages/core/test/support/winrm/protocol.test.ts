import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { lab, startWinrm, type WinrmOptions, type WinrmProgram, type WinrmServer, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Answer, createBody, envelope, type Message, SHELL, soapClient, TRANSFER } from "./soap.ts";

type Client = ReturnType<typeof soapClient>;

async function withServer(options: WinrmOptions, body: (client: Client, server: WinrmServer) => Promise<void>): Promise<void> {
  const server = await startWinrm(options);
  try {
    await within(20_000, async () => await body(soapClient(server), server));
  } finally {
    await server.close();
  }
}

const create: Message = { action: `${TRANSFER}/Create`, body: createBody };
const unknownShell = "00000000-0000-0000-0000-000000000000";

// What is wrong with a request, and the number of the fault that Windows has for it.
const refused: readonly [string, Message, string][] = [
  ["no MessageID", { ...create, edit: (xml) => xml.replace(/<a:MessageID>.*<\/a:MessageID>/, "") }, "2150858769"],
  ["no To", { ...create, edit: (xml) => xml.replace(/<a:To>.*<\/a:To>/, "") }, "2150858769"],
  ["no Action", { ...create, edit: (xml) => xml.replace(/<a:Action .*<\/a:Action>/, "") }, "2150858769"],
  ["no ReplyTo", { ...create, edit: (xml) => xml.replace(/<a:ReplyTo>.*<\/a:ReplyTo>/, "") }, "2150858769"],
  ["no header", { ...create, edit: (xml) => xml.replace(/<s:Header>.*<\/s:Header>/, "") }, "2150858769"],
  [
    "a MessageID that is no UUID",
    { ...create, edit: (xml) => xml.replace(/<a:MessageID>.*<\/a:MessageID>/, "<a:MessageID>1</a:MessageID>") },
    "2150858767",
  ],
  ["two actions", { ...create, header: `<a:Action>${TRANSFER}/Create</a:Action>` }, "2150858767"],
  ["an address to reply to", { ...create, edit: (xml) => xml.replace("/role/anonymous", "/role/none") }, "2150858767"],
  ["an unknown header that must be understood", { ...create, header: '<r:New s:mustUnderstand="true"/>' }, "2150858768"],
  ["an unknown action", { ...create, action: `${TRANSFER}/Put` }, "2150858771"],
  ["no ResourceURI", { ...create, edit: (xml) => xml.replace(/<w:ResourceURI .*<\/w:ResourceURI>/, "") }, "2150858811"],
  [
    "another resource",
    { ...create, edit: (xml) => xml.replace(`${SHELL}/cmd<`, "http://schemas.microsoft.com/powershell/Other<") },
    "2150858811",
  ],
  ["an unknown option", { ...create, header: '<w:OptionSet><w:Option Name="WINRS_NEW">1</w:Option></w:OptionSet>' }, "2150858834"],
  ["a time-out that is no duration", { ...create, header: "<w:OperationTimeout>60</w:OperationTimeout>" }, "2150858881"],
  ["an envelope too small to answer in", { ...create, header: "<w:MaxEnvelopeSize>100</w:MaxEnvelopeSize>" }, "2150858878"],
  ["an envelope larger than the limit", { ...create, edit: (xml) => `${xml}${" ".repeat(20_000)}` }, "2150858824"],
  [
    "SOAP 1.1",
    { ...create, edit: (xml) => xml.replace("http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/") },
    "2150858765",
  ],
  ["XML that does not end", { ...create, edit: (xml) => xml.slice(0, -5) }, "2150858819"],
  ["a prefix that is not declared", { ...create, header: "<x:a/>" }, "2150858819"],
  ["an ampersand as it is", { ...create, header: "<r:New>a & b</r:New>" }, "2150858819"],
  ["no output streams", { ...create, body: "<r:Shell><r:InputStreams>stdin</r:InputStreams></r:Shell>" }, "2150858817"],
  ["no shell in the body", { ...create, body: "" }, "2150858817"],
  ["no ShellId", { action: `${TRANSFER}/Delete`, body: "" }, "2150858842"],
  ["a ShellId nobody has", { action: `${TRANSFER}/Delete`, shellId: unknownShell, body: "" }, "2150858843"],
];

for (const [what, message, fault] of refused) {
  test(`a request is refused with fault ${fault}: ${what}`, async () => {
    await withServer({ maxEnvelopeBytes: 16_384 }, async (client, server) => {
      const answer = await client.send(message);
      assert.is(answer.status, 500, answer.text);
      assert.is(answer.fault, fault, answer.text);
      assert.is(server.openShells(), 0);
    });
  });
}

const inShell: readonly [string, (client: Client, shellId: string, commandId: string) => Promise<Answer>, string][] = [
  ["a command nobody has", async (client, shellId) => await client.receive(shellId, unknownShell), "2150858810"],
  ["a SequenceId out of turn", async (client, shellId, id) => await client.receive(shellId, id, "", ' SequenceId="7"'), "2150858810"],
  ["an unknown signal", async (client, shellId, id) => await client.signal(shellId, id, "hello"), "2150858817"],
  ["another shell's command", async (client, _shellId, id) => await client.receive(await client.create(), id), "2150858810"],
  [
    "input for a stream that is not there",
    async (client, shellId, id) =>
      await client.send({
        action: `${SHELL}/Send`,
        shellId,
        body: `<r:Send><r:Stream Name="stdout" CommandId="${id}">YQ==</r:Stream></r:Send>`,
      }),
    "2150858817",
  ],
];

test("requests inside of a shell are refused as precisely", async () => {
  const forever: WinrmProgram = async ({ signal }) => {
    await once(signal, "abort");
    return 1;
  };
  await withServer({ run: forever }, async (client) => {
    for (const [what, ask, fault] of inShell) {
      const shellId = await client.create();
      const commandId = await client.start(shellId, "wait");
      assert.is((await ask(client, shellId, commandId)).fault, fault, what);
    }
  });
});

const http: readonly [string, WinrmOptions, (client: Client) => Promise<Answer>, number, IncomingHttpHeaders][] = [
  ["another method", {}, async (client) => await client.post("", {}, "/wsman", "GET"), 405, {}],
  ["another path", {}, async (client) => await client.post(envelope(create), {}, "/"), 404, {}],
  ["another content type", {}, async (client) => await client.post(envelope(create), { "Content-Type": "text/xml" }), 415, {}],
  [
    "no login",
    {},
    async (client) => await client.post(envelope(create), { Authorization: "" }),
    401,
    { "www-authenticate": 'Basic realm="WSMAN"' },
  ],
  [
    "a wrong password",
    { auth: ["ntlm", "basic"] },
    async (client) => await client.post(envelope(create), { Authorization: `Basic ${Buffer.from("vagrant:no").toString("base64")}` }),
    401,
    { "www-authenticate": 'Negotiate, Basic realm="WSMAN"' },
  ],
  [
    "Basic in plain text where that is not allowed",
    { auth: ["ntlm", "basic"], allowUnencrypted: false },
    async (client) => await client.send(create),
    401,
    { "www-authenticate": "Negotiate" },
  ],
  ["NTLM that is none", { auth: ["ntlm"] }, async (client) => await client.post("", { Authorization: "Negotiate TlRMTVNTUAA=" }), 401, {}],
];

for (const [what, options, ask, status, headers] of http) {
  test(`HTTP ${status}: ${what}`, async () => {
    await withServer(options, async (client, server) => {
      const answer = await ask(client);
      assert.is(answer.status, status);
      for (const [name, value] of Object.entries(headers)) assert.is(answer.headers[name], value);
      assert.is(server.openShells(), 0);
    });
  });
}

test("the server says who it is, at /wsman-anon/identify to anybody", async () => {
  const body = '<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/>';
  const ask = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>${body}</s:Body></s:Envelope>`;
  await withServer({}, async (client) => {
    const answers = [await client.post(ask), await client.post(ask, { Authorization: "" }, "/wsman-anon/identify")];
    for (const { status, text } of answers) assert.match(`${status} ${text}`, /^200 .*<wsmid:ProductVendor>Microsoft Corporation</);
    assert.is((await client.post(ask, { Authorization: "" })).status, 401);
    assert.is((await client.post(envelope(create), { Authorization: "" }, "/wsman-anon/identify")).fault, "2150858771");
  });
});

test("Receive waits, says so after the time-out, and loses nothing", async () => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const run: WinrmProgram = async ({ stdout, stderr }) => {
    await released;
    stdout.write("out");
    stderr.write("err");
    return 7;
  };
  await withServer({ run }, async (client) => {
    const shellId = await client.create();
    const commandId = await client.start(shellId, "x");
    const early = await client.receive(shellId, commandId, "<w:OperationTimeout>PT0.02S</w:OperationTimeout>");
    assert.is(early.fault, "2150858793");
    assert.match(early.text, /<s:Value>w:TimedOut</);
    release();
    const { stdout, stderr, exitCode } = await collect(client, shellId, commandId);
    assert.equal([stdout.toString(), stderr.toString(), exitCode], ["out", "err", 7]);
    assert.is((await client.input(shellId, commandId, "x", false)).fault, "232", "nobody reads any more");
  });
});

test("output comes in pieces that fit into the client's envelope, in order and whole", async () => {
  const data = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  const run: WinrmProgram = async ({ stdout }) => {
    for (let at = 0; at < data.length; at += 70_000) stdout.write(data.subarray(at, at + 70_000));
    return 0;
  };
  await withServer({ run }, async (client) => {
    for (const [limit, pieces] of [
      [8192, 100],
      [153_600, 10],
    ] as const) {
      const shellId = await client.create();
      const header = `<w:MaxEnvelopeSize>${limit}</w:MaxEnvelopeSize>`;
      const collected = await collect(client, shellId, await client.start(shellId, "x"), header);
      assert.ok(collected.stdout.equals(data));
      assert.ok(collected.largest <= limit, `${collected.largest} bytes`);
      assert.ok(collected.answers >= pieces, `${collected.answers} answers`);
    }
  });
});

test("input arrives with its end, and a program sees Ctrl+C", async () => {
  const run: WinrmProgram = async ({ commandLine, stdin, stdout, signal }) => {
    if (commandLine === "cat") {
      for await (const chunk of stdin) stdout.write(chunk);
      return 0;
    }
    await once(signal, "abort");
    return 1;
  };
  await withServer({ run }, async (client, server) => {
    const shellId = await client.create();
    const cat = await client.start(shellId, "cat");
    await client.input(shellId, cat, "one ", false);
    await client.input(shellId, cat, "two", true);
    assert.is((await collect(client, shellId, cat)).stdout.toString(), "one two");

    const interrupted = await client.start(shellId, "wait");
    const waiting = client.receive(shellId, interrupted);
    assert.is((await client.signal(shellId, interrupted, "ctrl_c")).status, 200);
    assert.is((await waiting).exitCode, -1073741510);

    const terminated = await client.start(shellId, "wait");
    const cut = client.receive(shellId, terminated);
    await client.signal(shellId, terminated, "terminate");
    // Which of the two requests came first is not known.
    assert.ok(["995", "2150858810"].includes((await cut).fault ?? ""));
    assert.is((await client.receive(shellId, terminated)).fault, "2150858810", "it is forgotten");

    assert.is(server.openShells(), 1);
    await client.remove(shellId);
    assert.is(server.openShells(), 0);
  });
});

test("a shell survives its connections, and keeps the output for the next one", async () => {
  let write = (): void => undefined;
  const run: WinrmProgram = async ({ stdout }) => {
    await new Promise<void>((resolve) => {
      write = resolve;
    });
    stdout.write("late");
    return 0;
  };
  await withServer({ run }, async (client, server) => {
    const shellId = await client.create();
    const commandId = await client.start(shellId, "x");
    const cut = client.receive(shellId, commandId).then(
      () => "answered",
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    // Connections are accepted in order: when this one has its answer, the one before is there.
    await client.create();
    server.dropConnections();
    assert.is(await cut, "ECONNRESET");
    write();
    assert.is((await collect(client, shellId, commandId)).stdout.toString(), "late");
  });
});

test("no more shells than allowed", async () => {
  await withServer({ maxShells: 2 }, async (client) => {
    const first = await client.create();
    await client.create();
    assert.is((await client.send(create)).fault, "2150859173");
    await client.remove(first);
    assert.is((await client.send(create)).status, 200);
  });
});

lab(test, "openssl")("a TLS server has a certificate for its address", async () => {
  const server = await startWinrm({ tls: true });
  try {
    assert.match(server.certificate ?? "", /^-----BEGIN CERTIFICATE-----\n/);
  } finally {
    await server.close();
  }
});

async function collect(client: Client, shellId: string, commandId: string, header = "") {
  const pieces: Buffer[] = [];
  const errors: Buffer[] = [];
  for (let [answers, largest] = [1, 0]; ; answers += 1) {
    const part = await client.receive(shellId, commandId, header);
    assert.is(part.status, 200, part.text);
    pieces.push(part.stdout);
    errors.push(part.stderr);
    largest = Math.max(largest, part.text.length);
    if (part.exitCode === undefined) continue;
    return { stdout: Buffer.concat(pieces), stderr: Buffer.concat(errors), exitCode: part.exitCode, answers, largest };
  }
}

test.run();
