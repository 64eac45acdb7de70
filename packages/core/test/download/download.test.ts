import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Checksum, parseChecksum } from "../../src/checksum/checksum.ts";
import { type DownloadOptions, download } from "../../src/download/download.ts";
import { cacheName, redactLocation } from "../../src/download/location.ts";
import { type FileBehaviour, serveFile, testServer } from "./test-server.ts";

const content = randomBytes(900_000);
const sha256 = createHash("sha256").update(content).digest("hex");
const right: Checksum = { kind: "digest", type: "sha256", hex: sha256 };
const none: Checksum = { kind: "none" };
const { signal } = new AbortController();

function options(folder: string, location: string, changes: Partial<DownloadOptions> = {}): DownloadOptions {
  return {
    location,
    checksum: right,
    destination: join(folder, "disk.img"),
    workingDirectory: folder,
    environment: {},
    signal,
    firstDelayMs: 1,
    ...changes,
  };
}

async function serving(behaviour: FileBehaviour, body: (url: string, requests: readonly string[]) => Promise<void>): Promise<void> {
  const server = await testServer(serveFile(content, behaviour));
  try {
    await within(20_000, () => body(`${server.url}/disk.img`, server.requests));
  } finally {
    await server.close();
  }
}

test("a download is verified, named at the end, and reports its progress", () =>
  serving({}, async (url) => {
    const folder = tmp();
    let reported = 0;
    let total: number | undefined;
    let finished = false;
    const progress = (label: string, bytes?: number) => {
      assert.is(label, "disk.img");
      total = bytes;
      return { advance: (count: number) => (reported += count), finish: () => (finished = true) };
    };
    const result = await download(options(folder, url, { progress }));
    assert.equal(result, { path: join(folder, "disk.img"), from: "downloaded" });
    assert.ok(readFileSync(result.path).equals(content));
    assert.equal(readdirSync(folder), ["disk.img"], "no part, note or lock is left");
    assert.is(reported, content.length);
    assert.is(total, content.length);
    assert.ok(finished);
  }));

test("ISO-08: what is there with the right checksum is not downloaded again, what is wrong is", () =>
  serving({}, async (url, requests) => {
    const folder = tmp();
    await download(options(folder, url));
    assert.is((await download(options(folder, url))).from, "reused");
    assert.is(requests.length, 1);
    writeFileSync(join(folder, "disk.img"), "something else");
    assert.is((await download(options(folder, url))).from, "downloaded");
    assert.ok(readFileSync(join(folder, "disk.img")).equals(content));
  }));

test("without a checksum the server is asked whether the file has changed", async () => {
  const lastModified = "Wed, 01 Jul 2026 10:00:00 GMT";
  await serving({ lastModified }, async (url) => {
    const folder = tmp();
    await download(options(folder, url, { checksum: none }));
    assert.is(statSync(join(folder, "disk.img")).mtime.toUTCString(), lastModified);
    assert.is((await download(options(folder, url, { checksum: none }))).from, "reused");
  });
  const dated = (text: string, date: string) => testServer(serveFile(Buffer.from(text), { lastModified: date }));
  const servers = await Promise.all([dated("new", lastModified), dated("old", "Mon, 01 Jun 2026 10:00:00 GMT")]);
  try {
    const folder = tmp();
    for (const [index, server] of servers.entries()) {
      const { path, from } = await download(options(folder, `${server.url}/disk.img`, { checksum: none }));
      assert.equal([readFileSync(path, "utf8"), from], [["new", "old"][index], "downloaded"], "another place, whose file is older");
    }
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
  await serving({}, async (url) => {
    const folder = tmp();
    await download(options(folder, url, { checksum: none }));
    assert.is((await download(options(folder, url, { checksum: none }))).from, "downloaded");
  });
});

test("a broken connection is resumed where it stopped, with the reason in the log", () =>
  serving({ etag: '"v1"', dropAfter: [400_000, 200_000] }, async (url, requests) => {
    const folder = tmp();
    const log: string[] = [];
    await download(options(folder, url, { log: (line) => log.push(line), attempts: 2 }));
    assert.ok(readFileSync(join(folder, "disk.img")).equals(content));
    assert.is(requests.length, 3);
    assert.match(requests[1] ?? "", /GET \/disk.img bytes=\d+-/);
    assert.is(log.length, 2);
    assert.match(log[0] ?? "", /the connection broke after \d+ of 900000 bytes.*trying again/);
    assert.equal(readdirSync(folder), ["disk.img"]);
  }));

test("a server without ranges, or without validators, is asked for the whole file again", async () => {
  for (const behaviour of [{ etag: '"v1"', ranges: false }, {}]) {
    await serving({ ...behaviour, dropAfter: [400_000] }, async (url, requests) => {
      const folder = tmp();
      await download(options(folder, url));
      assert.ok(readFileSync(join(folder, "disk.img")).equals(content));
      assert.is(requests.length, 2);
      if (!("etag" in behaviour)) assert.is(requests[1], "GET /disk.img");
    });
  }
});

test("a later run goes on with what an earlier one left, but only with the same file", () =>
  serving({ etag: '"v1"', dropAfter: [400_000] }, async (url, requests) => {
    const folder = tmp();
    await rejects(download(options(folder, url, { attempts: 1 })), { code: "TPK7001", message: /broke after \d+ of 900000 bytes/ });
    assert.not.ok(existsSync(join(folder, "disk.img")), "an unfinished file does not get the name");
    const part = statSync(join(folder, "disk.img.part")).size;
    assert.ok(part > 0);
    await download(options(folder, url));
    assert.is(requests[1], `GET /disk.img bytes=${part}-`);
    assert.ok(readFileSync(join(folder, "disk.img")).equals(content));

    const other = randomBytes(500_000);
    const changed = await testServer(serveFile(other, { etag: '"v2"' }));
    try {
      writeFileSync(join(folder, "new.img.part"), content.subarray(0, 1000));
      writeFileSync(
        join(folder, "new.img.part.json"),
        JSON.stringify({ urlDigest: createHash("sha256").update(`${changed.url}/x`).digest("hex"), validator: '"v1"' }),
      );
      await download(options(folder, `${changed.url}/x`, { checksum: none, destination: join(folder, "new.img") }));
      assert.ok(readFileSync(join(folder, "new.img")).equals(other));
    } finally {
      await changed.close();
    }
  }));

test("a resumed file whose checksum is wrong is downloaded once more from the start", () =>
  serving({ etag: '"v1"', dropAfter: [400_000] }, async (url, requests) => {
    const folder = tmp();
    await rejects(download(options(folder, url, { attempts: 1 })));
    const part = join(folder, "disk.img.part");
    writeFileSync(part, randomBytes(statSync(part).size));
    const log: string[] = [];
    await download(options(folder, url, { log: (line) => log.push(line) }));
    assert.ok(readFileSync(join(folder, "disk.img")).equals(content));
    assert.is(requests.at(-1), "GET /disk.img");
    assert.match(log.join("\n"), /downloaded anew/);
  }));

test("a wrong checksum leaves nothing and says both, without credentials", () =>
  serving({}, async (url) => {
    const folder = tmp();
    const wrong: Checksum = { kind: "digest", type: "sha256", hex: "0".repeat(64) };
    const secret = url.replace("http://", "http://joe:geheim@");
    const error = await rejects(download(options(folder, `${secret}?token=abc`, { checksum: wrong })), { code: "TPK7002" });
    assert.match(error.message, new RegExp(`expected sha256:${"0".repeat(64)}, it has sha256:${sha256}`));
    assert.not.match(error.message, /geheim|abc|joe/);
    assert.equal(readdirSync(folder), []);
  }));

test("servers that lie about the length do not get a file accepted", async () => {
  const short = await testServer((request, response) => {
    response.writeHead(200, { "content-length": 1000 });
    response.write(Buffer.alloc(400));
    setImmediate(() => request.socket.end());
  });
  const long = await testServer((request) => {
    request.socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nmore than ten bytes, certainly");
  });
  const chunked = await testServer((request) => {
    request.socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  });
  try {
    for (const server of [short, chunked]) {
      const folder = tmp();
      await rejects(download(options(folder, server.url, { checksum: none, attempts: 2 })), { code: "TPK7001", message: /broke after/ });
      assert.is(server.requests.length, 2);
      assert.not.ok(existsSync(join(folder, "disk.img")));
    }
    const folder = tmp();
    await download(options(folder, long.url, { checksum: none, attempts: 1 })).catch(() => undefined);
    const path = join(folder, "disk.img");
    if (existsSync(path)) assert.is(readFileSync(path, "utf8"), "more than ");
  } finally {
    await Promise.all([short.close(), long.close(), chunked.close()]);
  }
});

test("a file that is larger than it may be is given up at once, announced or not, and nothing is left of it", async () => {
  const announced = await testServer((_, response) => response.writeHead(200, { "content-length": 1e9, etag: '"x"' }).write("a"));
  const endless = await testServer((_, response) => {
    const more = (): void => {
      if (!response.destroyed) response.write(Buffer.alloc(64 * 1024), () => setImmediate(more));
    };
    more();
  });
  try {
    for (const server of [announced, endless]) {
      const folder = tmp();
      const promise = download(options(folder, server.url, { checksum: none, largestBytes: 1_000_000 }));
      await rejects(promise, { code: "TPK7001", message: /is larger than the 1 MB that it may have/ });
      assert.is(server.requests.length, 1);
      assert.equal(readdirSync(folder), []);
    }
  } finally {
    await Promise.all([announced.close(), endless.close()]);
  }
});

test("statuses: temporary ones are tried again, others are not", async () => {
  const answers = [503, 429, 200];
  let index = 0;
  const flaky = await testServer((_, response) => {
    response.writeHead(answers[index++] ?? 500, { "retry-after": "0" }).end("fine");
  });
  const missing = await testServer((_, response) => response.writeHead(404).end());
  try {
    const folder = tmp();
    await download(options(folder, flaky.url, { checksum: none }));
    assert.is(readFileSync(join(folder, "disk.img"), "utf8"), "fine");
    await rejects(download(options(folder, `${missing.url}/x.iso`)), {
      code: "TPK7001",
      message: /x\.iso: the server answered 404 Not Found/,
    });
    assert.is(missing.requests.length, 1);
  } finally {
    await Promise.all([flaky.close(), missing.close()]);
  }
});

test("redirects are followed, loops are not, and credentials stay with their host", async () => {
  const seen: (string | undefined)[] = [];
  const other = await testServer((request, response) => {
    seen.push(request.headers.authorization);
    serveFile(content)(request, response);
  });
  const server = await testServer((request, response) => {
    if (request.url === "/loop") response.writeHead(302, { location: "/loop" }).end();
    else if (request.url === "/ftp") response.writeHead(302, { location: "ftp://127.0.0.1/x" }).end();
    else {
      seen.push(request.headers.authorization);
      response.writeHead(307, { location: `${other.url}/there` }).end();
    }
  });
  try {
    const folder = tmp();
    await download(options(folder, `${server.url.replace("//", "//joe:pw@")}/here`));
    assert.equal(seen, [`Basic ${Buffer.from("joe:pw").toString("base64")}`, undefined]);
    const loop = await rejects(download(options(folder, `${server.url}/loop`, { destination: "loop" })), { code: "TPK7001" });
    assert.match(loop.message, /redirects more than 10 times/);
    assert.is(server.requests.filter((line) => line === "GET /loop").length, 11, "a loop is not tried again");
    await rejects(download(options(folder, `${server.url}/ftp`, { destination: "ftp" })), { message: /redirects to ftp/ });
  } finally {
    await Promise.all([server.close(), other.close()]);
  }
});

test("a server that falls silent is given up on", async () => {
  const server = await testServer((_, response) => {
    response.writeHead(200, { "content-length": 10 });
    response.write("12345");
  });
  try {
    const silent = download(options(tmp(), server.url, { checksum: none, attempts: 1, idleTimeoutMs: 1_000 }));
    await within(20_000, () => rejects(silent, { code: "TPK7001", message: /broke after 5 of 10 bytes/ }));
  } finally {
    await server.close();
  }
});

test("abort stops promptly, while transferring and between attempts", async () => {
  const transferring = new AbortController();
  const stuck = await testServer((_, response) => {
    response.writeHead(200, { "content-length": 10 });
    response.write("12345", () => transferring.abort());
  });
  const down = await testServer((_, response) => response.writeHead(503).end());
  try {
    const folder = tmp();
    await within(20_000, () => rejects(download(options(folder, stuck.url, { signal: transferring.signal })), { code: "TPK6009" }));
    assert.not.ok(existsSync(join(folder, "disk.img")));
    const waiting = new AbortController();
    const request = options(folder, down.url, { signal: waiting.signal, firstDelayMs: 60_000, log: () => waiting.abort() });
    await within(20_000, () => rejects(download(request), { code: "TPK6009" }));
  } finally {
    await Promise.all([stuck.close(), down.close()]);
  }
});

test("ISO-07: several that want the same destination cause one transfer", () =>
  serving({}, async (url, requests) => {
    const folder = tmp();
    const results = await Promise.all([1, 2, 3].map(() => download(options(folder, url))));
    assert.equal(results.map((result) => result.from).sort(), ["downloaded", "reused", "reused"]);
    assert.is(requests.length, 1);
  }));

test("ISO-09: local files are checked and used in place", async () => {
  const folder = tmp();
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in", "a b.img"), content);
  for (const location of ["in/a b.img", join(folder, "in/a b.img"), `file://${folder}/in/a%20b.img`, "file://in/a%20b.img"]) {
    const result = await download(options(folder, location, { destination: undefined, cacheDirectory: "cache" }));
    assert.equal(result, { path: join(folder, "in/a b.img"), from: "local" });
  }
  assert.not.ok(existsSync(join(folder, "cache")));
  const wrong = parseChecksum("0".repeat(32));
  await rejects(download(options(folder, "in/a b.img", { checksum: wrong })), {
    code: "TPK7002",
    message: /in\/a b\.img is wrong: expected md5:/,
  });
  await rejects(download(options(folder, "in/gone.img")), { code: "TPK7001", message: /does not exist/ });
  await rejects(download(options(folder, "in")), { code: "TPK7001", message: /is not a file/ });
  await rejects(download(options(folder, "ftp://host/x")), { code: "TPK7001", message: /ftp is not supported/ });
});

test("ISO-03: file: takes the checksum from a list beside the file or here", async () => {
  const list = `${"0".repeat(64)}  other.img\n${sha256} *disk.img\n`;
  const server = await testServer((request, response) => {
    if (request.url?.endsWith("SUMS")) response.end(list);
    else serveFile(content)(request, response);
  });
  try {
    const folder = tmp();
    writeFileSync(join(folder, "SUMS"), list);
    for (const location of [`${server.url}/a/SUMS`, "SUMS"]) {
      const checksum = parseChecksum(`file:${location}`);
      const result = await download(options(folder, `${server.url}/a/disk.img`, { checksum }));
      assert.ok(readFileSync(result.path).equals(content));
    }
    await rejects(download(options(folder, `${server.url}/a/third.img`, { checksum: parseChecksum("file:SUMS") })), {
      code: "TPK7002",
      message: /SUMS has no checksum for third\.img/,
    });
    await rejects(download(options(folder, `${server.url}/a/x`, { checksum: parseChecksum("file:nowhere") })), {
      code: "TPK7001",
      message: /could not read the list of checksums nowhere/,
    });
  } finally {
    await server.close();
  }
});

test("ISO-06: names in the cache come from the checksum, else from the location", async () => {
  const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex");
  assert.is(cacheName("https://example.org/a/Debian.ISO?x=1", undefined), `${sha1("https://example.org/a/Debian.ISO?x=1")}.iso`);
  assert.is(cacheName("https://example.org/a", "md5:ab"), sha1("md5:ab"));
  assert.is(cacheName("https://example.org/a.bin", "md5:ab", "iso"), `${sha1("md5:ab")}.iso`);
  await serving({}, async (url) => {
    const folder = tmp();
    const result = await download(options(folder, url, { destination: undefined, cacheDirectory: "cache" }));
    assert.is(result.path, join(folder, "cache", `${sha1(`sha256:${sha256}`)}.img`));
  });
});

test("a destination that cannot be written is not the server's fault", () =>
  serving({}, async (url) => {
    const folder = tmp();
    mkdirSync(join(folder, "disk.img.part"));
    await rejects(download(options(folder, url)), { code: "TPK6011", message: /could not write/ });
  }));

test("locations in messages show no credentials", () => {
  assert.is(redactLocation("https://joe:pw@example.org/x?X-Amz-Signature=abc&v=1"), "https://example.org/x?X-Amz-Signature=REDACTED&v=1");
  assert.is(redactLocation("http://example.org/x?pwd=a&user_pass=b&v=1"), "http://example.org/x?pwd=REDACTED&user_pass=REDACTED&v=1");
  assert.is(redactLocation("s3://key:secret@bucket/x"), "s3://bucket/x");
  assert.is(redactLocation("dir/file.img"), "dir/file.img");
});

test.run();
