// Where the documentation of a plugin is found: beside it, and at a server that plays GitHub.
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type DocumentationOptions, type DocumentedPlugin, pluginDocumentation } from "../../../src/plugins/install/documentation.ts";
import { type ReleaseServer, releaseServer, zipOf } from "./release-server.ts";

const source = "github.com/acme/acme";
const published = "/acme/packer-plugin-acme/releases/download/v1.0.0/docs.zip";
const sources = "/acme/packer-plugin-acme/archive/refs/tags/v1.0.0.zip";
const page = "docs/builders/acme.mdx";

interface Made {
  readonly server: ReleaseServer;
  readonly folder: string;
  readonly cache: string;
  /** The names of the pages. */
  ask(plugin?: Partial<DocumentedPlugin>, options?: Partial<DocumentationOptions>): Promise<readonly string[] | undefined>;
}

async function withServer(body: (made: Made) => Promise<void>): Promise<void> {
  const server = await releaseServer();
  const folder = tmp("plugins");
  const cache = tmp("cache");
  const environment = { PACKER_CACHE_DIR: cache, TSPACK_PLUGIN_MIRROR: server.url };
  const { signal } = new AbortController();
  const installed = { file: join(folder, "packer-plugin-acme_v1.0.0_x5.0_linux_amd64"), source, version: "1.0.0" };
  const ask: Made["ask"] = async (plugin, options) => {
    const others = { workingDirectory: folder, environment, signal, log: () => undefined, attempts: 1 };
    const pages = await pluginDocumentation({ ...installed, ...plugin }, { ...others, ...options });
    return pages === undefined ? undefined : [...pages.keys()];
  };
  try {
    await body({ server, folder, cache, ask });
  } finally {
    await server.close();
  }
}

test("an archive beside the plugin is used, if its name says that it is of that version; nobody is asked then", () =>
  withServer(async ({ server, folder, ask }) => {
    writeFileSync(join(folder, "docs.zip"), await zipOf(page, "of some version"));
    assert.is(await ask({}, { isOffline: true }), undefined);
    assert.equal(await ask({ source: undefined, version: undefined, file: join(folder, "packer-plugin-acme") }), [page]);
    writeFileSync(join(folder, "packer-plugin-acme_v1.0.0_docs.zip"), await zipOf("docs/builders/other.md", "of this one"));
    assert.equal(await ask(), ["docs/builders/other.md"]);
    // What `plugins vendor` leaves where there is none.
    writeFileSync(join(folder, "packer-plugin-acme_v1.0.0_docs.zip"), "");
    assert.is(await ask(), undefined);
    assert.equal(server.requests, []);
  }));

test("the archive of the release is downloaded once; where there is none the source is", () =>
  withServer(async ({ server, ask }) => {
    server.files.set(published, await zipOf(page, "text"));
    assert.is(await ask({}, { isOffline: true }), undefined);
    assert.equal(await ask(), [page]);
    assert.equal(await ask({}, { isOffline: true }), [page]);
    assert.is(server.requests.length, 1);
    server.files.set(
      sources.replace("1.0.0", "1.1.0"),
      await zipOf(`packer-plugin-acme-1.1.0/.web-docs/components/builder/acme/README.md`, "text"),
    );
    assert.equal(await ask({ version: "1.1.0" }), ["packer-plugin-acme-1.1.0/.web-docs/components/builder/acme/README.md"]);
  }));

test("that there is nothing is remembered for a day; pre-releases are not asked for", () =>
  withServer(async ({ server, cache, ask }) => {
    assert.is(await ask({ version: "1.0.0-dev" }), undefined);
    assert.is(server.requests.length, 0);
    assert.is(await ask(), undefined);
    assert.is(await ask(), undefined);
    assert.equal(
      server.requests.map((request) => request.replace(/^GET /, "")),
      [published, sources],
    );
    server.files.set(published, await zipOf(page, "text"));
    const plugins = join(cache, "plugins");
    const marks = readdirSync(plugins).filter((name) => name.startsWith("docs-"));
    assert.is(marks.length, 1);
    for (const name of marks) utimesSync(join(plugins, name), new Date(0), new Date(0));
    assert.equal(await ask(), [page]);
  }));

test("what cannot be read or asked is an error with a reason; nothing of it is kept", () =>
  withServer(async ({ server, ask }) => {
    server.files.set(published, Buffer.from("<html>"));
    await rejects(ask(), { code: "TPK7001", message: /it has no directory/ });
    server.files.set(published, await zipOf(page, "text"));
    assert.equal(await ask(), [page]);
    // Who does not answer, or refuses, is not asked again today.
    server.answers.set(published.replace("1.0.0", "2.0.0"), [(_, response) => void response.writeHead(403).end()]);
    await rejects(ask({ version: "2.0.0" }), { code: "TPK4007", message: /403/ });
    server.files.set(published.replace("1.0.0", "2.0.0"), await zipOf(page, "text"));
    assert.is(await ask({ version: "2.0.0" }), undefined);
    server.answers.set(published.replace("1.0.0", "3.0.0"), [() => undefined]);
    await rejects(ask({ version: "3.0.0" }, { limitMs: 200 }), { code: "TPK4007", message: /nobody has sent it within 0\.2 s/ });
  }));

test("a folder of releases has documentation too", () =>
  withServer(async ({ folder, ask }) => {
    const mirror = join(folder, "mirror");
    mkdirSync(mirror);
    for (const version of ["1.0.0", "1.1.0"]) writeFileSync(join(mirror, `packer-plugin-acme_v${version}_SHA256SUMS`), "");
    writeFileSync(join(mirror, "packer-plugin-acme_v1.1.0_docs.zip"), await zipOf(page, "text"));
    const environment = { PACKER_CACHE_DIR: tmp("cache"), TSPACK_PLUGIN_MIRROR: mirror };
    assert.equal(await ask({ version: "1.1.0" }, { environment }), [page]);
    assert.is(await ask({}, { environment }), undefined);
  }));

test.run();
