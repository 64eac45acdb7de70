// A new user's plugin: made, checked, tested, bundled, run by both tools, debugged, released, and installed from the release.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findLabProgram, lab, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { program, tspack } from "./support/tspack.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const parent = tmp("new");
const folder = join(parent, "packer-plugin-hello");
const unixTest = lab(test, "linux");
const packerTest = lab(test, "linux", "packer");

interface Settings {
  readonly env?: { readonly [name: string]: string };
  readonly cwd?: string;
}

/** Runs a program in the project; its library is the one of the sources. Returns what it printed. */
function run(file: string, words: readonly string[], settings: Settings = {}): string {
  const { status, stdout, stderr } = start(file, words, settings);
  assert.is(status, 0, `${file} ${words.join(" ")}\n${stdout}\n${stderr}`);
  return stdout;
}

function start(file: string, words: readonly string[], { env = {}, cwd = folder }: Settings) {
  const { PACKER_LOG: _, NODE_TEST_CONTEXT: __, ...inherited } = process.env;
  return spawnSync(file, words, {
    cwd,
    encoding: "utf8",
    timeout: 300_000,
    env: { ...inherited, NODE_OPTIONS: "--conditions=source", PACKER_CACHE_DIR: tmp("cache"), ...env },
  });
}

/** Runs a script of the project's package.json, as `npm run` does. */
function script(name: string, ...words: readonly string[]): string {
  const { scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return run("/bin/sh", ["-ec", [scripts[name], ...words].join(" ")], {
    env: { PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}` },
  });
}

/** The bundled file's name for this platform. */
function bundled(): string {
  const found = readdirSync(join(folder, "dist")).filter((name) => /^packer-plugin-hello_v0\.1\.0_x5\.0_[a-z]+_[a-z0-9]+$/.test(name));
  assert.is(found.length, 1, String(found));
  return found[0] ?? "";
}

function note(cwd = folder): string {
  return readFileSync(join(cwd, "output/note.txt"), "utf8");
}

test("names that cannot be, folders that are taken and missing words are told with what to do", async () => {
  const cwd = tmp("cwd");
  mkdirSync(join(cwd, "packer-plugin-taken/src"), { recursive: true });
  writeFileSync(join(cwd, "packer-plugin-taken/src/main.ts"), "");
  writeFileSync(join(cwd, "packer-plugin-text"), "");
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["plugin"], /what is the plugin called\?.*tspack new plugin hello/i],
    [["plugin", "My_Plugin"], /cannot be called "My_Plugin".*tspack new plugin my-plugin/i],
    [["plugin", "a--b"], /cannot be called "a--b"/],
    [["plugin", "null"], /there is a builder called "null" already.*my-null/i],
    [["plugin", "taken"], /packer-plugin-taken has src\/main\.ts already.*Nothing was written/i],
    [["plugin", "packer-plugin-taken"], /packer-plugin-taken has src\/main\.ts already/],
    [["plugin", "./packer-plugin-text"], /is a file/],
    [["plugn", "hello"], /there is no template "plugn".*plugin/i],
    [["-template=plugin", "a", "b"], /"b" is one word too many/],
  ];
  for (const [words, message] of cases) {
    const { code, stderr } = await tspack(["new", ...words], { cwd });
    assert.is(code, 1, words.join(" "));
    assert.match(stderr.replace(/\s+/g, " "), message);
  }
  assert.equal(readdirSync(cwd), ["packer-plugin-taken", "packer-plugin-text"]);
});

unixTest("new plugin NAME makes a project that passes the compiler and its own tests, and runs from its source", async () => {
  const { code, stdout, stderr } = await tspack(["new", "plugin", "hello"], { cwd: parent });
  assert.is(code, 0, stderr);
  assert.match(stdout, /packer-plugin-hello\/\.github\/workflows\/release\.yml\n/);
  assert.match(stdout, /cd packer-plugin-hello\n {2}npm install\n {2}npm run dev\n$/);
  // What `npm install` would put there.
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--customConditions", "source"]);
  assert.not.match(readFileSync(join(folder, "README.md"), "utf8"), /acme/);
  script("test");
  assert.match(script("dev"), /stamped: checked/);
  assert.is(note(), "written by hello\nchecked\n");
  assert.match(run(process.execPath, [program, "plugin", "inspect", "."]), /provisioner hello-stamp \(listened at a socket\)/);
  script("types");
  assert.match(readFileSync(join(folder, "dist/types.d.ts"), "utf8"), /interface Provisioners \{\s+"hello-stamp": HelloStampConfig/);
});

unixTest("its bundle is one executable with its checksum, which is installed and runs under tspack", () => {
  const bundler = join(folder, "scripts/bundle.ts");
  writeFileSync(bundler, readFileSync(bundler, "utf8").replace("bundle: true,", 'bundle: true, conditions: ["source"],'));
  script("bundle");
  const file = join(folder, "dist", bundled());
  const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
  assert.is(readFileSync(`${file}_SHA256SUM`, "utf8"), digest);
  const plugins = tmp("plugins");
  const cwd = elsewhere();
  const env = { PACKER_PLUGIN_PATH: plugins };
  run(process.execPath, [program, "plugins", "install", "-path", file, "github.com/you/hello"], { env, cwd });
  assert.match(run(process.execPath, [program, "run"], { env, cwd }), /stamped: checked/);
  assert.is(note(cwd), "written by hello\nchecked\n");
});

packerTest("its bundle runs under Packer", () => {
  const cwd = tmp("packer");
  for (const name of ["packer-builder-hello", "packer-provisioner-hello-stamp"])
    copyFileSync(join(folder, "dist", bundled()), join(cwd, name));
  const builders = [{ type: "hello", target: "output/note.txt", text: "by Packer" }];
  writeFileSync(join(cwd, "t.json"), JSON.stringify({ builders, provisioners: [{ type: "hello-stamp", label: "{{build `ID`}}" }] }));
  run(findLabProgram("packer") ?? "packer", ["build", "t.json"], { env: { PACKER_CONFIG_DIR: cwd, CHECKPOINT_DISABLE: "1" }, cwd });
  assert.is(note(cwd), "by Packer\noutput/note.txt\n");
});

unixTest("its release is installed from a folder and from a server that plays GitHub, and runs", async () => {
  assert.match(script("release", "v0.1.0"), /packer-plugin-hello_v0\.1\.0_SHA256SUMS\n$/);
  const release = join(folder, "dist/release");
  const server = createServer(({ url = "" }, response) => {
    const name = url.split("/").at(-1) ?? "";
    if (url.includes("matching-refs")) response.end('[{ "ref": "refs/tags/v0.1.0" }]');
    else if (/^packer-plugin-[\w.-]+$/.test(name) && existsSync(join(release, name))) response.end(readFileSync(join(release, name)));
    else response.writeHead(404).end();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    for (const mirror of [release, `http://127.0.0.1:${port}`]) {
      const cwd = elsewhere();
      const env = {
        PACKER_PLUGIN_PATH: tmp("plugins"),
        NODE_OPTIONS: "--conditions=source",
        TSPACK_PLUGIN_MIRROR: mirror,
        PACKER_CACHE_DIR: tmp("cache"),
      };
      const installed = await tspack(["plugins", "install", "github.com/you/hello"], { cwd, env });
      assert.is(installed.code, 0, `${mirror}\n${installed.stderr}`);
      const ran = await tspack(["run"], { cwd, env });
      assert.is(ran.code, 0, ran.stdout);
      assert.is(note(cwd), "written by hello\nchecked\n");
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
  const wrong = start(process.execPath, ["--import", "tsx", "scripts/release.ts", "v9.9.9"], {});
  assert.is(wrong.status, 1);
  assert.match(wrong.stderr, /The tag is v9\.9\.9, and src\/plugin\.ts says 0\.1\.0/);
});

lab(
  test,
  "linux",
  "gpg",
)("a release that is signed is installed where its key is trusted", async () => {
  const home = join(tmp("g"), "h");
  mkdirSync(home, { mode: 0o700 });
  const env = { GNUPGHOME: home, GPG_KEY: "me@example.org", GPG_PASSPHRASE: "open" };
  const key = join(home, "key.asc");
  try {
    const unlocked = ["--batch", "--pinentry-mode", "loopback", "--passphrase", "open"];
    run("gpg", [...unlocked, "--quick-generate-key", "me@example.org", "ed25519", "sign"], { env });
    run("gpg", ["--batch", "--armor", "--output", key, "--export", "me@example.org"], { env });
    assert.match(run(process.execPath, ["--import", "tsx", "scripts/release.ts"], { env }), /_SHA256SUMS\.sig\n$/);
    const words = ["plugins", "install", "-require-signed", "-trusted-key", key, "github.com/you/hello"];
    const settings = {
      TSPACK_PLUGIN_MIRROR: join(folder, "dist/release"),
      PACKER_PLUGIN_PATH: tmp("plugins"),
      PACKER_CACHE_DIR: tmp("cache"),
    };
    const { code, stdout, stderr } = await tspack(words, { cwd: tmp("user"), env: settings });
    assert.is(code, 0, stderr);
    assert.match(stdout, /Installed plugin github\.com\/you\/hello v0\.1\.0/);
  } finally {
    run("gpgconf", ["--kill", "gpg-agent"], { env });
  }
});

/** The project's program in another folder, where the plugin is none of its own. */
function elsewhere(): string {
  const cwd = tmp("user");
  mkdirSync(join(cwd, "node_modules"));
  symlinkSync(join(root, "node_modules/tspack"), join(cwd, "node_modules/tspack"));
  copyFileSync(join(folder, "image.ts"), join(cwd, "image.ts"));
  return cwd;
}

test.run();
