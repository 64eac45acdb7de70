import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { findLabProgram, freePorts, lab, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type HttpServerOptions, type RunningHttpServer, startHttpServer } from "../../../src/sdk/http-server/server.ts";
import { type RawRequest, rawRequest } from "./raw-request.ts";

const modified = new Date("2026-07-01T10:00:00Z");

function site(): string {
  const outer = tmp("site");
  const folder = join(outer, "http");
  mkdirSync(join(folder, "with index"), { recursive: true });
  mkdirSync(join(folder, "plain", "empty"), { recursive: true });
  writeFileSync(join(outer, "secret"), "outside");
  const files: readonly [string, string][] = [
    ["preseed.cfg", "d-i debian-installer/locale string en_US\n"],
    ["zero", ""],
    ["meta-data", "instance-id: one\n"],
    ["page.html", "<p>page</p>"],
    ["data.json", "{}"],
    ["binary", "\x00\x01\x02"],
    ["archive", "\x1f\x8b\x08"],
    ["with index/index.html", "<html>index</html>"],
    ["plain/a b & <c>.txt", "odd name"],
    ["plain/.hidden", "hidden"],
  ];
  for (const [name, content] of files) {
    writeFileSync(join(folder, name), content, "latin1");
    utimesSync(join(folder, name), modified, modified);
  }
  symlinkSync("../secret", join(folder, "linked"));
  symlinkSync("plain", join(folder, "linked-folder"));
  symlinkSync("nowhere", join(folder, "broken"));
  return folder;
}

async function serving(
  served: HttpServerOptions["served"],
  body: (server: RunningHttpServer, log: readonly string[]) => Promise<void>,
  changes: Partial<HttpServerOptions> = {},
): Promise<void> {
  const log: string[] = [];
  const server = await startHttpServer({
    served,
    protocol: "tcp4",
    address: "127.0.0.1",
    min: 8000,
    max: 9000,
    workingDirectory: "/",
    signal: new AbortController().signal,
    log: (text) => log.push(text),
    ...changes,
  });
  try {
    await within(30_000, () => body(server, log));
  } finally {
    await server.close();
  }
}

const goServer = `package main
import ("fmt"; "net"; "net/http"; "os")
func main() {
  l, err := net.Listen("tcp", "127.0.0.1:0")
  if err != nil { panic(err) }
  fmt.Println(l.Addr().(*net.TCPAddr).Port)
  http.Serve(l, http.FileServer(http.Dir(os.Args[1])))
}
`;

async function goFileServer(folder: string): Promise<{ readonly port: number; readonly process: ChildProcess }> {
  const work = tmp("go");
  writeFileSync(join(work, "main.go"), goServer);
  execFileSync(findLabProgram("go") ?? "go", ["build", "-o", join(work, "server"), join(work, "main.go")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const child = spawn(join(work, "server"), [folder], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  return { port: Number(String(line)), process: child };
}

const goTest = lab(test, "go");

goTest("HTTP-01: a folder is served as Go's file server does it, byte for byte where it matters", async () => {
  const folder = site();
  const go = await goFileServer(folder);
  const date = modified.toUTCString();
  const requests: readonly [string, RawRequest?][] = [
    ["/"],
    ["/preseed.cfg"],
    ["/preseed.cfg?x=1"],
    ["/preseed.cfg", { method: "HEAD" }],
    ["/preseed.cfg", { method: "POST" }],
    ["/zero"],
    ["/meta-data"],
    ["/page.html"],
    ["/data.json"],
    ["/binary"],
    ["/archive"],
    ["/none"],
    ["/none", { method: "HEAD" }],
    ["/none/"],
    ["/preseed.cfg/"],
    ["/preseed.cfg/below"],
    ["/plain"],
    ["/plain?x=1"],
    ["/plain/"],
    ["/plain/empty/", { method: "HEAD" }],
    ["/plain/empty/"],
    ["/plain/a%20b%20%26%20%3Cc%3E.txt"],
    ["//plain//.hidden"],
    ["/plain/../preseed.cfg"],
    ["/../../secret"],
    ["/..%2f..%2fsecret"],
    ["/plain/%2e%2e/%2e%2e/secret"],
    ["/with%20index/"],
    ["/with%20index/index.html"],
    ["/linked"],
    ["/linked-folder/.hidden"],
    ["/broken"],
    ["/preseed.cfg", { headers: { range: "bytes=0-2" } }],
    ["/preseed.cfg", { headers: { range: "bytes=4-" } }],
    ["/preseed.cfg", { headers: { range: "bytes=-5" } }],
    ["/preseed.cfg", { headers: { range: "bytes=-5000" } }],
    ["/preseed.cfg", { headers: { range: "bytes=2-5000" } }],
    ["/preseed.cfg", { headers: { range: "bytes=5000-" } }],
    ["/preseed.cfg", { method: "HEAD", headers: { range: "bytes=0-2" } }],
    ["/preseed.cfg", { headers: { range: "bytes=0-2", "if-range": date } }],
    ["/preseed.cfg", { headers: { range: "bytes=0-2", "if-range": "Wed, 01 Jul 2020 10:00:00 GMT" } }],
    ["/preseed.cfg", { headers: { "if-modified-since": date } }],
    ["/preseed.cfg", { headers: { "if-modified-since": "Wed, 01 Jul 2020 10:00:00 GMT" } }],
    ["/preseed.cfg", { headers: { "if-unmodified-since": "Wed, 01 Jul 2020 10:00:00 GMT" } }],
  ];
  const compared = ["content-type", "content-length", "content-range", "accept-ranges", "last-modified", "location"];
  try {
    await serving({ directory: folder }, async ({ port }) => {
      for (const [path, request] of requests) {
        const answers = await Promise.all([port, go.port].map((each) => rawRequest(each, path, request)));
        const [ours, theirs] = answers.map(({ status, headers, body }) => ({
          status,
          // Texts of refusals are each server's own.
          body: status < 400 && !body.includes("<pre>") ? body : links(body),
          headers: status >= 400 || body.includes("<pre>") ? {} : Object.fromEntries(compared.map((name) => [name, headers[name]])),
        }));
        assert.equal(ours, theirs, `${request?.method ?? "GET"} ${path} ${JSON.stringify(request?.headers ?? {})}`);
      }
    });
  } finally {
    go.process.kill();
    await once(go.process, "exit");
  }
});

/** The texts of the links of a listing. */
function links(body: string): readonly string[] {
  return [...body.matchAll(/<a href="[^"]*">([^\n]*)<\/a>/g)].map(([, name = ""]) => name);
}

test("no path leads out of the folder, and what is asked for is logged", () =>
  serving({ directory: site() }, async ({ port }, log) => {
    for (const path of ["/../secret", "/..%2fsecret", "/%2e%2e/secret", "/plain/..%2f..%2f..%2fsecret", "/..\\secret", "/x\0"]) {
      assert.is((await rawRequest(port, encodeURI(path).replaceAll("%25", "%"))).status, 404, path);
    }
    assert.is((await rawRequest(port, "/%zz")).status, 400);
    assert.is((await rawRequest(port, "/preseed.cfg")).status, 200);
    // An answer is logged when it has left, which may be after it has come.
    while (!log.some((line) => /^HTTP: 127\.0\.0\.1 GET \/preseed\.cfg 200$/.test(line))) await new Promise(setImmediate);
  }));

lab(test, "linux")("what would never end is not served", () => {
  const folder = site();
  execFileSync("mkfifo", [join(folder, "pipe"), join(folder, "plain/index.html")]);
  return serving({ directory: folder }, async ({ port }) => {
    assert.is((await rawRequest(port, "/pipe")).status, 403);
    assert.equal(links((await rawRequest(port, "/plain/")).body).includes("index.html"), true, "its folder is listed instead");
  });
});

test("HTTP-02: texts are served by their path; an unknown one is answered with the nearest", () =>
  serving({ content: { "/preseed.cfg": "text\n", "/a/b": "<html></html>", "/": "root", "/empty": "" } }, async ({ port }) => {
    const ask = async (path: string, request?: RawRequest) => {
      const { status, body, headers } = await rawRequest(port, path, request);
      return [status, body, headers["content-type"]];
    };
    assert.equal(await ask("/preseed.cfg"), [200, "text\n", "text/plain; charset=utf-8"]);
    assert.equal(await ask("/preseed.cfg?x=1"), [200, "text\n", "text/plain; charset=utf-8"]);
    assert.equal(await ask("/a//x/../b/"), [200, "<html></html>", "text/html; charset=utf-8"]);
    assert.equal(await ask("/"), [200, "root", "text/plain; charset=utf-8"]);
    assert.equal(await ask("/empty"), [200, "", "text/plain; charset=utf-8"]);
    assert.equal(await ask("/preseed.cfg", { method: "HEAD" }), [200, "", "text/plain; charset=utf-8"]);
    assert.equal(await ask("/preseed.cfg", { headers: { range: "bytes=1-2" } }), [206, "ex", "text/plain; charset=utf-8"]);
    assert.equal(await ask("/presed.cfg"), [404, '/presed.cfg not found. Did you mean "/preseed.cfg"?\n', "text/plain; charset=utf-8"]);
    assert.equal(await ask("/constructor"), [404, "/constructor not found.\n", "text/plain; charset=utf-8"]);
  }));

test("HTTP-07: closing ends connections that are open, idle or in the middle of an answer", async () => {
  const folder = tmp("site");
  writeFileSync(join(folder, "large"), "");
  truncateSync(join(folder, "large"), 256 * 1024 * 1024);
  await serving({ directory: folder }, async (server) => {
    const idle = connect(server.port, "127.0.0.1");
    await once(idle, "connect");
    const reading = connect(server.port, "127.0.0.1");
    reading.write("GET /large HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(reading, "data");
    reading.pause();
    const ended = [idle, reading].map((socket) => {
      socket.on("error", () => undefined);
      return once(socket, "close");
    });
    await server.close();
    reading.resume();
    await Promise.all(ended);
    await rejects(rawRequest(server.port, "/large"), { message: /ECONNREFUSED/ });
  });
});

/** A port that is taken, before one that nobody has, and the server that has it. */
async function takenPort() {
  const port = await freePorts(2);
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return { port, close: () => server.close() };
}

test("HTTP-03: a taken port is passed over, servers side by side get ports of their own, and a full range is named", async () => {
  const taken = await takenPort();
  const content = { "/": "" };
  try {
    for (let count = 0; count < 4; count++) {
      await serving({ content }, async ({ port }) => assert.is(port, taken.port + 1), { min: taken.port, max: taken.port + 2 });
    }
    await rejects(
      serving({ content }, async () => undefined, { min: taken.port, max: taken.port }),
      {
        code: "TPK6008",
        message: new RegExp(`port ${taken.port} is in use on 127\\.0\\.0\\.1`),
      },
    );
    const range = { min: taken.port, max: taken.port + 1 };
    await rejects(
      serving({ content }, async () => undefined, range),
      { message: new RegExp(`port ${taken.port} is in use`) },
    );
    await rejects(
      serving({ content }, async () => undefined, { address: "192.0.2.1" }),
      {
        code: "TPK6008",
        message: /cannot listen on 192\.0\.2\.1: .*EADDRNOTAVAIL/,
      },
    );
  } finally {
    taken.close();
  }
  const ports: number[] = [];
  const nest = (left: number): Promise<void> =>
    serving({ content }, async ({ port }) => {
      ports.push(port);
      if (left > 0) await nest(left - 1);
    });
  await nest(19);
  assert.is(new Set(ports).size, 20);
  assert.ok(ports.every((port) => port >= 8000 && port < 9000));
});

test.run();
