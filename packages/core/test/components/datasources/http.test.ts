import type { RequestListener } from "node:http";
import type { Config } from "@tspack/core/sdk";
import { datasourceConformance, prepare, prepareWell, RecordingUi, rejects, runInfo, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import source from "../../../src/components/datasources/http.ts";
import { type TestServer, testServer } from "../../download/test-server.ts";

async function serving(handle: RequestListener, body: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await testServer(handle);
  try {
    await within(30_000, () => body(server));
  } finally {
    await server.close();
  }
}

async function execute(
  config: Config,
  options: { readonly signal?: AbortSignal; readonly environment?: { readonly [name: string]: string } } = {},
) {
  const ui = new RecordingUi();
  const component = await source.create();
  await prepareWell(component, config, { run: runInfo({ environment: options.environment ?? {} }) });
  const signal = options.signal ?? new AbortController().signal;
  return { answer: await component.execute({ ui, signal }), ui };
}

test("DS-02, MISS-11: url, body, and the response's headers as request_headers, repeated ones joined", () =>
  serving(
    (_, response) => {
      response.setHeader("content-type", "application/json; charset=utf-8");
      response.setHeader("x-many", ["a", "b"]);
      response.end('{"é": 1}');
    },
    async ({ url }) => {
      const { answer, ui } = await execute({ url: `${url}/data` });
      assert.is(answer.url, `${url}/data`);
      assert.is(answer.body, '{"é": 1}');
      const headers = answer.request_headers as { readonly [name: string]: string };
      assert.is(headers["X-Many"], "a, b");
      assert.is(headers["Content-Type"], "application/json; charset=utf-8");
      assert.is(ui.text, "");
    },
  ));

test("DS-02: every method, with headers and a body", () =>
  serving(
    (request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => {
        response.setHeader("content-type", "text/plain");
        response.setHeader(
          "x-seen",
          `${request.method} ${request.headers["x-key"]} ${request.headers["user-agent"]} ${encodeURIComponent(body)}`,
        );
        response.end("answer");
      });
    },
    async ({ url }) => {
      for (const method of ["HEAD", "GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
        const { answer } = await execute({ url, method, request_headers: { "X-Key": "k", "User-Agent": "mine" }, request_body: "é" });
        assert.match(JSON.stringify(answer.request_headers), `"X-Seen":"${method} k mine %C3%A9"`);
        assert.is(answer.body, method === "HEAD" ? "" : "answer");
      }
    },
  ));

test("DS-02: a status outside 2xx fails, without the credentials in the message", () =>
  serving(
    (_, response) => response.writeHead(404).end("no"),
    async ({ url }) => {
      const failed = await rejects(execute({ url: `${url.replace("//", "//joe:geheim@")}/x?token=abc` }), {
        code: "TPK6004",
        message: /\/x\?token=REDACTED failed: the server answered 404 Not Found/,
      });
      assert.not.match(failed.message, /geheim|abc/);
    },
  ));

test("DS-02: a content type that may not be text gives a warning and the body", async () => {
  const types: readonly (readonly [string | undefined, boolean])[] = [
    ["text/html", false],
    ["application/json", false],
    ["application/samlmetadata+xml", false],
    ["text/plain; charset=US-ASCII", false],
    ["text/plain; charset=latin1", true],
    ["application/octet-stream", true],
    [undefined, true],
  ];
  for (const [type, warned] of types) {
    await serving(
      (_, response) => {
        if (type !== undefined) response.setHeader("content-type", type);
        response.end("body");
      },
      async ({ url }) => {
        const { answer, ui } = await execute({ url });
        assert.is(answer.body, "body");
        assert.is(/Warning: .*content type/.test(ui.text), warned, type);
      },
    );
  }
});

test("redirects are followed, a POST goes on as GET", () =>
  serving(
    (request, response) => {
      if (request.url === "/start") response.writeHead(302, { location: "/end" }).end();
      else response.writeHead(200, { "content-type": "text/plain" }).end(request.method);
    },
    async ({ url, requests }) => {
      assert.is((await execute({ url: `${url}/start`, method: "POST", request_body: "x" })).answer.body, "GET");
      assert.equal(requests, ["POST /start", "GET /end"]);
    },
  ));

test("the proxy of the environment is used", () =>
  serving(
    (request, response) => response.writeHead(200, { "content-type": "text/plain" }).end(`proxied ${request.url}`),
    async ({ url }) => {
      const { answer } = await execute({ url: "http://data.test/x" }, { environment: { HTTP_PROXY: url } });
      assert.is(answer.body, "proxied http://data.test/x");
    },
  ));

test("abort ends a request that gets no answer", async () => {
  const controller = new AbortController();
  await serving(
    () => controller.abort(),
    async ({ url }) => {
      await rejects(execute({ url }, { signal: controller.signal }), { code: "TPK6009" });
    },
  );
});

test("a server that is not there, and one that breaks off, are failures", async () => {
  let gone = "";
  await serving(
    (request, response) => {
      response.writeHead(200, { "content-length": 100, "content-type": "text/plain" });
      response.write("part", () => request.socket.destroy());
    },
    async ({ url }) => {
      gone = url;
      await rejects(execute({ url }), { code: "TPK6004", message: /aborted/ });
    },
  );
  await rejects(execute({ url: gone }), { code: "TPK6004", message: /ECONNREFUSED/ });
});

test("DS-02: url is required and must be http, method one of the list", async () => {
  const codes = async (config: Config) => (await prepare(await source.create(), config)).map(({ code, path }) => [code, path?.[0]]);
  assert.equal(await codes({}), [["TPK3104", "url"]]);
  assert.equal(await codes({ url: "" }), [["TPK3104", "url"]]);
  assert.equal(await codes({ url: "ftp://x" }), [["TPK3105", "url"]]);
  assert.equal(await codes({ url: "nonsense" }), [["TPK3105", "url"]]);
  assert.equal(await codes({ url: "http://x", method: "TRACE" }), [["TPK3105", "method"]]);
  assert.equal((await prepare(await source.create(), { url: "<unknown>" }, { unknown: [["url"]] })).length, 0);
});

datasourceConformance(test, async () => {
  const server = await testServer((_, response) => response.writeHead(200, { "content-type": "text/plain" }).end("x"));
  return { factory: source, config: { url: server.url }, close: server.close };
});

test.run();
