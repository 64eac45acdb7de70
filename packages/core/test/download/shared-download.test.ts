import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { DownloadOptions } from "../../src/download/download.ts";
import { sharedDownload } from "../../src/download/shared-download.ts";
import { type TestServer, testServer } from "./test-server.ts";

interface Bench {
  readonly server: TestServer;
  readonly folder: string;
  options(signal: AbortSignal): DownloadOptions;
  /** The next request's response, which the test sends when it likes. */
  nextResponse(): Promise<ServerResponse>;
}

async function bench(body: (bench: Bench) => Promise<void>): Promise<void> {
  const arrived: ServerResponse[] = [];
  let wake: () => void = () => undefined;
  const server = await testServer((_request, response) => {
    arrived.push(response);
    wake();
  });
  const folder = tmp();
  const nextResponse = async (): Promise<ServerResponse> => {
    for (;;) {
      const response = arrived.shift();
      if (response !== undefined) return response;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const options = (signal: AbortSignal): DownloadOptions => ({
    location: `${server.url}/image.iso`,
    checksum: { kind: "none" },
    destination: join(folder, "image.iso"),
    workingDirectory: folder,
    environment: {},
    signal,
  });
  try {
    await within(20_000, () => body({ server, folder, options, nextResponse }));
  } finally {
    await server.close();
  }
}

test("who is cancelled leaves at once; the others get the file of the one download", () =>
  bench(async ({ server, options, nextResponse }) => {
    const leaving = new AbortController();
    const { signal } = new AbortController();
    const first = sharedDownload(options(leaving.signal));
    const others = [sharedDownload(options(signal)), sharedDownload(options(signal))];
    const response = await nextResponse();
    leaving.abort();
    await rejects(first, { code: "TPK6009" });
    response.end("content");
    for (const { path } of await Promise.all(others)) assert.is(readFileSync(path, "utf8"), "content");
    assert.is(server.requests.length, 1);
  }));

test("the download ends when nobody waits for it any more, and a later one starts anew", () =>
  bench(async ({ options, nextResponse }) => {
    const controllers = [new AbortController(), new AbortController()];
    const waiting = controllers.map(({ signal }) => sharedDownload(options(signal)));
    const response = await nextResponse();
    const closed = once(response, "close");
    for (const controller of controllers) controller.abort();
    for (const each of waiting) await rejects(each, { code: "TPK6009" });
    await closed;
    const again = sharedDownload(options(new AbortController().signal));
    (await nextResponse()).end("later");
    assert.is(readFileSync((await again).path, "utf8"), "later");
    await rejects(sharedDownload(options(AbortSignal.abort())), { code: "TPK6009" });
  }));

test("a failure is told to all who wait", () =>
  bench(async ({ options, nextResponse }) => {
    const { signal } = new AbortController();
    const waiting = [sharedDownload(options(signal)), sharedDownload(options(signal))];
    (await nextResponse()).writeHead(404).end();
    for (const each of waiting) await rejects(each, { code: "TPK7001", message: /the server answered 404/ });
  }));

test.run();
