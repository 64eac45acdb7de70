// Installing plugins with several processes, killed ones, without network, and signed: the program as it is installed.
import { once } from "node:events";
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmp, within } from "@tspack/test-support";
import { createMessage, generateKey, sign } from "openpgp";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { platform, type ReleaseServer, sha256 } from "../../../core/test/plugins/install/release-server.ts";
import { finish, startTspack, tspack } from "../support/tspack.ts";
import { source, withMirror, writeProgram } from "./plugin-project.ts";

const install = ["plugins", "install", source];
const folder = "/acme/packer-plugin-acme/releases/download/v1.1.0";
const archive = `${folder}/packer-plugin-acme_v1.1.0_x5.0_${platform}.zip`;
const list = `${folder}/packer-plugin-acme_v1.1.0_SHA256SUMS`;

function archiveRequests({ requests }: ReleaseServer): number {
  return requests.filter((request) => request.includes(archive)).length;
}

test("two processes that want the same plugin download it once: the second waits for the first", () =>
  withMirror(async ({ options, server, cwd, run }) => {
    // The archive is sent once the other process says that it waits.
    const { promise: waiting, resolve: isWaiting } = openPromise();
    server.answers.set(archive, [
      (_, response) => {
        void waiting.then(() => response.end(server.files.get(archive)));
      },
    ]);
    const children = [startTspack(install, options), startTspack(install, options)];
    for (const child of children) {
      let text = "";
      child.stderr.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes("another process installs plugins")) isWaiting();
      });
    }
    const results = await within(180_000, () => Promise.all(children.map((child) => finish(child))));
    assert.equal(
      results.map(({ code }) => code),
      [0, 0],
      results.map(({ stderr }) => stderr).join("\n"),
    );
    assert.is(archiveRequests(server), 1);
    assert.is(results.filter(({ stdout }) => stdout.startsWith("Installed plugin")).length, 1);
    assert.equal(readdirSync(join(cwd, "plugins")), ["github.com"]);
    assert.is((await run("plugins", "verify")).code, 0);
  }));

test("a process that is killed in the middle of a download leaves nothing half, and is in nobody's way", () =>
  withMirror(async ({ options, server, cwd, run }) => {
    const whole = server.files.get(archive) ?? Buffer.alloc(0);
    const child = startTspack(install, options);
    server.answers.set(archive, [
      (_, response) => {
        response.writeHead(200, { "content-length": whole.length });
        response.write(whole.subarray(0, 100), () => child.kill("SIGKILL"));
      },
    ]);
    await within(180_000, () => once(child, "close"));
    assert.is(child.signalCode, "SIGKILL");
    assert.equal((await run("plugins", "installed")).stdout, "");
    const left = readdirSync(join(cwd, "plugins"));
    assert.ok(left.includes(".tspack-install.lock"), "its lock is left");
    const again = await run(...install);
    assert.is(again.code, 0, again.stderr);
    assert.match(again.stdout, /^Installed plugin/);
    assert.equal(readdirSync(join(cwd, "plugins")), ["github.com"]);
    assert.equal(readdirSync(join(cwd, "cache/plugins/archives")), []);
  }));

test("vendor copies for the systems that are named; another machine then needs no network, and nothing is written there", () =>
  withMirror(async ({ server, cwd, run }) => {
    assert.is((await run("init")).code, 0);
    const unknown = await run("plugins", "vendor", "-platform=plan9_mips,beos_ppc", "copies");
    assert.is(unknown.code, 1);
    assert.match(flat(unknown.stderr), new RegExp(`1\\.1\\.0 has no archive for beos_ppc.*archives for .*${platform}`));
    assert.not.ok(existsSync(join(cwd, "copies")));
    for (const words of [
      ["-all", "-platform=linux_arm64", "copies"],
      ["-platform=Linux", "copies"],
    ])
      assert.is((await run("plugins", "vendor", ...words)).code, 1, words.join(" "));

    const { code, stdout, stderr } = await run("plugins", "vendor", `-platform=${platform},plan9_mips`, "copies");
    assert.is(code, 0, stderr);
    const files = stdout.trimEnd().split("\n");
    const stem = join(cwd, "copies", source, "packer-plugin-acme_v1.1.0_x5.0_");
    assert.equal(files, [`${stem}${platform}`, `${stem}plan9_mips`]);
    const locked = JSON.parse(readFileSync(join(cwd, "tspack.lock"), "utf8")).plugins[source];
    for (const one of [platform, "plan9_mips"]) {
      const digest = sha256(readFileSync(`${stem}${one}`));
      assert.is(readFileSync(`${stem}${one}_SHA256SUM`, "utf8"), digest);
      assert.is(locked.binaries[one], digest, "the lock file knows what the other system has to find");
    }
    const all = await run("plugins", "vendor", "-all", "all");
    assert.equal(readdirSync(join(cwd, "all", source)), readdirSync(join(cwd, "copies", source)), all.stderr);

    await server.close();
    const other = tmp("other");
    for (const name of ["image.ts", "tspack.lock"]) writeFileSync(join(other, name), readFileSync(join(cwd, name)));
    const plugins = join(cwd, "copies");
    const env = { PACKER_PLUGIN_PATH: plugins, PACKER_CACHE_DIR: join(other, "cache"), TSPACK_PLUGIN_MIRROR: server.url };
    // Somebody else holds the lock: who writes nothing does not wait.
    writeFileSync(join(plugins, ".tspack-install.lock"), "{}");
    for (const words of [["init"], ["init", "-frozen"]]) {
      const offline = await tspack(words, { cwd: other, env });
      assert.is(offline.code, 0, offline.stderr);
      assert.not.match(offline.stdout + offline.stderr, /Installed plugin|another process|ECONNREFUSED/, words.join(" "));
    }
    assert.is((await tspack(["plugins", "verify"], { cwd: other, env })).code, 0);
  }));

test("trusted_keys of a program and -trusted-key decide what is installed; -require-signed wants one of them", () =>
  withMirror(async ({ server, cwd, run }) => {
    const keyless = await run("init", "-require-signed");
    assert.is(keyless.code, 1);
    assert.match(flat(keyless.stderr), /TPK4009.*no key is trusted/i);
    // An empty list is no leave to trust anybody.
    writeProgram(cwd, ", trusted_keys: []");
    assert.match(flat((await run("init")).stderr), /TPK4009.*no key is trusted/i);
    const { privateKey, publicKey } = await generateKey({ userIDs: [{ name: "Ann", email: "ann@acme.example" }], format: "object" });
    writeFileSync(join(cwd, "ann.asc"), publicKey.armor());
    writeProgram(cwd, ', trusted_keys: ["ann.asc"]');
    const unsigned = await run("init");
    assert.is(unsigned.code, 1);
    assert.match(flat(unsigned.stderr), /TPK4009.*is not signed.*Ann <ann@acme\.example>, ann\.asc/);
    assert.not.ok(existsSync(join(cwd, "tspack.lock")));
    assert.is(archiveRequests(server), 0);

    const message = await createMessage({ binary: new Uint8Array(server.files.get(list) ?? []) });
    server.files.set(`${list}.sig`, Buffer.from(await sign({ message, signingKeys: privateKey, detached: true, format: "binary" })));
    const signed = await run("init", "-require-signed");
    assert.is(signed.code, 0, signed.stderr);
    assert.match(signed.stdout, /^Installed plugin/);
    const direct = await run("plugins", "install", "-trusted-key=ann.asc", source, "1.0.0");
    assert.match(flat(direct.stderr), /v1\.0\.0_SHA256SUMS of .* is not signed/);
    assert.is((await run("plugins", "install", "-trusted-key=ann.asc", source, "1.1.0")).code, 0);
    assert.match(flat((await run("plugins", "install", "-trusted-key=ann.asc", "-path=x", source)).stderr), /exclude each other/);
  }));

test("a file that was changed after its installation is not run: the message names it and what to do, and init puts it back", () =>
  withMirror(async ({ cwd, run }) => {
    const file = /"(.*)"/.exec((await run(...install)).stdout)?.[1] ?? "";
    assert.is((await run("init")).code, 0);
    writeProgram(cwd, "", "mine");
    const marker = join(cwd, "ran");
    // The first change is seen by its checksum file, the second one, which changes that too, by the lock file.
    appendFileSync(file, `touch ${marker}\n`);
    for (const why of [/_SHA256SUM file was written for; install it again/, /is not the file that tspack\.lock names/]) {
      const { code, stdout, stderr } = await run("validate", ".");
      assert.is(code, 1);
      const text = flat(stdout + stderr);
      assert.match(text, why);
      assert.match(text, /`tspack init` installs it/);
      assert.ok(text.includes(file), text);
      writeFileSync(`${file}_SHA256SUM`, sha256(readFileSync(file)));
    }
    assert.not.ok(existsSync(marker));
    assert.match((await run("init")).stdout, /^Installed plugin/);
    assert.is((await run("plugins", "verify")).code, 0);
  }));

test("init says which plugin packages of npm are not installed, goes on with the rest, and fails", () =>
  withMirror(async ({ cwd, run }) => {
    writeFileSync(join(cwd, "package.json"), JSON.stringify({ devDependencies: { "tspack-plugin-hello": "^1.0.0" } }));
    const { code, stdout, stderr } = await run("init");
    assert.is(code, 1);
    assert.match(
      flat(stderr),
      /The plugin package tspack-plugin-hello, which .*package\.json names, is not installed\. Run `npm install`\./,
    );
    assert.match(stdout, /^Installed plugin/);
  }));

function flat(text: string): string {
  return text.replace(/\s+/g, " ");
}

function openPromise(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let settle: (() => void) | undefined;
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: () => settle?.() };
}

test.run();
