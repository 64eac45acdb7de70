// Plugins of a program: in packages, named on the command line, held by its lock file; and what conversions learn from them.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildGoPlugin, installPlugin, lab, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type TspackResult, tspack } from "./support/tspack.ts";

const goTest = lab(test, "go", "linux");

interface Project {
  readonly cwd: string;
  /** The folder that PACKER_PLUGIN_PATH names. */
  readonly plugins: string;
  run(...words: readonly string[]): Promise<TspackResult>;
}

function project(files: { readonly [name: string]: string }): Project {
  const cwd = tmp("project");
  const plugins = tmp("plugins");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text.replaceAll("TARGET", cwd));
  const env = { PACKER_PLUGIN_PATH: plugins, PACKER_CACHE_DIR: tmp("cache") };
  return { cwd, plugins, run: (...words) => tspack(words, { cwd, env }) };
}

/** Text in one line, as messages are wrapped. */
function flat({ stdout, stderr }: TspackResult): string {
  return `${stdout}\n${stderr}`.replace(/\s+/g, " ");
}

const image = `import { build, source } from "tspack";
export default build({ sources: [source("probe-machine", "x", { required: "r", text: "hello", target: "TARGET" })] });
`;

const locked = `import { build, packer, source } from "tspack";
packer({ required_plugins: { probe: { source: "github.com/tspack/probe", version: ">= 1.0" } } });
export default build({ sources: [source("probe-machine", "x", { required: "r", text: "hello", target: "TARGET" })] });
`;

goTest("a plugin in a package beside the program is used and listed; one that is broken is told with what to fix", async () => {
  const { cwd, run } = project({ "image.ts": image });
  const folder = join(cwd, "node_modules", "@acme", "tspack-plugin-probe");
  mkdirSync(join(folder, "dist"), { recursive: true });
  const describe = (plugin: string): void =>
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ name: "@acme/tspack-plugin-probe", version: "1.0.0", tspack: { plugin } }),
    );
  describe("dist/packer-plugin-probe");
  copyFileSync(buildGoPlugin(), join(folder, "dist/packer-plugin-probe"));
  const built = await run("run");
  assert.is(built.code, 0, flat(built));
  assert.match(built.stdout, /: text=hello count=0 /m);
  assert.not.match(flat(built), /TPK4006/, "npm vouches for it");
  assert.is((await run("plugins", "installed")).stdout, `${join(folder, "dist/packer-plugin-probe")}\n`);
  describe("dist/gone");
  const broken = await run("validate");
  assert.is(broken.code, 1);
  assert.match(
    flat(broken),
    /no builder named "probe-machine"\. The package @acme\/tspack-plugin-probe is no plugin that can be used: "dist\/gone"/,
  );
  assert.match(flat(await run("plugins", "installed")), /The package @acme\/tspack-plugin-probe is no plugin/);
});

goTest("-plugin uses a file, under a name of its own if one is given, and says that nothing vouches for it", async () => {
  const { cwd, run } = project({ "image.ts": image, "other.ts": image.replace("probe-machine", "mine-machine") });
  copyFileSync(buildGoPlugin(), join(cwd, "packer-plugin-probe"));
  const used = await run("validate", "-plugin=packer-plugin-probe");
  assert.is(used.code, 0, flat(used));
  assert.match(flat(used), /TPK4006.*packer-plugin-probe/);
  assert.is((await run("validate", "-plugin", "mine=packer-plugin-probe", "other.ts")).code, 0);
  for (const command of ["run", "validate", "inspect"]) {
    const missing = await run(command, "-plugin=nothing");
    assert.is(missing.code, 1);
    assert.match(flat(missing), /TPK4001.*The plugin nothing cannot be used: it does not exist/);
  }
});

goTest("a build uses the version that tspack.lock names, and none in its place", async () => {
  const { cwd, plugins, run } = project({ "image.ts": locked });
  const older = installPlugin(plugins, buildGoPlugin());
  const newer = installPlugin(plugins, buildGoPlugin("1.1.0-dev"), "1.1.0-dev");
  const digestOf = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");
  const platform = /_([a-z0-9]+_[a-z0-9]+)$/.exec(older)?.[1] ?? "";
  const lock = (version: string, digest: string): void => {
    const plugin = { version, protocol: "5.0", archives: {}, binaries: { [platform]: digest } };
    writeFileSync(join(cwd, "tspack.lock"), JSON.stringify({ lockVersion: 1, plugins: { "github.com/tspack/probe": plugin } }));
  };
  const used = async (): Promise<string> => (await run("run", "-json")).stdout;
  assert.match(await used(), new RegExp(`"source":"${newer.split("/").at(-1)} plugin"`));
  lock("1.0.0", digestOf(older));
  assert.match(await used(), new RegExp(`"source":"${older.split("/").at(-1)} plugin"`));
  for (const [version, digest] of [
    ["1.0.5", digestOf(older)],
    ["1.0.0", digestOf(newer)],
  ] as const) {
    lock(version, digest);
    const refused = await run("validate");
    assert.is(refused.code, 1);
    assert.match(flat(refused), /TPK4008/);
    assert.match(flat(refused), new RegExp(`Version ${version} of github\\.com/tspack/probe, which .*tspack\\.lock names`));
    assert.match(flat(refused), /`tspack init` installs it/);
  }
});

goTest("a conversion writes options as the plugin wants them, also under a local name, and means the same", async () => {
  const template = `packer {
  required_plugins {
    mine = { source = "github.com/tspack/probe", version = "~> 1.0" }
  }
}
source "mine-machine" "x" {
  required = "r"
  count    = "3"
  enabled  = "true"
  tags     = { a = 1 }
  disk {
    size = "3"
    name = "n"
  }
}
build {
  sources = ["mine-machine.x"]
}
`;
  const { plugins, run } = project({ "x.pkr.hcl": template });
  const unknown = await run("convert", "-stdout", "x.pkr.hcl");
  assert.match(unknown.stdout, /count: "3"/, "without the plugin nothing is known of its options");
  installPlugin(plugins, buildGoPlugin());
  const known = await run("convert", "-verify", "x.pkr.hcl");
  assert.is(known.code, 0, flat(known));
  assert.match(known.stderr, /Verified/);
  const { stdout } = await run("convert", "-stdout", "x.pkr.hcl");
  for (const line of [/count: 3,/, /enabled: true,/, /a: "1"/, /disk: \[\{ size: 3, name: "n" \}\],/]) assert.match(stdout, line);
});

test.run();
