// Downloading releases from places that work, and from places that do so later.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rejects } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parsePluginAddress } from "../../../src/plugins/install/address.ts";
import { installPlugin } from "../../../src/plugins/install/install-plugin.ts";
import { parsePublishedSums } from "../../../src/plugins/install/published-sums.ts";
import { parseVersion } from "../../../src/plugins/version.ts";
import { testServer } from "../../download/test-server.ts";
import { acme, archivePath, onMachine } from "./install-machine.ts";
import { platform, releaseServer, sha256 } from "./release-server.ts";

test("INS-01, INS-03: the highest fitting release of GitHub with an archive for this system is installed, with its checksum", () =>
  onMachine(
    [
      { ...acme, version: "1.9.0" },
      { ...acme, version: "1.10.0" },
      { ...acme, version: "1.11.0", platforms: ["plan9_mips"] },
      { ...acme, version: "1.12.0", api: "x6.0" },
      { ...acme, version: "1.13.0-beta" },
      { ...acme, version: "2.0.0" },
    ],
    async ({ install, plugins, server }) => {
      const { status, plugin, archives } = await install("github.com/acme/acme", "~> 1.1");
      assert.is(status, "installed");
      assert.is(plugin.file, join(plugins, "github.com/acme/acme", `packer-plugin-acme_v1.10.0_x5.0_${platform}`));
      assert.is(readFileSync(`${plugin.file}_SHA256SUM`, "utf8"), sha256(readFileSync(plugin.file)));
      assert.equal(Object.keys(archives ?? {}), [platform, "plan9_mips"].sort());
      assert.equal(readdirSync(plugins), ["github.com"], "no lock and no draft is left");
      const asked = server.requests.length;
      assert.is((await install("github.com/acme/acme", "= 1.10.0")).status, "present");
      assert.not.ok(server.requests.slice(asked).some((request) => request.includes(".zip")));
    },
  ));

test("INS-01: HashiCorp's plugins come from its site, and from GitHub when that fails or does not have them", () =>
  onMachine(
    [
      { repository: "hashicorp/one", version: "1.0.0", layout: "hashicorp" },
      { repository: "hashicorp/one", version: "9.0.0" },
      { repository: "hashicorp/two", version: "2.0.0" },
    ],
    async ({ install, server }) => {
      assert.is((await install("github.com/hashicorp/one")).plugin.version, "1.0.0");
      assert.is((await install("github.com/hashicorp/two")).plugin.version, "2.0.0");
      const broken = (_: unknown, response: { writeHead(status: number): { end(): void } }) => response.writeHead(503).end();
      server.answers.set("/packer-plugin-one/index.json", [broken, broken, broken]);
      assert.is((await install("github.com/hashicorp/one", "> 1")).plugin.version, "9.0.0");
      await server.add({ repository: "other/three", version: "3.0.0", layout: "hashicorp" });
      await rejects(install("github.com/other/three"), { code: "TPK4007" });
    },
  ));

test("what cannot be had says what there is instead", () =>
  onMachine(
    [
      { ...acme, version: "1.0.0" },
      { repository: "acme/else", version: "1.0.0", platforms: ["plan9_mips", "beos_ppc"] },
    ],
    async ({ install }) => {
      const hint = (text: RegExp) => (error: unknown) => text.test(error instanceof Error && "hint" in error ? String(error.hint) : "");
      for (const [source, constraint, expected] of [
        ["github.com/acme/acme", "> 1", /The newest release at .* is 1\.0\.0\./],
        ["github.com/acme/gone", "", /does not have it/],
        ["github.com/acme/else", "", new RegExp(`Version 1\\.0\\.0 has no archive for ${platform}, only for beos_ppc, plan9_mips\\.`)],
        ["gitlab.com/acme/acme", "", /TSPACK_PLUGIN_MIRROR=gitlab\.com=URL/],
      ] as const) {
        const error = await install(source, constraint).catch((reason: unknown) => reason);
        assert.ok(hint(expected)(error), `${source}: ${String(error)}`);
      }
    },
  ));

test("the token goes to the API of GitHub alone, also when that redirects", () =>
  onMachine([{ ...acme, version: "1.0.0" }], async ({ install, server, options }) => {
    const api = await releaseServer();
    try {
      const tags = "/repos/acme/packer-plugin-acme/git/matching-refs/tags";
      api.answers.set(tags, [(_, response) => response.writeHead(302, { location: `${server.url}${tags}` }).end()]);
      const sites = { releases: server.url, gitHub: server.url, gitHubApi: api.url };
      const environment = { ...options.environment, PACKER_GITHUB_API_TOKEN: "t0ken" };
      await installPlugin({ address: parsePluginAddress("github.com/acme/acme"), conditions: [] }, { ...options, sites, environment });
      assert.equal(api.tokens, ["Bearer t0ken"]);
      assert.equal([...new Set(server.tokens)], [undefined]);
      await install("github.com/acme/acme", "", { TSPACK_PLUGIN_MIRROR: server.url, PACKER_GITHUB_API_TOKEN: "t0ken" });
      assert.equal([...new Set(server.tokens)], [undefined], "nor to a mirror");
    } finally {
      await api.close();
    }
  }));

test("a token that is not accepted is said to be the reason", () =>
  onMachine([{ ...acme, version: "1.0.0" }], async ({ install, server }) => {
    server.answers.set("/repos/acme/packer-plugin-acme/git/matching-refs/tags", [(_, response) => response.writeHead(401).end()]);
    const error = await install("github.com/acme/acme", "", { PACKER_GITHUB_API_TOKEN: "0ld" }).catch((reason: unknown) => reason);
    assert.match(String(error instanceof Error && error.message), /does not accept the token: the server answered 401/);
    assert.not.match(String(error), /0ld/);
    assert.is(server.requests.length, 1);
  }));

test("INS-07: a rate limit says when to try again and which token helps; a short one is waited for", () =>
  onMachine([{ ...acme, version: "1.0.0" }], async ({ install, server }) => {
    const tags = "/repos/acme/packer-plugin-acme/git/matching-refs/tags";
    const reset = String(Math.floor(Date.now() / 1000) + 1800);
    server.answers.set(tags, [
      (_, response) => response.writeHead(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset }).end(),
    ]);
    const error = await install("github.com/acme/acme").catch((reason: unknown) => reason);
    assert.ok(error instanceof Error && "hint" in error);
    assert.match(error.message, /refuses more requests for now: the server answered 403/);
    assert.match(String(error.hint), /^Try again in 30 minutes, at 20.* A GitHub token in PACKER_GITHUB_API_TOKEN/);
    assert.is(server.requests.length, 1);
    server.answers.set(tags, [(_, response) => response.writeHead(429, { "retry-after": "3600" }).end()]);
    const second = await install("github.com/acme/acme", "", { PACKER_GITHUB_API_TOKEN: "t0ken" }).catch((reason: unknown) => reason);
    assert.match(String(second instanceof Error && "hint" in second && second.hint), /in 60 minutes.*has used up its requests/);
    server.answers.set(tags, [(_, response) => response.writeHead(429, { "retry-after": "0" }).end()]);
    assert.is((await install("github.com/acme/acme")).status, "installed");
  }));

test("answers with an ETag are asked for again only when they have changed", () =>
  onMachine([{ ...acme, version: "1.0.0" }], async ({ install, server, options }) => {
    await install("github.com/acme/acme");
    const tags = "/repos/acme/packer-plugin-acme/git/matching-refs/tags";
    const conditional: string[] = [];
    server.answers.set(tags, [
      (request, response) => {
        conditional.push(String(request.headers["if-none-match"]));
        response.writeHead(304).end();
      },
    ]);
    assert.is((await install("github.com/acme/acme")).plugin.version, "1.0.0");
    assert.match(conditional[0] ?? "", /^"[0-9a-f]{16}"$/);
    await server.add({ ...acme, version: "1.1.0" });
    assert.is((await install("github.com/acme/acme")).plugin.version, "1.1.0");
    const cache = join(options.environment.PACKER_CACHE_DIR ?? "", "plugins");
    assert.equal(readdirSync(join(cache, "archives")), [], "archives are not kept");
    for (const name of readdirSync(join(cache, "published"))) writeFileSync(join(cache, "published", name), "{ broken");
    assert.is((await install("github.com/acme/acme")).plugin.version, "1.1.0");
  }));

test("a list of checksums that others could have put into a shared cache is not believed, whatever its ETag", () =>
  onMachine([{ ...acme, version: "1.0.0" }], async ({ install, options, plugins }) => {
    const { plugin } = await install("github.com/acme/acme");
    const digest = sha256(readFileSync(plugin.file));
    const published = join(options.environment.PACKER_CACHE_DIR ?? "", "plugins/published");
    for (const name of readdirSync(published)) {
      const entry = JSON.parse(readFileSync(join(published, name), "utf8"));
      const forged = Buffer.from(entry.base64, "base64")
        .toString()
        .replaceAll(/^[0-9a-f]{64}/gm, "0".repeat(64));
      writeFileSync(join(published, name), JSON.stringify({ ...entry, base64: Buffer.from(forged).toString("base64") }));
      chmodSync(join(published, name), 0o666);
    }
    rmSync(join(plugins, "github.com"), { recursive: true });
    const again = await install("github.com/acme/acme");
    assert.is(again.status, "installed");
    assert.is(sha256(readFileSync(again.plugin.file)), digest);
  }));

test("proxy variables are followed, for lists and archives", () =>
  onMachine([{ ...acme, version: "1.0.0" }], async ({ options, server }) => {
    const asked: string[] = [];
    const proxy = await testServer((request, response) => {
      asked.push(request.url ?? "");
      response.end(server.files.get(new URL(request.url ?? "").pathname));
    });
    try {
      const site = "http://github.test";
      const environment = { ...options.environment, HTTP_PROXY: proxy.url };
      const request = { address: parsePluginAddress("github.com/acme/acme"), conditions: [] };
      const sites = { releases: site, gitHubApi: site, gitHub: site };
      assert.is((await installPlugin(request, { ...options, environment, sites })).status, "installed");
      assert.equal(
        asked.map((url) => url.replace(site, "").split("/").at(-1)),
        ["tags", "packer-plugin-acme_v1.0.0_SHA256SUMS", archivePath.split("/").at(-1)],
      );
      assert.equal(server.requests, []);
    } finally {
      await proxy.close();
    }
  }));

test("a download that breaks off, or a server that is out of order for a while, is tried again", () =>
  onMachine([{ ...acme, version: "1.0.0" }], async ({ install, server, logged }) => {
    const whole = server.files.get(archivePath) ?? Buffer.alloc(0);
    server.answers.set(archivePath, [
      (_, response) => response.writeHead(500).end(),
      (_, response) => {
        response.writeHead(200, { "content-length": whole.length });
        response.write(whole.subarray(0, 100), () => response.destroy());
      },
    ]);
    server.answers.set("/repos/acme/packer-plugin-acme/git/matching-refs/tags", [(_, response) => response.writeHead(502).end()]);
    assert.is((await install("github.com/acme/acme")).status, "installed");
    assert.is(logged.length, 3, logged.join("\n"));
  }));

test("mirrors: either layout over HTTP, for all plugins or for some, and a folder of archives", () =>
  onMachine([], async ({ install, server, options }) => {
    const mirror = await releaseServer(
      { repository: "hashicorp/one", version: "1.0.0", layout: "hashicorp" },
      { repository: "acme/two", version: "2.0.0" },
      { repository: "any/three", version: "3.0.0", layout: "hashicorp" },
    );
    try {
      const all = { TSPACK_PLUGIN_MIRROR: `${mirror.url}/` };
      assert.is((await install("github.com/hashicorp/one", "", all)).plugin.version, "1.0.0");
      assert.is((await install("github.com/acme/two", "", all)).plugin.version, "2.0.0");
      await rejects(install("github.com/any/three", "", all), { message: /no release of/ });
      const named = { TSPACK_PLUGIN_MIRROR: `http://127.0.0.1:9/nowhere, example.com/any=${mirror.url}` };
      assert.is((await install("example.com/any/three", "", named)).plugin.version, "3.0.0");
      assert.equal(server.requests, [], "the public places are not asked");
      for (const [path, content] of mirror.files) {
        const target = join(options.workingDirectory, "copies", path);
        mkdirSync(join(target, ".."), { recursive: true });
        writeFileSync(target, content);
      }
      const folder = { TSPACK_PLUGIN_MIRROR: "copies", PACKER_PLUGIN_PATH: join(options.workingDirectory, "elsewhere") };
      assert.is((await install("github.com/acme/two", "", folder)).status, "installed");
      assert.is((await install("github.com/any/three", "", folder)).status, "installed");
      assert.ok(existsSync(join(options.workingDirectory, "copies/packer-plugin-three/3.0.0")), "archives of the user's stay");
    } finally {
      await mirror.close();
    }
  }));

test("two that want the same plugin download it once", () =>
  onMachine([{ ...acme, version: "1.0.0" }], async ({ install, server }) => {
    const outcomes = await Promise.all([install("github.com/acme/acme"), install("github.com/acme/acme")]);
    assert.equal(outcomes.map(({ status }) => status).sort(), ["installed", "present"]);
    assert.is(server.requests.filter((request) => request.includes(".zip")).length, 1);
  }));

test("a cancelled download leaves nothing that is in the way of the next", () =>
  onMachine([{ ...acme, version: "1.0.0" }], async ({ install, server, options, plugins }) => {
    const whole = server.files.get(archivePath) ?? Buffer.alloc(0);
    const controller = new AbortController();
    server.answers.set(archivePath, [
      (_, response) => {
        response.writeHead(200, { "content-length": whole.length });
        response.write(whole.subarray(0, 100), () => controller.abort("an interrupt"));
      },
    ]);
    const request = { address: parsePluginAddress("github.com/acme/acme"), conditions: [] };
    await rejects(installPlugin(request, { ...options, signal: controller.signal }), { code: "TPK6009" });
    assert.equal(readdirSync(plugins), []);
    assert.is((await install("github.com/acme/acme")).status, "installed");
  }));

test("what an interrupted installation has left is swept away by the next", () =>
  onMachine([{ ...acme, version: "1.0.0" }], async ({ install, plugins }) => {
    mkdirSync(join(plugins, ".tspack-staging-dead"));
    writeFileSync(join(plugins, ".tspack-staging-dead", "packer-plugin-acme"), "half");
    await install("github.com/acme/acme");
    assert.equal(readdirSync(plugins), ["github.com"]);
  }));

test("lists of checksums: two fields, ended by a newline, of archives of this version alone", () => {
  const digest = "aB".repeat(32);
  const version = parseVersion("1.0.0");
  assert.ok(version);
  const text = [
    `${digest}  packer-plugin-x_v1.0.0_x5.0_linux_amd64.zip`,
    `${digest}  packer-plugin-x_1.0.0_darwin_arm64.zip`,
    `${digest}  packer-plugin-x_v1.0.0_manifest.json`,
    `${digest}  packer-plugin-x_v1.0.1_x5.0_linux_arm64.zip`,
    `${digest}  ../packer-plugin-x_v1.0.0_x5.0_linux_arm64.zip`,
    `${digest}  packer-plugin-x_v1.0.0_x5.0_linux_386.zip more`,
    `${digest.slice(1)}  packer-plugin-x_v1.0.0_x5.0_linux_s390x.zip`,
    `${digest}  packer-plugin-x_v1.0.0_x5.0_openbsd_amd64.zip`,
  ].join("\n");
  assert.equal(
    parsePublishedSums(text, "x", { text: "1.0.0", version }).map(({ platform: one, api, sha256: sum }) => [one, api, sum]),
    [
      ["linux_amd64", "x5.0", digest.toLowerCase()],
      ["darwin_arm64", undefined, digest.toLowerCase()],
    ],
  );
});

test.run();
