// Getting into the lab's Windows machine, and what is said when that does not work.

import { writeFileSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect as dial, type Server } from "node:net";
import { join } from "node:path";
import { freePort, RecordingUi, rejects, startWinrm, tmp, type WinrmOptions, type WinrmServer, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Connection } from "../../../src/communicator/connect.ts";
import { isCancellation, TspackError } from "../../../src/diagnostics/error.ts";
import { outOfTime } from "../out-of-time.ts";
import { output } from "../ssh/connection.ts";
import { type ConnectChanges, connectTo, layCable } from "./connection.ts";

async function withServer(options: WinrmOptions, body: (server: WinrmServer) => Promise<void>): Promise<void> {
  const server = await startWinrm(options);
  try {
    await within(30_000, () => body(server));
    assert.is(server.openShells(), 0, "no shell is left");
  } finally {
    await server.close();
  }
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Connects, runs a command, and closes. */
async function reaches(server: WinrmServer, changes: ConnectChanges = {}): Promise<Connection["data"]> {
  const connection = await connectTo(server, changes);
  try {
    assert.is((await output(connection, "echo in")).stdout, "in\r\n");
    return connection.data;
  } finally {
    await connection.close();
  }
}

function hintOf(error: unknown): string {
  return TspackError.is(error) ? (error.hint ?? "") : "";
}

const ways: readonly (readonly [string, WinrmOptions, { readonly [option: string]: unknown }])[] = [
  ["basic over HTTP", {}, {}],
  ["basic over HTTPS", { tls: true }, { winrm_use_ssl: true, winrm_insecure: true }],
  ["sealed NTLM over HTTP", { auth: ["ntlm"], allowUnencrypted: false }, { winrm_use_ntlm: true }],
  ["NTLM over HTTPS", { auth: ["ntlm"], tls: true }, { winrm_use_ntlm: true, winrm_use_ssl: true, winrm_insecure: true }],
  ["NTLM where both are offered", { auth: ["basic", "ntlm"] }, { winrm_use_ntlm: true }],
  [
    "a user with a domain",
    { auth: ["ntlm"], allowUnencrypted: false, user: "Jürgen" },
    { winrm_use_ntlm: true, winrm_username: ".\\Jürgen" },
  ],
];
for (const [name, server, options] of ways) {
  test(`a machine is reached by ${name}, and its data is told`, async () => {
    await withServer({ password: "pässword: \\ with 'all' \"of\" it", ...server }, async (machine) => {
      const ui = new RecordingUi();
      const data = await reaches(machine, { options, request: { ui } });
      const { password } = machine;
      assert.equal(data, {
        Host: machine.host,
        Port: machine.port,
        User: options.winrm_username ?? machine.user,
        Password: password,
        ConnType: "winrm",
        SSHPublicKey: "",
        SSHPrivateKey: "",
        SSHPrivateKeyFile: "",
        SSHAgentAuth: false,
        WinRMPassword: password,
      });
      assert.equal(ui.lines, [
        `say: Waiting for WinRM on 127.0.0.1:${machine.port}`,
        `say: Connected by WinRM to 127.0.0.1:${machine.port}`,
      ]);
    });
  });
}

test("wrong credentials are told once and tried until the time is over; they are printed nowhere", async () => {
  for (const scheme of ["basic", "ntlm"] as const) {
    await withServer({ auth: [scheme], allowUnencrypted: scheme === "basic" }, async (server) => {
      let ui = new RecordingUi();
      const tries = (): number => ui.logged.filter((text) => text.includes("No WinRM connection yet")).length;
      const connect = (timeout: string) => {
        ui = new RecordingUi();
        const options = { winrm_password: "hunter2", winrm_timeout: timeout, winrm_use_ntlm: scheme === "ntlm" };
        return connectTo(server, { options, request: { ui } });
      };
      const error = await outOfTime(connect, 400, {
        code: "TPK5002",
        message: /no WinRM connection on 127\.0\.0\.1:\d+ within [\w ]+: the machine refused the credentials of "vagrant"/,
        isEnough: () => tries() > 1,
      });
      assert.match(hintOf(error), /winrm_password/);
      assert.is(ui.lines.filter((text) => text.startsWith("say: Not connected yet: the machine refused the credentials")).length, 1);
      assert.ok(tries() > 1, "it is tried again");
      const secrets = ["hunter2", Buffer.from("vagrant:hunter2").toString("base64")];
      for (const secret of secrets) assert.not.ok(`${ui.text}${ui.logged.join()}${error.message}${hintOf(error)}`.includes(secret));
    });
  }
});

test("a machine that wants another way of logging in says which, and the option is named", async () => {
  const cases: readonly (readonly [WinrmOptions, object, RegExp, RegExp])[] = [
    [
      { auth: ["ntlm"] },
      {},
      /does not take basic authentication over plain HTTP; it offers Negotiate/,
      /Set winrm_use_ntlm.*AllowUnencrypted/,
    ],
    [{ auth: ["basic"] }, { winrm_use_ntlm: true }, /does not take NTLM; it offers Basic/, /Leave out winrm_use_ntlm/],
    [{ auth: ["basic"] }, { winrm_username: "CORP\\jo" }, /refused the credentials/, /users of the machine alone.*set winrm_use_ntlm/],
    [{ auth: ["basic", "ntlm"], allowUnencrypted: false }, {}, /does not take basic authentication over plain HTTP/, /Set winrm_use_ntlm/],
  ];
  for (const [server, changed, message, hint] of cases) {
    await withServer(server, async (machine) => {
      const connect = (timeout: string) => connectTo(machine, { options: { winrm_timeout: timeout, ...changed } });
      const error = await outOfTime(connect, 400, { code: "TPK5002", message });
      assert.match(hintOf(error), hint);
    });
  }
});

test("a certificate that is not trusted ends it at once; one that is, or anyone with winrm_insecure, does not", async () => {
  await withServer({ tls: true }, async (server) => {
    const ui = new RecordingUi();
    const options = { winrm_use_ssl: true, winrm_timeout: "20s" };
    const error = await rejects(connectTo(server, { options, request: { ui } }), {
      code: "TPK5003",
      message: /certificate of 127\.0\.0\.1:\d+ is not trusted/,
    });
    assert.match(hintOf(error), /winrm_insecure/);
    assert.not.match(ui.text, /trying again/);
    const file = join(tmp(), "ca.pem");
    writeFileSync(file, server.certificate ?? "");
    await reaches(server, { options, environment: { SSL_CERT_FILE: file } });
    await reaches(server, { options: { ...options, winrm_insecure: true } });
  });
});

test("what is no WinRM, or talks TLS where it should not, is told apart", async () => {
  const cases: readonly (readonly [WinrmOptions, object, RegExp])[] = [
    [{ tls: true }, {}, /the connection to [^:]+:\d+ was lost: it was reset$/],
    [{}, { winrm_use_ssl: true }, /cannot talk TLS to [^:]+:\d+: it answers in something else$/],
    [{ maxShells: 0 }, {}, /the machine says: .*concurrent shells/],
  ];
  for (const [server, changed, message] of cases) {
    await withServer(server, async (machine) => {
      const connect = (timeout: string) => connectTo(machine, { options: { winrm_timeout: timeout, ...changed } });
      await outOfTime(connect, 400, { code: "TPK5001", message });
    });
  }
});

const SOAP = "application/soap+xml;charset=UTF-8";
const envelope = (body: string): string =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>${body}</s:Body></s:Envelope>`;
const hostile: { readonly [name: string]: readonly [number, string, string | (() => string), RegExp] } = {
  "a web page": [404, "text/html", "<html>", /does not talk WinRM: it answered with HTTP status 404/],
  "a service that starts up": [503, "text/html", "", /is not available on .*503/],
  "a proxy": [407, "text/html", "", /the proxy on the way to .* wants credentials/],
  "no end of a body": [200, SOAP, () => "x".repeat(65_536), /answer of more than 1 MiB/],
  "half a document": [200, SOAP, "<s:Envelope", /cannot be read/],
  "elements that are not closed in order": [200, SOAP, "<a><b></a></b>", /cannot be read: elements are not closed/],
  "entities of its own": [200, SOAP, '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', /cannot be read/],
  "a hundred thousand elements": [200, SOAP, "<a>".repeat(100_000), /too many elements/],
  "a million attributes": [200, SOAP, `<a${" b='c'".repeat(100_000)}/>`, /cannot be read/],
  "an undeclared prefix": [200, SOAP, "<x:a/>", /prefix of x:a is not declared/],
  "another document": [200, SOAP, envelope(""), /a shell without an id/],
  "a fault without a reason": [500, SOAP, envelope("<s:Fault/>"), /the machine says: \(nothing\)/],
};
test("answers that are none of WinRM's, or broken, or without end, are told as such", async () => {
  await Promise.all(
    Object.entries(hostile).map(async ([name, [status, type, body, message]]) => {
      const answer = (incoming: IncomingMessage, response: ServerResponse): void => {
        incoming.resume();
        response.writeHead(status, { "content-type": type });
        if (typeof body === "string") return void response.end(body);
        const more = (): void => {
          while (response.write(body()));
        };
        response.on("drain", more);
        more();
      };
      const server = createHttpServer(answer);
      const port = await listening(server);
      try {
        const connect = (timeout: string) => connectTo({ host: "127.0.0.1", port }, { options: { winrm_timeout: timeout } });
        const error = await within(60_000, () => outOfTime(connect, 1_000, { code: "TPK5001" }));
        assert.match(error.message, message, name);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    }),
  );
});

test("the port of HTTPS without HTTPS is told as what it is", async () => {
  const options = { winrm_port: 5986, winrm_timeout: "200ms" };
  const error = await rejects(connectTo({ host: "127.0.0.1", port: 5986 }, { options }), { code: "TPK5001" });
  assert.match(hintOf(error), /winrm_use_ssl/);
  await withServer({ tls: true }, async (machine) => {
    const connect = (timeout: string) => connectTo(machine, { options: { winrm_timeout: timeout } });
    const elsewhere = await outOfTime(connect, 200, { code: "TPK5001" });
    assert.match(hintOf(elsewhere), /port that wants HTTPS \(winrm_use_ssl\)/);
  });
});

test("a machine is waited for until it is up, and its address is asked for every time", async () => {
  await withServer({}, async (server) => {
    const port = await freePort();
    const ui = new RecordingUi();
    let asked = 0;
    const address = async () => ({ host: server.host, port: ++asked < 3 ? port : server.port });
    const options = { winrm_port: 1, winrm_host: "elsewhere" };
    const connection = await connectTo(server, { options, request: { address, ui }, pace: { quietMs: 0 } });
    await connection.close();
    assert.is(asked, 3);
    assert.is(connection.data.Port, server.port);
    const news = ui.lines.filter((text) => text.startsWith("say: Not connected yet"));
    assert.equal(news, [
      `say: Not connected yet: cannot connect to 127.0.0.1:${port}: connection refused; trying again for up to 20 seconds`,
    ]);
  });
});

test("a machine whose address is never found is given up in time", async () => {
  const address = () => new Promise<never>(() => undefined);
  const waiting = connectTo({ host: "127.0.0.1", port: 1 }, { options: { winrm_timeout: "50ms" }, request: { address } });
  await rejects(
    within(20_000, () => waiting),
    { code: "TPK5001", message: /within 50 milliseconds: the first attempt was still under way/ },
  );
});

test("a connection that stands without a word is given up for another one", async () => {
  await withServer({}, async (server) => {
    // As QEMU's network does while the guest boots: it accepts, and nobody is there.
    const cable = await layCable(server, (client, machine, number) => number > 1 && client.pipe(machine).pipe(client));
    try {
      await reaches(server, { options: { winrm_port: cable.port }, pace: { silentMs: 30 } });
      assert.ok(cable.count() > 1);
    } finally {
      cable.close();
    }
  });
});

test("a machine that takes its time for the first login is asked once, and its answer is waited for", async () => {
  await withServer({}, async (server) => {
    let logins = 0;
    let connections = 0;
    const cable = await layCable(server, (client, machine) => {
      machine.pipe(client);
      client.on("data", (bytes) => {
        if (logins > 0 || !/^authorization: basic/im.test(bytes.toString("latin1"))) return void machine.write(bytes);
        logins += 1;
        connections = cable.count();
        // Several times as long as a connection may stand without a word.
        setTimeout(() => machine.write(bytes), 2_000);
      });
    });
    try {
      const connection = await connectTo(server, { options: { winrm_port: cable.port }, pace: { silentMs: 500 } });
      // Nobody has connected since, whatever came before the first word.
      assert.equal([cable.count(), logins], [connections, 1]);
      await connection.close();
    } finally {
      cable.close();
    }
  });
});

test("a machine may have an address of IPv6", async () => {
  await withServer({}, async (server) => {
    const cable = await layCable(server, undefined, "::1");
    const ui = new RecordingUi();
    try {
      await reaches(server, { options: { winrm_host: "::1", winrm_port: cable.port }, request: { ui } });
      assert.match(ui.text, `Connected by WinRM to [::1]:${cable.port}`);
      await reaches(server, { options: { winrm_host: "::1%lo", winrm_port: cable.port } });
    } finally {
      cable.close();
    }
  });
});

test("an answer that is not sealed is not taken for one, where answers have to be", async () => {
  const server = await startWinrm({ auth: ["ntlm"], allowUnencrypted: false });
  const forged = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>';
  const plain = `HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: ${forged.length}\r\n\r\n${forged}`;
  const cable = await layCable(server, (client, machine) => {
    client.pipe(machine);
    machine.on("data", (bytes: Buffer) => client.write(/^HTTP\S+ 200 /.test(bytes.toString("latin1")) ? plain : bytes));
    machine.on("end", () => client.end());
  });
  try {
    const connect = (timeout: string) =>
      connectTo(server, { options: { winrm_port: cable.port, winrm_use_ntlm: true, winrm_timeout: timeout } });
    await outOfTime(connect, 400, { code: "TPK5001", message: /answered a sealed message with one that is not/ });
  } finally {
    cable.close();
    await server.close();
  }
});

test("pause_before_connecting connects once, waits, and connects for good", async () => {
  await withServer({}, async (server) => {
    const ui = new RecordingUi();
    await reaches(server, { options: { pause_before_connecting: "30ms" }, request: { ui } });
    assert.match(ui.text, "Connected by WinRM; pausing 30 milliseconds before connecting for good");
    assert.is(ui.lines.filter((text) => text.startsWith("say: Waiting for WinRM")).length, 2);
  });
});

test("an abort ends the waiting as a cancellation", async () => {
  const abort = new AbortController();
  const ui = new RecordingUi();
  const connecting = connectTo({ host: "127.0.0.1", port: await freePort() }, { request: { ui, signal: abort.signal } });
  abort.abort();
  assert.ok(isCancellation(await within(20_000, () => rejects(connecting))));
});

/** A proxy that knows every name as the server's, and remembers what it was asked. */
async function startProxy(server: WinrmServer) {
  const seen: string[] = [];
  const proxy = createHttpServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url} ${incoming.headers["proxy-authorization"] ?? "-"}`);
    const { "proxy-authorization": _ours, ...headers } = incoming.headers;
    const onward = request({ host: server.host, port: server.port, path: "/wsman", method: "POST", headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  proxy.on("connect", (incoming, socket) => {
    seen.push(`CONNECT ${incoming.url}`);
    const onward = dial(server.port, server.host).on("error", () => {});
    socket.on("error", () => {});
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    socket.pipe(onward).pipe(socket);
  });
  const port = await listening(proxy);
  const close = (): void => {
    proxy.closeAllConnections();
    proxy.close();
  };
  return { seen, url: `http://user:secret@127.0.0.1:${port}`, close };
}

test("HTTP_PROXY and HTTPS_PROXY are gone through; winrm_no_proxy and NO_PROXY go past them", async () => {
  for (const tls of [false, true]) {
    await withServer({ tls }, async (server) => {
      const proxy = await startProxy(server);
      try {
        const environment = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url };
        const options = { winrm_host: "machine.invalid", winrm_port: 5999, winrm_use_ssl: tls, winrm_insecure: true };
        await reaches(server, { options, environment });
        const basic = Buffer.from("user:secret").toString("base64");
        assert.is(proxy.seen[0], tls ? "CONNECT machine.invalid:5999" : `POST http://machine.invalid:5999/wsman Basic ${basic}`);
        const before = proxy.seen.length;
        for (const past of [{ options: { winrm_no_proxy: true } }, { environment: { NO_PROXY: ".invalid" } }]) {
          const connecting = connectTo(server, {
            options: { ...options, winrm_timeout: "300ms", ...past.options },
            environment: { ...environment, ...past.environment },
          });
          await rejects(connecting, { code: "TPK5001", message: /machine\.invalid.*(name cannot be resolved|first attempt)/ });
        }
        assert.is(proxy.seen.length, before);
      } finally {
        proxy.close();
      }
    });
  }
});

test.run();
