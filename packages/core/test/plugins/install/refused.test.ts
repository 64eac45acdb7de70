// Releases that are not what they should be, and places that send something else.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parsePluginAddress } from "../../../src/plugins/install/address.ts";
import { installPlugin } from "../../../src/plugins/install/install-plugin.ts";
import { testServer } from "../../download/test-server.ts";
import { fakePlugin } from "./fake-plugin.ts";
import { acme, archivePath, holdsNothing, onMachine, sumsPath } from "./install-machine.ts";
import { type FakeRelease, platform, type ReleaseServer, type Responder, sha256, zipOf } from "./release-server.ts";

test("checksums do not come over http where https was asked for", () =>
  onMachine([{ ...acme, version: "1.0.0" }], async ({ options, server, plugins }) => {
    const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url));
    const identity = { key: readFileSync(fixture("key.pem")), cert: readFileSync(fixture("certificate.pem")) };
    const secure = await testServer(
      (request, response) => response.writeHead(302, { location: `${server.url}${request.url}` }).end(),
      createHttpsServer(identity),
    );
    try {
      const sites = { releases: server.url, gitHubApi: server.url, gitHub: `https://127.0.0.1:${secure.port}` };
      const environment = { ...options.environment, SSL_CERT_FILE: fixture("certificate.pem") };
      const request = { address: parsePluginAddress("github.com/acme/acme"), conditions: [] };
      await rejects(installPlugin(request, { ...options, environment, sites }), {
        message: /SHA256SUMS.* it redirects to http:\S+, which is not https/,
      });
      assert.ok(holdsNothing(plugins));
    } finally {
      await secure.close();
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

test.run();
