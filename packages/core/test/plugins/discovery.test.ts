// Which plugin a name means, and that nothing runs that was not asked for or is not what it says it is. The plugins are shell scripts.
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installPlugin, rejects, tmp, writeScript } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { pluginCatalog } from "../../src/plugins/catalog.ts";
import { configurationDirectory, pluginDirectories } from "../../src/plugins/directories.ts";
import { isCanonicalVersion, parsePluginFileName } from "../../src/plugins/file-name.ts";
import { parseHandshake } from "../../src/plugins/handshake.ts";
import { readLogLine } from "../../src/plugins/plugin-log.ts";
import { problemsIn } from "../../src/plugins/problems.ts";
import { PluginRegistry, type RegistryOptions } from "../../src/plugins/registry.ts";

const linux = { os: "linux", architecture: "amd64" };

test("names of files say what they are", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["packer-plugin-amazon_v1.2.3_x5.0_linux_amd64", { form: "installed", name: "amazon", version: "1.2.3", api: "x5.0", platform: linux }],
    [
      "packer-plugin-a-b_v1.2.3-dev_x5.1_darwin_arm64",
      { form: "installed", name: "a-b", version: "1.2.3-dev", api: "x5.1", platform: { os: "darwin", architecture: "arm64" } },
    ],
    ["packer-plugin-amazon", { form: "plain", name: "amazon" }],
    ["packer-post-processor-shell-local", { form: "single", kind: "post-processor", type: "shell-local" }],
    ["packer-builder-amazon-ebs", { form: "single", kind: "builder", type: "amazon-ebs" }],
    ["packer-datasource-x", { form: "single", kind: "datasource", type: "x" }],
    ["packer-plugin-amazon_v1.2.3_x5.0_linux_amd64_SHA256SUM", undefined],
    ["packer-plugin-amazon_v1.2.3", undefined],
    ["packer-builder-", undefined],
    ["packer", undefined],
    ["packer-builder-x.sh", undefined],
  ];
  for (const [name, expected] of cases) assert.equal(parsePluginFileName(name, linux), expected, name);
  assert.equal(parsePluginFileName("packer-builder-x.exe", { os: "windows", architecture: "amd64" }), {
    form: "single",
    kind: "builder",
    type: "x",
  });
  assert.is(parsePluginFileName("packer-builder-x", { os: "windows", architecture: "amd64" }), undefined);
  for (const version of ["1.2.3", "0.0.1-dev", "1.0.0-rc.1"]) assert.ok(isCanonicalVersion(version), version);
  for (const version of ["1.2", "01.2.3", "1.2.3+meta", "v1.2.3", "1.2.3.4", ""]) assert.not.ok(isCanonicalVersion(version), version);
});

test("folders follow Packer's variables, and a path list has several", () => {
  const home = tmp("home");
  const workingDirectory = "/work dir";
  const found = (environment: { readonly [name: string]: string }) =>
    pluginDirectories({ environment, workingDirectory }).map(({ path }) => path);
  assert.equal(found({ PACKER_PLUGIN_PATH: "/a:b::/a/", HOME: home }), ["/a", "/work dir/b"]);
  assert.equal(found({ PACKER_CONFIG_DIR: "/c", HOME: home }), ["/c/.packer.d/plugins"]);
  assert.equal(found({ HOME: home, XDG_CONFIG_HOME: "/x" }), ["/x/packer/plugins"]);
  assert.equal(found({ HOME: home }), [join(home, ".config/packer/plugins")]);
  mkdirSync(join(home, ".packer.d"));
  assert.equal(found({ HOME: home, XDG_CONFIG_HOME: "/x" }), [join(home, ".packer.d/plugins")]);
  assert.equal(found({}), []);
  assert.is(configurationDirectory({ PACKER_CONFIG_DIR: "/c" }, "/"), "/c/.packer.d");
  assert.equal(pluginDirectories({ environment: {}, workingDirectory, executableDirectory: "/bin" }), [
    { path: "/bin", hasInstalled: false, hasUnverified: true },
  ]);
});

test("handshakes of three and four fields, Unix and TCP, are read; others are refused with the reason", () => {
  assert.equal(parseHandshake("5|0|unix|/tmp/a b|c".replace("|c", "")), { network: "unix", path: "/tmp/a b" });
  assert.equal(parseHandshake("5|unix|/tmp/x"), { network: "unix", path: "/tmp/x" });
  assert.equal(parseHandshake("5|0|tcp|127.0.0.1:10007"), { network: "tcp", host: "127.0.0.1", port: 10007 });
  assert.equal(parseHandshake("5|0|tcp|[::1]:10007"), { network: "tcp", host: "::1", port: 10007 });
  for (const [line, why] of [
    ["4|0|unix|/tmp/x", /version 4/],
    ["5|1|unix|/tmp/x", /needs version 5\.1/],
    ["5|0|udp|1:2", /no address/],
    ["5|0|tcp|127.0.0.1:99999", /no address/],
    ["hello", /it said "hello"/],
    ["", /it said ""/],
  ] as const) {
    assert.throws(() => parseHandshake(line), why);
  }
});

test("lines of logs lose Go's time and tell their level", () => {
  assert.equal(readLogLine("2026/01/02 03:04:05 [DEBUG] hello"), { level: "debug", text: "hello" });
  assert.equal(readLogLine("2026/01/02 03:04:05.123 hello"), { level: "info", text: "hello" });
  assert.equal(readLogLine("[ERR] bad"), { level: "error", text: "bad" });
  assert.equal(readLogLine("[tag] x"), { level: "info", text: "[tag] x" });
  assert.equal(readLogLine("[NOTE] x"), { level: "info", text: "[NOTE] x" });
});

test("errors of a plugin become single diagnostics at the options they name", () => {
  const spec = {
    options: { iso_url: { type: { kind: "string" }, required: false }, text: { type: { kind: "string" }, required: false } },
  } as const;
  const found = problemsIn(
    "3 error(s) occurred:\n\n* iso_url is wrong\n* unknown configuration key: '\"txt\"'\n* something `text`\n  goes on",
    spec,
  );
  assert.equal(
    found.map(({ code, path, detail }) => [code, path, detail]),
    [
      ["TPK3105", ["iso_url"], "iso_url is wrong."],
      ["TPK3102", ["txt"], 'An argument named "txt" is not expected here.'],
      ["TPK3105", ["text"], "something `text`\n  goes on."],
    ],
  );
  const disk = { kind: "block-list", spec: { options: { size: { type: { kind: "number" }, required: false } } } } as const;
  const [nested, odd] = problemsIn(
    "2 errors occurred:\n\t* unknown configuration key: '\"disk[0].siez\"'\n\t* unknown configuration key: '\"a b.c\"'\n",
    { options: { disk: { type: disk, required: false } } },
  );
  assert.equal(nested?.path, ["disk", 0, "siez"]);
  assert.is(nested?.hint, 'Did you mean "size"?');
  assert.equal(odd?.path, ["a b.c"]);
  const inBlocks = problemsIn('2 errors occurred:\n\t* set iso_files[1].sum. Or not\n\t* "disk[0]" is wrong\n', {
    options: { disk: { type: disk, required: false }, iso_files: { type: disk, required: false } },
  });
  assert.equal(
    inBlocks.map(({ path }) => path),
    [
      ["iso_files", 1, "sum"],
      ["disk", 0],
    ],
  );
  assert.equal(
    problemsIn("1 error occurred:\n\t* 1 error occurred:\n\t* deep\n\n\n", spec).map(({ detail }) => detail),
    ["deep."],
  );
});

// --- the registry ---

/** A script that describes itself, and writes a line to `asked` whenever it is run. */
function describing(file: string, asked: string, changes: object = {}): void {
  const description = { version: "1.0.0", api_version: "x5.0", builders: ["one"], provisioners: null, ...changes };
  writeScript(file, `echo "$0" >> ${asked}\n[ "$1" = describe ] && echo '${JSON.stringify(description)}'`);
}

interface Bench {
  readonly folder: string;
  readonly asked: string;
  readonly cache: string;
  readonly notes: string[];
  registry(changes?: Partial<RegistryOptions>): PluginRegistry;
  /** Installs the script of a version; what it says about itself may differ. */
  install(version: string, changes?: object, at?: { api?: string; source?: string }): string;
  /** How many times plugins were run. */
  runs(): number;
}

function bench(): Bench {
  const folder = tmp("plugins");
  const asked = join(tmp("asked"), "log");
  const cache = tmp("cache");
  const notes: string[] = [];
  return {
    folder,
    asked,
    cache,
    notes,
    registry: (changes = {}) =>
      new PluginRegistry({
        environment: { PATH: process.env.PATH, PACKER_PLUGIN_PATH: folder },
        workingDirectory: folder,
        cacheDirectory: cache,
        log: (_level, _source, text) => notes.push(text),
        ...changes,
      }),
    install(version, changes = {}, at = {}) {
      const file = join(tmp("made"), "plugin");
      describing(file, asked, { version, api_version: at.api ?? "x5.0", ...changes });
      return installPlugin(folder, file, version, at);
    },
    runs: () => (existsSync(asked) ? readFileSync(asked, "utf8").trim().split("\n").length : 0),
  };
}

test("the highest version that fits is used, and only that one is asked", async () => {
  const { install, registry, runs } = bench();
  install("0.9.0");
  const chosen = install("0.10.0");
  install("0.10.0", {}, { source: "github.com/tspack/other" });
  const found = await registry().findMulti("builder", "probe-one", {});
  assert.equal(found?.component.argv, [chosen, "start", "builder", "one"]);
  assert.is(found?.component.form, "gob");
  assert.is(runs(), 1);
  assert.is(await registry().findMulti("provisioner", "probe-one", {}), undefined);
  assert.is(await registry().findMulti("builder", "unrelated", {}), undefined);
});

test("of twenty installed plugins the one that is used is asked, once; none is when all is known, or for what is built in", async () => {
  const { install, registry, runs, folder, cache } = bench();
  for (let number = 0; number < 20; number++) install("1.0.0", {}, { source: `github.com/tspack/p${number}` });
  assert.ok(await registry().findMulti("builder", "p7-one", {}));
  assert.is(runs(), 1);
  assert.ok(await registry().findMulti("builder", "p7-one", {}));
  const environment = { PATH: process.env.PATH, PACKER_PLUGIN_PATH: folder, PACKER_CACHE_DIR: cache };
  const catalog = pluginCatalog({ environment, workingDirectory: folder });
  try {
    assert.ok(await catalog.find("builder", "null"));
    assert.is(await catalog.find("builder", "nobody-has-it"), undefined);
  } finally {
    await catalog.close();
  }
  assert.is(runs(), 1);
});

test("of several missing plugins the one is told whose name a component begins with, or all of them", async () => {
  const { folder } = bench();
  const catalog = pluginCatalog({ environment: { PACKER_PLUGIN_PATH: folder }, workingDirectory: folder, missingHint: "Install it." });
  const names = ["amazon", "ansible"];
  const required_plugins = Object.fromEntries(names.map((name) => [name, { source: `github.com/acme/${name}`, version: ">= 1" }]));
  const view = catalog.open({ style: "typed", requirements: { required_plugins }, environment: {}, workingDirectory: folder });
  try {
    const [amazon, ansible] = names.map((name) => `The required plugin "${name}" (github.com/acme/${name} >= 1) is not installed.`);
    assert.is(await view.advice?.("provisioner", "ansible"), `${ansible} Install it.`);
    assert.is(await view.advice?.("builder", "amazon-ebs"), `${amazon} Install it.`);
    assert.is(await view.advice?.("builder", "other"), `${amazon} ${ansible} Install it.`);
  } finally {
    await view.close();
    await catalog.close();
  }
});

test("the answer is remembered until the file changes; a changed file is refused until its checksum is right", async () => {
  const { install, registry, runs, notes } = bench();
  const file = install("1.0.0", { protocol_version: "v2" });
  for (let time = 0; time < 2; time++) {
    const found = await registry().findMulti("builder", "probe-one", {});
    assert.equal(found?.component.argv, [file, "start", "builder", "--protobuf", "one"]);
  }
  assert.is(runs(), 1);
  utimesSync(file, 1, 1);
  await registry().findMulti("builder", "probe-one", {});
  assert.is(runs(), 2);
  appendFileSync(file, "# changed\n");
  assert.is(await registry().findMulti("builder", "probe-one", {}), undefined);
  assert.is(runs(), 2, "what was changed is not run");
  assert.match(notes.join("\n"), /is not the file that its _SHA256SUM file was written for/);
});

test("files that must not be used are left out, each with its reason", async () => {
  const cases: readonly (readonly [RegExp, (one: Bench) => void])[] = [
    [/there is no _SHA256SUM/, ({ install }) => rmSync(`${install("1.0.0")}_SHA256SUM`)],
    [/does not hold a SHA-256/, ({ install }) => void writeFileSync(`${install("1.0.0")}_SHA256SUM`, "abc")],
    [/says that it is version "1.0.1"/, ({ install }) => void install("1.0.0", { version: "1.0.1" })],
    [/says that it speaks "x5.1"/, ({ install }) => void install("1.0.0", { api_version: "x5.1" })],
    [/speaks version 5.1/, ({ install }) => void install("1.0.0", {}, { api: "x5.1" })],
    [/speaks version 4.0/, ({ install }) => void install("1.0.0", {}, { api: "x4.0" })],
    [/not how a version is written/, ({ install }) => void install("1.0")],
    [/does not describe itself/, ({ install }) => void install("1.0.0", { builders: 3 })],
  ];
  for (const [reason, prepare] of cases) {
    const one = bench();
    prepare(one);
    assert.is(await one.registry().findMulti("builder", "probe-one", {}), undefined);
    assert.match(
      (await one.registry().missing({ probe: { source: "github.com/tspack/probe", version: ">= 0" } }))[0]?.notes.join() ?? "",
      reason,
    );
  }
  const bare = bench();
  writeScript(join(bare.folder, "packer-plugin-probe_v1.0.0_x5.0_linux_amd64"), "echo '{}'");
  assert.is(await bare.registry().findMulti("builder", "probe-one", {}), undefined, "files right in the folder do not count");
});

test("pre-releases are used unless they are left out, and a constraint looks at the numbers alone", async () => {
  const { install, registry } = bench();
  install("1.0.0");
  const dev = install("1.1.0-dev");
  const argvOf = async (one: PluginRegistry, version = ">= 1.0") =>
    (await one.findMulti("builder", "mine-one", { mine: { source: "github.com/tspack/probe", version } }))?.component.argv[0];
  assert.is(await argvOf(registry()), dev);
  assert.match((await argvOf(registry({ ignorePrereleases: true }))) ?? "", /v1\.0\.0/);
  assert.is(await argvOf(registry(), "~> 1.1"), dev);
  assert.match((await argvOf(registry(), "< 1.1")) ?? "", /v1\.0\.0/);
  assert.is(await argvOf(registry(), "> 2"), undefined);
  const [missing] = await registry().missing({ mine: { source: "github.com/tspack/probe", version: "> 2" } });
  assert.match(missing?.notes.join(" ") ?? "", /1\.1\.0-dev does not fit > 2/);
});

test("components put there by hand are found by name, in the folders in order, and are marked as not verified", async () => {
  const first = tmp("first");
  const second = tmp("second");
  const { registry, asked } = bench();
  for (const folder of [first, second]) writeScript(join(folder, "packer-provisioner-mine"), "exit 1");
  describing(join(second, "packer-plugin-hand"), asked, { provisioners: ["-packer-default-plugin-name-", "other"] });
  writeScript(join(second, "packer-plugin-broken"), "exit 1");
  const one = registry({ environment: { PATH: process.env.PATH, PACKER_PLUGIN_PATH: `${first}:${second}` } });
  const found = await one.findSingle("provisioner", "mine");
  assert.equal([found?.component.argv, found?.isUnverified], [[join(first, "packer-provisioner-mine")], true]);
  assert.is(await one.findSingle("builder", "mine"), undefined);
  const hand = await one.findMulti("provisioner", "hand", {});
  assert.equal([hand?.component.argv.slice(1), hand?.isUnverified], [["start", "provisioner", "-packer-default-plugin-name-"], true]);
  assert.equal(await one.names("provisioner", {}), ["hand", "hand-other", "mine"]);
  await rejects(one.findMulti("provisioner", "broken", {}), { code: "TPK4001", message: /packer-plugin-broken could not be asked/ });
});

test.run();
