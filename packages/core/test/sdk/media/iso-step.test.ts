import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rejects, runInfo, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { errorText, TspackError } from "../../../src/diagnostics/error.ts";
import { checkAdditionalIsos, checkIso } from "../../../src/sdk/media/iso-check.ts";
import { type IsoConfig, isoOptions } from "../../../src/sdk/media/iso-options.ts";
import { additionalIsoPathsKey, additionalIsosStep, isoPathKey, isoStep, sourceImageUrlKey } from "../../../src/sdk/media/iso-step.ts";
import { remoteIsoStep } from "../../../src/sdk/media/remote-iso-step.ts";
import { serveFile, type TestServer, testServer } from "../../download/test-server.ts";
import { type StepRun, whileStepStands } from "./run-step.ts";

const content = randomBytes(100_000);
const sha256 = createHash("sha256").update(content).digest("hex");
const md5 = createHash("md5").update(content).digest("hex");
const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex");

interface Bench {
  readonly server: TestServer;
  readonly folder: string;
  readonly cache: string;
  /** Runs the step; returns its path and what it said. */
  get(options: Partial<IsoConfig>): Promise<StepRun>;
}

async function bench(body: (bench: Bench) => Promise<void>): Promise<void> {
  const file = serveFile(content, { etag: '"1"' });
  let flaky = 0;
  const server = await testServer((request, response) => {
    if (request.url?.startsWith("/none") === true) response.writeHead(404).end();
    else if (request.url?.startsWith("/bad") === true) response.end("another file");
    else if (request.url?.startsWith("/flaky") === true && flaky++ === 0) response.writeHead(503).end();
    else if (request.url === "/SHA256SUMS") response.end(`${sha256}  image.iso\n`);
    else file(request, response);
  });
  const folder = tmp("project");
  const cache = join(folder, "cache");
  const run = { workingDirectory: folder, environment: { PACKER_CACHE_DIR: "cache" } };
  const get = (options: Partial<IsoConfig>) => whileStepStands(isoStep(isoOptions().parse(options)), run, async () => undefined);
  try {
    await within(30_000, () => body({ server, folder, cache, get }));
  } finally {
    await server.close();
  }
}

test("ISO-02, ISO-06, ISO-08, ISO-12, ISO-14: places are tried in order, the image lies in the cache and is used again", () =>
  bench(async ({ server, cache, get }) => {
    const iso_urls = [`${server.url}/none.iso`, `${server.url}/bad.iso`, `${server.url}/image.iso`];
    const { state, ui } = await get({ iso_urls, iso_checksum: sha256 });
    const path = join(cache, `${sha1(`sha256:${sha256}`)}.iso`);
    assert.is(state.get(isoPathKey), path);
    assert.is(state.get(sourceImageUrlKey), iso_urls[2]);
    assert.ok(readFileSync(path).equals(content));
    assert.equal(readdirSync(cache), [`${sha1(`sha256:${sha256}`)}.iso`], "the wrong file is gone");
    assert.match(ui.text, /error: .*none\.iso: the server answered 404/);
    assert.match(ui.text, /error: the checksum of .*bad\.iso is wrong: expected sha256:/);
    const before = server.requests.length;
    await get({ iso_url: iso_urls[2] ?? "", iso_checksum: `sha256:${sha256.toUpperCase()}` });
    assert.is(server.requests.length, before, "nothing was asked for the second time");
  }));

test("ISO-03: every form of checksum is compared, and a wrong one fails", () =>
  bench(async ({ server, folder, get }) => {
    const iso_url = `${server.url}/image.iso`;
    writeFileSync(join(folder, "sums"), `SHA256 (image.iso) = ${sha256}\n`);
    const forms = [sha256, `sha256:${sha256}`, `md5:${md5}`, md5, `file:${server.url}/SHA256SUMS`, "file:sums", "file:./sums", "none"];
    for (const iso_checksum of forms) assert.ok((await get({ iso_url, iso_checksum })).state.get(isoPathKey), iso_checksum);
    const error = await rejects(get({ iso_url, iso_checksum: "0".repeat(64) }), { code: "TPK7002" });
    assert.match(error.message, new RegExp(`expected sha256:0{64}, it has sha256:${sha256}`));
    assert.is(TspackError.is(error) && error.option, "iso_checksum");
  }));

test("ISO-11: a checksum inside the location beats the option, and is not sent", () =>
  bench(async ({ server, get }) => {
    await get({ iso_url: `${server.url}/image.iso?checksum=sha256:${sha256}&token=a`, iso_checksum: "0".repeat(64) });
    assert.equal(server.requests, ["GET /image.iso?token=a"]);
    await rejects(get({ iso_url: `${server.url}/image.iso?token=a&checksum=md5:${"0".repeat(32)}`, iso_checksum: "none" }), {
      code: "TPK7002",
    });
    assert.is(server.requests.at(-1), "GET /image.iso?token=a");
  }));

test("ISO-10: a packed image is unpacked, unless the place says otherwise", () =>
  bench(async ({ folder, get, server }) => {
    const packed = gzipSync(content);
    writeFileSync(join(folder, "image.iso.gz"), packed);
    const checksum = createHash("sha256").update(packed).digest("hex");
    const { state, ui } = await get({ iso_url: "image.iso.gz", iso_checksum: checksum });
    assert.ok(readFileSync(state.get(isoPathKey)).equals(content));
    assert.match(ui.text, /say: image\.iso\.gz => .*cache\/[0-9a-f]{40}\.iso$/);
    const whole = await get({ iso_url: "image.iso.gz?archive=false", iso_checksum: checksum });
    assert.is(whole.state.get(isoPathKey), join(folder, "image.iso.gz"));
    const named = `image.iso.gz?archive=gz&checksum=${checksum}`;
    assert.ok(readFileSync((await get({ iso_url: named })).state.get(isoPathKey)).equals(content));
    assert.equal(server.requests, []);
  }));

test("ISO-04, ISO-05: a target with an extension is a file, any other a folder", () =>
  bench(async ({ server, folder, get }) => {
    const options = { iso_url: `${server.url}/image`, iso_checksum: sha256, iso_target_extension: "IMG" };
    const targets = [
      ["disks/base.qcow2", "disks/base.qcow2"],
      ["disks", `disks/${sha1(`sha256:${sha256}`)}.img`],
      ["disks.d/", `disks.d/${sha1(`sha256:${sha256}`)}.img`],
    ] as const;
    for (const [iso_target_path, expected] of targets) {
      const { state } = await get({ ...options, iso_target_path });
      assert.is(state.get(isoPathKey), join(folder, expected));
    }
  }));

test("ISO-09: local images are used where they are", () =>
  bench(async ({ folder, get, server }) => {
    mkdirSync(join(folder, "images"));
    const path = join(folder, "images", "image one.iso");
    writeFileSync(path, content);
    for (const iso_url of ["images/image one.iso", `file://${path.replace(" ", "%20")}`, path]) {
      assert.is((await get({ iso_url, iso_checksum: sha256 })).state.get(isoPathKey), path);
    }
    assert.equal(server.requests, []);
    await rejects(get({ iso_url: "images/none.iso", iso_checksum: "none" }), {
      code: "TPK7001",
      message: /images\/none\.iso does not exist/,
    });
  }));

test("ISO-07: builds that want the same image at the same time download it once", () =>
  bench(async ({ server, get }) => {
    const options = { iso_url: `${server.url}/image.iso`, iso_checksum: "none" };
    const runs = await Promise.all([get(options), get(options), get(options)]);
    assert.ok(runs.every(({ state }) => readFileSync(state.get(isoPathKey)).equals(content)));
    assert.equal(server.requests, ["GET /image.iso"]);
  }));

test("ISO-07: who waits for another process, or tries again, is told why", () =>
  bench(async ({ server, folder, get }) => {
    const lock = join(folder, "x.iso.lock");
    // A process that is gone had it: it is taken over after a moment.
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), token: "gone" }));
    const { ui } = await get({ iso_url: `${server.url}/flaky.iso`, iso_checksum: sha256, iso_target_path: "x.iso" });
    assert.match(ui.text, /say: .*flaky\.iso is being downloaded by somebody else; waiting/);
    assert.match(ui.text, /say: .*flaky\.iso: the server answered 503.*; trying again in 0\.5 s/);
  }));

test("QM-169: further images are each verified and cached, and an error names the one that will not do", () =>
  bench(async ({ server, folder, cache }) => {
    const run = { workingDirectory: folder, environment: { PACKER_CACHE_DIR: "cache" } };
    const get = (...list: readonly Partial<IsoConfig>[]) =>
      whileStepStands(additionalIsosStep(list.map((one) => isoOptions().parse(one))), run, async () => undefined);
    writeFileSync(join(folder, "here.iso"), content);
    const good = { iso_url: `${server.url}/image.iso`, iso_checksum: sha256 };
    const { state, ui } = await get(
      { iso_urls: [`${server.url}/none.iso`, good.iso_url], iso_checksum: sha256 },
      { ...good, iso_url: "here.iso" },
    );
    assert.equal(state.get(additionalIsoPathsKey), [join(cache, `${sha1(`sha256:${sha256}`)}.iso`), join(folder, "here.iso")]);
    assert.match(ui.text, /say: Retrieving additional_iso_files\[0\]\n.*\n(.*\n)*say: Retrieving additional_iso_files\[1\]\n/);
    const wrong = await rejects(get(good, { iso_url: `${server.url}/bad.iso`, iso_checksum: "1".repeat(64) }), { code: "TPK7002" });
    assert.is(TspackError.is(wrong) && wrong.option, "additional_iso_files");
    await rejects(get(good, { iso_urls: ["none.iso", "neither.iso"], iso_checksum: "none" }), {
      code: "TPK7001",
      message: /none of the 2 places of additional_iso_files\[1\] will do/,
    });
  }));

test("when no place will do, the error has the reason for each, and no secrets", () =>
  bench(async ({ server, get }) => {
    const host = server.url.replace("http://", "");
    const error = await rejects(
      get({ iso_urls: [`http://me:hidden@${host}/none.iso`, `${server.url}/bad.iso?token=hidden`], iso_checksum: sha256 }),
      {
        code: "TPK7001",
        message: /none of the 2 places of the ISO will do/,
      },
    );
    assert.match(errorText(error), /none\.iso: the server answered 404.*; the checksum of .*bad\.iso\?token=REDACTED is wrong/);
    assert.not.match(errorText(error), /hidden/);
    assert.is(TspackError.is(error) && error.option, "iso_urls");
  }));

test("a place to download to that cannot be written to is told once, however many places the ISO has", () =>
  bench(async ({ server, folder, get }) => {
    writeFileSync(join(folder, "file"), "");
    const iso_urls = [`${server.url}/image.iso`, `${server.url}/again.iso`];
    const error = await rejects(get({ iso_urls, iso_checksum: sha256, iso_target_path: "file/image.iso" }), {
      code: "TPK6011",
      message: /^could not write the downloaded file .*file\/image\.iso/,
    });
    assert.is(TspackError.is(error) && error.option, "iso_target_path");
    assert.match((TspackError.is(error) && error.hint) || "", /PACKER_CACHE_DIR/);
    assert.equal(server.requests, []);
    writeFileSync(join(folder, "here.iso"), content);
    const { state } = await get({ iso_urls: [...iso_urls, "here.iso"], iso_checksum: sha256, iso_target_path: "file/image.iso" });
    assert.is(state.get(isoPathKey), join(folder, "here.iso"));
  }));

test("QM-76: without a download, the last place that answers and sends parts is taken", async () => {
  const server = await testServer((request, response) => {
    const url = request.url ?? "";
    response.writeHead(url.startsWith("/none") ? 404 : 200, url.startsWith("/whole") ? {} : { "accept-ranges": "bytes" }).end();
  });
  const find = (paths: readonly string[]) => {
    const iso_urls = paths.map((path) => (path.startsWith("/") ? server.url + path : path));
    return whileStepStands(remoteIsoStep(isoOptions().parse({ iso_urls })), {}, async () => undefined);
  };
  try {
    const { state } = await find(["/a.iso", "/b.iso?checksum=none", "/none.iso", "/whole.iso"]);
    assert.is(state.get(isoPathKey), `${server.url}/b.iso`);
    assert.is(state.get(sourceImageUrlKey), `${server.url}/b.iso`);
    assert.equal(server.requests, ["HEAD /a.iso", "HEAD /b.iso", "HEAD /none.iso", "HEAD /whole.iso"]);
    const { ui } = await find(["/none.iso", "/a.iso?token=hidden%20one"]);
    assert.match(ui.logged.join("\n"), /info: not used: .*none\.iso: the server answered 404/);
    assert.match(ui.text, /secret: hidden one\nsecret: hidden%20one\nsay: Reading the ISO from .*\/a\.iso\?token=REDACTED$/);
    const error = await rejects(find(["/none.iso", "/whole.iso", "local.iso"]), { code: "TPK7001" });
    assert.match(
      errorText(error),
      /none\.iso: the server answered 404; .*whole\.iso: the server sends no parts.*; local\.iso: it is no http/,
    );
  } finally {
    await server.close();
  }
});

test("the check refuses what cannot work, at its option", () =>
  bench(async ({ server, folder }) => {
    const run = runInfo({ workingDirectory: folder, environment: { PATH: folder } });
    const { signal } = new AbortController();
    const found = async (options: Partial<IsoConfig>, more: { isUnknown?: () => boolean; skipsDownload?: boolean } = {}) => {
      const problems = await checkIso(isoOptions().parse(options), { isUnknown: () => false, run, signal, ...more });
      return problems.map(({ severity, code, path, detail }) => `${severity} ${code} ${path?.join(".")}: ${detail}`);
    };
    const good = { iso_url: `${server.url}/image.iso`, iso_checksum: sha256 };
    assert.equal(await found(good), []);
    assert.equal(await found({ iso_url: "nowhere.iso", iso_checksum: sha256 }), [
      'warning TPK3110 iso_url: The argument "iso_url" names "nowhere.iso", which does not exist. Unless something makes it, the build fails when it needs it.',
    ]);
    assert.equal(await found({}), [
      "error TPK3104 iso_url: One of iso_url and iso_urls must be given.",
      "error TPK3104 iso_checksum: A checksum must be given: set iso_checksum.",
    ]);
    assert.equal(await found({}, { isUnknown: () => true }), []);
    assert.equal(await found({ ...good, iso_urls: ["x"] }), ["error TPK3106 iso_urls: Only one of iso_url and iso_urls may be given."]);
    assert.equal(await found({ iso_urls: ["a.iso", "ftp://host/a.iso"], iso_checksum: md5 }), [
      'error TPK3105 iso_urls.1: "ftp://host/a.iso" is not acceptable: ftp://host/a.iso cannot be downloaded: ftp is not supported.',
    ]);
    assert.equal(await found({ iso_url: "s3://bucket/a.img.xz", iso_checksum: md5 }), [
      'error TPK6008 iso_url: The argument "iso_url" names s3://bucket/a.img.xz: xz is needed to read xz, and it is not installed.',
    ]);
    assert.equal(await found({ iso_url: "s3://bucket/a.img.xz?archive=false", iso_checksum: md5 }), []);
    assert.equal(await found({ iso_url: "s3://bucket/a.img?archive=rar", iso_checksum: md5 }), [
      'error TPK3105 iso_url: "s3://bucket/a.img?archive=rar" is not acceptable: "rar" is no kind of archive.',
    ]);
    const refused = async (iso_checksum: string): Promise<string> => (await found({ ...good, iso_checksum })).join("\n");
    assert.match(await refused("none"), /^warning TPK3110 iso_checksum: /);
    assert.match(await refused("http://x/image.iso"), /^error TPK3105 iso_checksum: .*it ends in \.iso/);
    assert.match(await refused("abc"), /^error TPK3105 iso_checksum: /);
    assert.match(await refused("file:none"), /^error TPK7001 iso_checksum: .*could not read the list of checksums none/);
    assert.match(await refused(`file:${server.url}/none`), /^error TPK7001 iso_checksum: .*the server answered 404/);
    assert.is(await refused(`file:${server.url}/SHA256SUMS`), "");
    const other = await found({ iso_url: `${server.url}/other.iso`, iso_checksum: `file:${server.url}/SHA256SUMS` });
    assert.match(other.join("\n"), /^error TPK7002 iso_checksum: .*SHA256SUMS has no checksum for other\.iso/);
    assert.match(
      (await found({ iso_url: good.iso_url }, { skipsDownload: true })).join("\n"),
      /^warning TPK3110 iso_checksum: .*not downloaded/,
    );
  }));

test("the check of further images names the place of each problem", () =>
  bench(async ({ server, folder }) => {
    const run = runInfo({ workingDirectory: folder, environment: { PATH: folder } });
    const { signal } = new AbortController();
    const first = isoOptions().parse({ iso_url: "a.iso", iso_target_path: "x.iso" });
    const check = async (list: readonly Partial<IsoConfig>[], unknown?: string) => {
      const further = list.map((one) => isoOptions().parse(one));
      const found = await checkAdditionalIsos({ first, further }, { isUnknown: (option) => option === unknown, run, signal });
      return found.map(({ severity, code, path }) => `${severity} ${code} ${path?.join(".")}`);
    };
    const good = { iso_url: `${server.url}/image.iso`, iso_checksum: sha256 };
    const bad: readonly Partial<IsoConfig>[] = [
      { ...good, iso_target_path: "folder" },
      { ...good, iso_target_path: "x.iso", iso_checksum: "none" },
      { iso_urls: ["ftp://host/a.iso"], iso_checksum: `file:${server.url}/none` },
      { iso_url: "nowhere.iso", iso_checksum: "abc" },
      { ...good, iso_urls: ["x"], iso_target_path: "folder" },
    ];
    assert.equal(await check(bad), [
      "warning TPK3110 additional_iso_files.1.iso_checksum",
      "error TPK3105 additional_iso_files.1.iso_target_path",
      "error TPK3105 additional_iso_files.2.iso_urls.0",
      "error TPK7001 additional_iso_files.2.iso_checksum",
      "warning TPK3110 additional_iso_files.3.iso_url",
      "error TPK3105 additional_iso_files.3.iso_checksum",
      "error TPK3106 additional_iso_files.4.iso_urls",
    ]);
    assert.equal(await check(bad, "additional_iso_files"), []);
    const rivals = (found: readonly string[]) => found.filter((line) => line.endsWith(".iso_target_path"));
    for (const option of ["iso_url", "iso_target_path"]) assert.equal(rivals(await check(bad, option)), []);
  }));

test.run();
