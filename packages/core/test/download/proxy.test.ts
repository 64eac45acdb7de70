import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, request as httpRequest } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect, createServer as createTcpServer } from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { download } from "../../src/download/download.ts";
import { type Environment, proxyFor } from "../../src/download/proxy.ts";
import { sendRequest } from "../../src/download/request.ts";
import { type TestServer, testServer } from "./test-server.ts";

const { signal } = new AbortController();
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const identity = { key: readFileSync(fixture("key.pem")), cert: readFileSync(fixture("certificate.pem")) };
const trust = { SSL_CERT_FILE: fixture("certificate.pem") };

/** A proxy that sends whatever name it is asked for to loopback, and remembers who asked. */
async function proxyServer(answer = 200): Promise<TestServer & { readonly log: string[]; readonly open: ReadonlySet<Duplex> }> {
  const log: string[] = [];
  const open = new Set<Duplex>();
  const server = createHttpServer();
  server.on("connect", (request, socket) => {
    log.push(`CONNECT ${request.url} ${request.headers["proxy-authorization"] ?? "-"}`);
    if (answer !== 200) {
      socket.end(`HTTP/1.1 ${answer} No\r\n\r\n`);
      return;
    }
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    const port = Number(request.url?.split(":")[1]);
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Fine\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
    onward.on("close", () => socket.destroy());
    socket.on("error", () => onward.destroy());
  });
  const made = await testServer((request, response) => {
    log.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? "-"} ${request.headers.host}`);
    const target = new URL(request.url ?? "");
    httpRequest({ host: "127.0.0.1", port: target.port, path: target.pathname, headers: request.headers }, (answered) => {
      response.writeHead(answered.statusCode ?? 500, answered.headers);
      answered.pipe(response);
    }).end();
  }, server);
  return { ...made, log, open };
}

async function get(url: string, environment: Environment): Promise<string> {
  const { message } = await sendRequest(new URL(url), { signal, environment });
  return text(message);
}

test("https through CONNECT reaches the named host, with the user and password of the proxy", async () => {
  const proxy = await proxyServer();
  const server = await testServer((request, response) => response.end(`hello ${request.headers.host}`), createHttpsServer(identity));
  try {
    const environment = { ...trust, HTTPS_PROXY: proxy.url.replace("//", "//joe:p%40w@") };
    const url = `https://mirror.test:${server.port}/x`;
    assert.is(await get(url, environment), `hello mirror.test:${server.port}`);
    assert.equal(proxy.log, [`CONNECT mirror.test:${server.port} Basic ${Buffer.from("joe:p@w").toString("base64")}`]);
    // The certificate is for mirror.test alone, and must be trusted.
    const wrongName = await rejects(get(`https://other.test:${server.port}/`, environment));
    assert.match(wrongName.message, /altnames/);
    const { SSL_CERT_FILE: _, ...untrusted } = environment;
    await rejects(get(url, untrusted), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    const failed = await rejects(
      download({ location: url, checksum: { kind: "none" }, destination: "x", workingDirectory: tmp(), environment: untrusted, signal }),
      { code: "TPK7001" },
    );
    assert.match(failed.message, /self-signed certificate/);
    const left = [...proxy.open].map((socket) => once(socket, "close"));
    await within(20_000, () => Promise.all(left));
    assert.is(proxy.log.length, 4, "a certificate that is not trusted is not tried again");
  } finally {
    await Promise.all([proxy.close(), server.close()]);
  }
});

test("http goes to the proxy with the whole URL, also when it is found by a lower-case name", async () => {
  const proxy = await proxyServer();
  const server = await testServer((_, response) => response.end("plain"));
  try {
    const address = proxy.url.replace("http://", "");
    assert.is(await get(`http://u:p@mirror.test:${server.port}/x`, { http_proxy: address }), "plain");
    assert.equal(proxy.log, [`GET http://mirror.test:${server.port}/x - mirror.test:${server.port}`]);
  } finally {
    await Promise.all([proxy.close(), server.close()]);
  }
});

test("https without a proxy works with a system's own authority", async () => {
  const server = await testServer((_, response) => response.end("direct"), createHttpsServer(identity));
  try {
    assert.is(await get(`https://127.0.0.1:${server.port}/`, trust), "direct");
    assert.is(await get(`https://127.0.0.1:${server.port}/`, { NODE_EXTRA_CA_CERTS: trust.SSL_CERT_FILE }), "direct");
  } finally {
    await server.close();
  }
});

test("a proxy that refuses is named without its password", async () => {
  const proxy = await proxyServer(407);
  try {
    const failed = await rejects(get("https://mirror.test/x", { HTTPS_PROXY: proxy.url.replace("//", "//joe:geheim@") }), {
      code: "TPK7001",
    });
    assert.match(failed.message, /the proxy http:\/\/127\.0\.0\.1:\d+\/ refused the connection: it answered 407/);
    assert.not.match(failed.message, /geheim/);
  } finally {
    await proxy.close();
  }
});

test("a proxy that says nothing is given up on", async () => {
  const silent = createTcpServer((socket) => socket.on("error", () => undefined));
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const address = silent.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    const environment = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const request = sendRequest(new URL("https://image.test/"), { signal, environment, idleTimeoutMs: 50 });
    await within(20_000, () => rejects(request, { message: /nothing arrived for 0\.05 seconds/ }));
  } finally {
    silent.close();
  }
});

test("SOCKS5 proxies are used, and their failure is reported", async () => {
  const server = await testServer((_, response) => response.end("by socks"));
  // The least that RFC 1928 asks for: no authentication, CONNECT to a name.
  const socks = createTcpServer((socket) => {
    socket.once("data", () => {
      socket.write(Buffer.from([5, 0]));
      socket.once("data", (request: Buffer) => {
        const name = request.subarray(5, 5 + (request[4] ?? 0)).toString();
        if (name !== "mirror.test") {
          socket.end(Buffer.from([5, 4, 0, 1, 0, 0, 0, 0, 0, 0]));
          return;
        }
        const onward = connect(server.port, "127.0.0.1", () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          onward.pipe(socket).pipe(onward);
        });
      });
    });
    socket.on("error", () => undefined);
  });
  socks.listen(0, "127.0.0.1");
  await once(socks, "listening");
  const address = socks.address();
  const environment = { HTTP_PROXY: `socks5://127.0.0.1:${typeof address === "object" ? address?.port : ""}` };
  try {
    assert.is(await get("http://mirror.test/x", environment), "by socks");
    await rejects(get("http://other.test/x", environment), { code: "TPK7001", message: /refused the connection/ });
  } finally {
    socks.close();
    await server.close();
  }
});

test("NO_PROXY takes names, names below, addresses, networks and ports", () => {
  const goesDirect = (url: string, list: string): boolean =>
    proxyFor(new URL(url), { HTTP_PROXY: "http://p:1", NO_PROXY: list }) === undefined;
  const direct: readonly (readonly [string, string])[] = [
    ["http://example.org/", "example.org"],
    ["http://a.example.org/", "other.test, example.org"],
    ["http://a.example.org/", ".example.org"],
    ["http://a.example.org/", "*.example.org"],
    ["http://EXAMPLE.org/", "Example.ORG"],
    ["http://example.org:8080/", "example.org:8080"],
    ["http://10.1.2.3/", "10.0.0.0/8"],
    ["http://10.1.2.3/", "10.1.2.3"],
    ["http://[fd00::1]/", "fd00::/8"],
    ["http://anything.test/", "*"],
    ["http://localhost:1/", ""],
    ["http://127.0.0.9/", ""],
    ["http://[::1]/", ""],
  ];
  for (const [url, list] of direct) assert.ok(goesDirect(url, list), `${url} with ${list}`);
  const proxied: readonly (readonly [string, string])[] = [
    ["http://example.org/", ".example.org"],
    ["http://notexample.org/", "example.org"],
    ["http://example.org:81/", "example.org:8080"],
    ["http://11.1.2.3/", "10.0.0.0/8"],
    ["http://example.org/", "10.0.0.0/8"],
    ["http://example.org/", ""],
  ];
  for (const [url, list] of proxied) assert.not.ok(goesDirect(url, list), `${url} with ${list}`);
  assert.is(proxyFor(new URL("https://example.org"), { HTTP_PROXY: "http://p:1" }), undefined, "HTTP_PROXY is for http alone");
});

test.run();
