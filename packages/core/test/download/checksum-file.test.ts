import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatChecksum, parseChecksum } from "../../src/checksum/checksum.ts";
import { errorText } from "../../src/diagnostics/error.ts";
import { resolveChecksum } from "../../src/download/checksum-file.ts";
import { download } from "../../src/download/download.ts";
import { Interruption, interruptionOf } from "../../src/download/retry.ts";
import { type TestServer, testServer } from "./test-server.ts";

const { signal } = new AbortController();
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A server of images and of a list that names them, which can be replaced while it stands. */
async function site(body: (site: { server: TestServer; files: Map<string, string>; folder: string }) => Promise<void>): Promise<void> {
  const files = new Map([["disk.img", "one"]]);
  const server = await testServer((request, response) => {
    const name = request.url?.slice(1) ?? "";
    if (name === "SUMS") response.end([...files].map(([file, content]) => `${sha256(content)} *./${file}\n`).join(""));
    else response.writeHead(files.has(name) ? 200 : 404).end(files.get(name));
  });
  try {
    await within(20_000, () => body({ server, files, folder: tmp() }));
  } finally {
    await server.close();
  }
}

function settings(folder: string) {
  return { workingDirectory: folder, environment: {}, signal, firstDelayMs: 1, log: () => undefined };
}

test("a list is asked for once, by builds side by side and by the steps of one after another", () =>
  site(async ({ server, files, folder }) => {
    files.set("other.img", "two");
    const list = parseChecksum(`file:${server.url}/SUMS`);
    const find = (name: string) => resolveChecksum(list, `${server.url}/${name}`, settings(folder));
    const found = await Promise.all([find("disk.img"), find("disk.img"), find("other.img")]);
    assert.equal(
      found.map(formatChecksum),
      [sha256("one"), sha256("one"), sha256("two")].map((hex) => `sha256:${hex}`),
    );
    await download({ ...settings(folder), location: `${server.url}/disk.img`, checksum: list, destination: "disk.img" });
    assert.equal(server.requests, ["GET /SUMS", "GET /disk.img"]);
  }));

test("a list that says nothing of a file, or something wrong, is read again before anybody fails", () =>
  site(async ({ server, files, folder }) => {
    const list = parseChecksum(`file:${server.url}/SUMS`);
    const find = (name: string) => resolveChecksum(list, `${server.url}/${name}`, settings(folder));
    await find("disk.img");
    await rejects(find("new.img"), { code: "TPK7002", message: /SUMS has no checksum for new\.img/ });
    files.set("new.img", "new");
    assert.is(formatChecksum(await find("new.img")), `sha256:${sha256("new")}`);
    // The image and its list are replaced while a build that knows the old list runs.
    files.set("disk.img", "two");
    const { path } = await download({ ...settings(folder), location: `${server.url}/disk.img`, checksum: list, destination: "disk.img" });
    assert.is(readFileSync(path, "utf8"), "two");
    // An image without its list is wrong, however often one looks.
    files.set("disk.img", "three");
    await find("disk.img");
    const wrong = { ...settings(folder), location: `${server.url}/disk.img`, checksum: parseChecksum(sha256("another")), destination: "x" };
    await rejects(download(wrong), { code: "TPK7002" });
    assert.is(
      server.requests.filter((line) => line === "GET /SUMS").length,
      4,
      "first, for new.img twice, for the image that was replaced",
    );
  }));

test("a percent sign that begins no escape is one", () =>
  site(async ({ server, files, folder }) => {
    files.set("50%.img", "half");
    const location = `${server.url}/50%.img`;
    const list = parseChecksum(`file:${server.url}/SUMS`);
    assert.is(formatChecksum(await resolveChecksum(list, location, settings(folder))), `sha256:${sha256("half")}`);
    const withPassword = location.replace("http://", "http://me:100%@");
    const { path } = await download({ ...settings(folder), location: withPassword, checksum: list, destination: "half.img" });
    assert.is(path, join(folder, "half.img"));
    await rejects(download({ ...settings(folder), location: "file:///50%.img", checksum: list }), { code: "TPK7001" });
  }));

test("a host that nobody knows is told with what may be missing, and is not asked again", () => {
  const unknown = Object.assign(new Error("getaddrinfo ENOTFOUND images.example"), { code: "ENOTFOUND" });
  const error = interruptionOf(unknown, signal);
  assert.not.instance(error, Interruption);
  assert.match(
    errorText(error),
    /^getaddrinfo ENOTFOUND images\.example \(check the name and the network; behind a proxy set HTTPS_PROXY\)$/,
  );
});

test.run();
