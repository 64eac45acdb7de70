// Downloading releases from places that work, and from places that do not.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parsePluginAddress } from "../../../src/plugins/install/address.ts";
import { requireConstraint } from "../../../src/plugins/install/constraint.ts";
import { type InstallOutcome, installPlugin } from "../../../src/plugins/install/install-plugin.ts";
import { parsePublishedSums } from "../../../src/plugins/install/published-sums.ts";
import type { SourceOptions } from "../../../src/plugins/install/sources.ts";
import { parseVersion } from "../../../src/plugins/version.ts";
import { testServer } from "../../download/test-server.ts";
import { fakePlugin } from "./fake-plugin.ts";
import { type FakeRelease, platform, type ReleaseServer, type Responder, releaseServer, sha256, zipOf } from "./release-server.ts";

const { signal } = new AbortController();

interface Machine {
  readonly server: ReleaseServer;
  readonly plugins: string;
  readonly options: SourceOptions;
  readonly logged: string[];
  /** Installs the newest version that fits. */
  install(source: string, constraint?: string, environment?: { readonly [name: string]: string }): Promise<InstallOutcome>;
}

/** An empty machine whose public places are a server with these releases. */
async function onMachine(releases: readonly FakeRelease[], body: (machine: Machine) => Promise<void>): Promise<void> {
  const server = await releaseServer(...releases);
  const work = tmp("releases");
  const plugins = join(work, "plugins");
  mkdirSync(plugins);
  const logged: string[] = [];
  const environment = { PACKER_PLUGIN_PATH: plugins, PACKER_CACHE_DIR: join(work, "cache"), HOME: work, PATH: process.env.PATH };
  const sites = { releases: server.url, gitHubApi: server.url, gitHub: server.url };
  const options: SourceOptions = {
    environment,
    workingDirectory: work,
    signal,
    log: (text) => logged.push(text),
    sites,
    attempts: 3,
    firstDelayMs: 1,
  };
  const install: Machine["install"] = (source, constraint = "", more = {}) =>
    installPlugin(
      { address: parsePluginAddress(source), conditions: requireConstraint(constraint), upgrade: true },
      { ...options, environment: { ...environment, ...more } },
    );
  try {
    await within(30_000, () => body({ server, plugins, options, logged, install }));
  } finally {
    await server.close();
  }
}

/** Nothing but folders is in the plugin folder. */
function holdsNothing(folder: string): boolean {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).every((entry) => entry.isDirectory());
}

const acme = { repository: "acme/acme" } as const;

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

test("entries of an archive that lead out of it are left alone", () =>
  onMachine([{ ...acme, version: "1.0.0" }], async ({ install, server, plugins, options }) => {
    const name = `packer-plugin-acme_v1.0.0_x5.0_${platform}`;
    const archive = await zipOf(name, fakePlugin({ version: "1.0.0" }));
    // Both names of the other file are as long as this one.
    for (let at = archive.indexOf("README.md"); at >= 0; at = archive.indexOf("README.md")) archive.write("../evil.x", at);
    server.files.set(archivePath, archive);
    server.files.set(sumsPath, Buffer.from(`${sha256(archive)}  ${archivePath.split("/").at(-1)}\n`));
    assert.is((await install("github.com/acme/acme")).status, "installed");
    const all = readdirSync(options.workingDirectory, { recursive: true, encoding: "utf8" });
    assert.not.ok(all.some((path) => path.includes("evil")));
    assert.equal(readdirSync(join(plugins, "github.com/acme/acme")), [name, `${name}_SHA256SUM`]);
  }));

const sumsPath = "/acme/packer-plugin-acme/releases/download/v1.0.0/packer-plugin-acme_v1.0.0_SHA256SUMS";
const archivePath = `/acme/packer-plugin-acme/releases/download/v1.0.0/packer-plugin-acme_v1.0.0_x5.0_${platform}.zip`;

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

/** The archive with an entry made a symbolic link. */
function asLink(archive: Buffer, name: string): Buffer {
  const entry = archive.lastIndexOf(Buffer.from(name)) - 46;
  archive.writeUInt32LE(0o120777 * 65536, entry + 38);
  return archive;
}

test("INS-04, INS-08: what is not as published is refused before it runs, and nothing of it is installed", async () => {
  const ran = join(tmp("ran"), "ran");
  const evil = `#!/bin/sh\ntouch ${ran}\n`;
  const name = `packer-plugin-acme_v1.0.0_x5.0_${platform}`;
  /** Serves another archive, and a list of checksums that vouches for it. */
  const serve = (server: ReleaseServer, archive: Buffer): void => {
    server.files.set(archivePath, archive);
    server.files.set(sumsPath, Buffer.from(`${sha256(archive)}  ${archivePath.split("/").at(-1)}\n`));
  };
  const cases: readonly (readonly [string, FakeRelease, (server: ReleaseServer) => unknown, RegExp])[] = [
    [
      "other bytes",
      { ...acme, version: "1.0.0" },
      async (server) => server.files.set(archivePath, await zipOf(name, evil)),
      /checksum of .* is wrong/,
    ],
    ["a longer name", { ...acme, version: "1.0.0", entry: `bin/${name}` }, () => undefined, /does not hold packer-plugin-acme_v1\.0\.0/],
    [
      "a page that asks to sign in, instead of the archive",
      { ...acme, version: "1.0.0" },
      (server) => server.files.set(archivePath, Buffer.from("<html>sign in</html>")),
      /checksum of .* is wrong/,
    ],
    [
      "a page instead of the list",
      { ...acme, version: "1.0.0" },
      (server) => server.files.set(sumsPath, Buffer.from("<html>\nsign in\n</html>\n")),
      /no release of/,
    ],
    [
      "a list without this archive",
      { ...acme, version: "1.0.0" },
      (server) => server.files.set(sumsPath, Buffer.from(`${"0".repeat(64)}  packer-plugin-acme_v1.0.0_x5.0_plan9_mips.zip\n`)),
      /no release of/,
    ],
    [
      "a list without end",
      { ...acme, version: "1.0.0" },
      (server) => server.files.set(sumsPath, Buffer.alloc(17 * 1024 * 1024, "0")),
      /SHA256SUMS could not be read: the answer is too large/,
    ],
    [
      "redirects in a circle",
      { ...acme, version: "1.0.0" },
      (server) => {
        const around: Responder = (_, response) => {
          server.answers.get(sumsPath)?.push(around);
          response.writeHead(302, { location: sumsPath }).end();
        };
        server.answers.set(sumsPath, [around]);
      },
      /redirects/,
    ],
    [
      "a link instead of the executable",
      { ...acme, version: "1.0.0" },
      async (server) => serve(server, asLink(await zipOf(name, "/bin/sh"), name)),
      /is not a plain file/,
    ],
    [
      "not a zip",
      { ...acme, version: "1.0.0" },
      (server) => serve(server, Buffer.from("hello")),
      /zip archive cannot be used: it has no directory/,
    ],
    [
      "half a zip",
      { ...acme, version: "1.0.0" },
      async (server) => serve(server, (await zipOf(name, evil)).subarray(0, -40)),
      /zip archive cannot be used/,
    ],
    ["another version", { ...acme, version: "1.0.0", says: "1.0.1" }, () => undefined, /published as 1\.0\.0 and says that it is 1\.0\.1/],
    ["a pre-release", { ...acme, version: "1.0.0", says: "1.0.0-dev" }, () => undefined, /says that it is 1\.0\.0-dev, a pre-release/],
    ["no sums", { ...acme, version: "1.0.0" }, (server) => server.files.delete(sumsPath), /no release of/],
    [
      "a cut list",
      { ...acme, version: "1.0.0" },
      (server) => server.files.set(sumsPath, Buffer.from(`${"0".repeat(64)}  ${archivePath.split("/").at(-1)}`)),
      /no release of/,
    ],
    [
      "no tags",
      { ...acme, version: "1.0.0" },
      (server) => server.files.set("/repos/acme/packer-plugin-acme/git/matching-refs/tags", Buffer.from("<html>")),
      /did not answer with a list of tags/,
    ],
  ];
  for (const [what, release, change, message] of cases) {
    await onMachine([release], async ({ install, server, plugins }) => {
      await change(server);
      await rejects(install("github.com/acme/acme"), { message });
      assert.ok(holdsNothing(plugins), what);
    });
  }
  assert.not.ok(existsSync(ran));
});

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
