// `tspack types` in a project as a user has it: what is written, and what the editor makes of it.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGoPlugin, installPlugin, lab, tmp, within, writeScript } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { packerScripts } from "../../../core/test/plugins/go-components.ts";
import { zipOf } from "../../../core/test/plugins/install/release-server.ts";
import { ServerEditor } from "../../../dsl/test/editor/server-editor.ts";
import { type TspackResult, tspack } from "../support/tspack.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const compiler = join(root, "node_modules/typescript/bin/tsc");
const sample = fileURLToPath(new URL("../../../core/test/sdk/plugin/sample-plugin.ts", import.meta.url));
const goTest = lab(test, "go", "linux");
const packerTest = lab(test, "packer", "linux");
const unixTest = lab(test, "linux");

interface Project {
  readonly cwd: string;
  readonly plugins: string;
  run(...words: readonly string[]): Promise<TspackResult>;
  read(path: string): string;
}

/** A folder in which tspack is installed, with a plugin folder of its own. */
function project(plugins = tmp("plugins")): Project {
  const cwd = tmp("project");
  mkdirSync(join(cwd, "node_modules"));
  symlinkSync(join(root, "packages/cli"), join(cwd, "node_modules/tspack"));
  // Nothing may be asked for: the mirror is an empty folder.
  const env = { PACKER_PLUGIN_PATH: plugins, PACKER_CACHE_DIR: tmp("cache"), TSPACK_PLUGIN_MIRROR: tmp("mirror") };
  return {
    cwd,
    plugins,
    run: (...words) => tspack(words, { cwd, env }),
    read: (path) => readFileSync(join(cwd, path), "utf8"),
  };
}

/** The language server over the project. */
async function withEditor(cwd: string, body: (editor: ServerEditor) => Promise<void>): Promise<void> {
  await within(180_000, async () => {
    const editor = await ServerEditor.start(compiler, cwd);
    try {
      await body(editor);
    } finally {
      await editor.close();
    }
  });
}

/** The names offered at `▮` after the imports. */
async function complete(editor: ServerEditor, text: string): Promise<readonly string[]> {
  const whole = `import { build, data, provision, source } from "tspack";\n${text}`;
  await editor.edit(whole.replace("▮", ""));
  return editor.completions(whole.indexOf("▮"));
}

/** A script that says what it is, and cannot be asked for anything else. */
function writeFake(folder: string, name: string, says: object): string {
  const file = join(folder, `packer-plugin-${name}`);
  writeScript(
    file,
    `[ "$1" = describe ] || { echo "I am broken" >&2; exit 1; }\necho '${JSON.stringify({ api_version: "x5.0", ...says })}'`,
  );
  return file;
}

test.before(() => {
  // The declarations as they are published.
  execFileSync(process.execPath, [compiler, "-b", "packages/cli"], { cwd: root, stdio: "pipe" });
});

goTest("options of a Go plugin complete, and wrong keys are marked at the key, with what its documentation says", async () => {
  const { cwd, plugins, run, read } = project();
  const file = installPlugin(plugins, buildGoPlugin());
  const page = [
    "## Required",
    "<!-- Code generated from the comments of the Options struct in config.go; DO NOT EDIT MANUALLY -->",
    "- `text` (string) - What the machine says.",
    "  It is repeated */ in the [artifact](/packer/docs).",
    "",
    "## Optional",
    "- `disk` ([]Disk) - A disk. May be repeated.",
    "<!-- End of code generated -->",
    "<!-- Code generated from the comments of the Disk struct in config.go; DO NOT EDIT MANUALLY -->",
    "- `size` (int) - Size in GB.",
  ].join("\n");
  writeFileSync(file.replace(/_x5\.0_.*$/, "_docs.zip"), await zipOf("docs/builders/machine.mdx", page));
  const first = await run("types");
  assert.is(first.code, 0, first.stderr);
  assert.match(first.stdout, /^Wrote \.tspack\/types\/builder-probe-machine\.d\.ts\n.*Wrote tsconfig\.json\nWrote tspack-env\.d\.ts\n$/s);
  const builder = read(".tspack/types/builder-probe-machine.d.ts");
  assert.match(builder, /\/\*\* What the machine says. It is repeated \*\\\/ in the artifact. Listed as required. \*\/\n {2}text\?: /);
  assert.match(builder, /\/\*\* Size in GB. \*\/\n {2}size\?: Input<number> \| undefined;/);
  assert.match(builder, /@see https:\/\/github\.com\/tspack\/packer-plugin-probe/);
  // Go tells options in another order each time.
  const names = [...builder.matchAll(/^ {2}(\w+)\??: /gm)].map(([, name]) => name);
  assert.equal(names.slice(0, 12), names.slice(0, 12).sort());
  await withEditor(cwd, async (editor) => {
    const options = ["behave", "count", "disk", "enabled", "items", "pause", "ratio", "required", "source", "tags", "target", "text"];
    assert.equal(await complete(editor, `source("probe-machine", "a", { ▮ });`), options);
    assert.equal(await complete(editor, `source("probe-machine", "a", { required: "r", disk: [{ ▮ }] });`), ["name", "size"]);
    assert.ok((await complete(editor, `source("▮", "a", {});`)).includes("probe-machine"));
    assert.ok((await complete(editor, `data("probe-fetch", "d", { required: "r" }).▮`)).includes("items"));
    await editor.edit(
      `import { source } from "tspack";\nsource("probe-machine", "a", { required: "r", conut: 1 });\nsource("probe-machine", "b", { required: 5, disk: [{ sizes: 1 }] });\n`,
    );
    assert.equal(
      (await editor.diagnostics()).map(({ marked, text }) => [marked, text.split("\n")[0]]),
      [
        [
          "conut",
          "Object literal may only specify known properties, but 'conut' does not exist in type 'ProbeMachineConfig'. Did you mean to write 'count'?",
        ],
        ["required", "Type 'number' is not assignable to type 'Input<string>'."],
        [
          "sizes",
          "Object literal may only specify known properties, but 'sizes' does not exist in type 'ProbeMachineDisk'. Did you mean to write 'size'?",
        ],
      ],
    );
  });
});

goTest("init writes the types of what the program requires, and says nothing when all is there", async () => {
  const { cwd, plugins, run, read } = project();
  installPlugin(plugins, buildGoPlugin());
  writeFileSync(
    join(cwd, "image.ts"),
    `import { build, packer, source } from "tspack";
packer({ required_plugins: { mine: { source: "github.com/tspack/probe", version: "~> 1.0" } } });
export default build({ sources: [source("mine-machine", "a", { required: "r", target: "." })] });
`,
  );
  const { code, stdout, stderr } = await run("init");
  assert.is(code, 0, stderr);
  assert.match(stdout, /^Wrote \.tspack\/types\/builder-mine-machine\.d\.ts\n.*Wrote tspack-env\.d\.ts\n$/s);
  assert.match(read(".tspack/types/builder-mine-machine.d.ts"), /"mine-machine": MineMachineConfig;/);
  const again = await run("init", ".");
  assert.equal([again.code, again.stdout, again.stderr], [0, "", ""]);
});

packerTest("components of Packer's own complete; those that tspack has keep the types that it has", async () => {
  const { cwd, run } = project(packerScripts("packer-builder-amazon-ebs", "packer-provisioner-shell"));
  const { code, stdout, stderr } = await run("types");
  assert.is(code, 0, stderr);
  assert.match(stdout, /builder-amazon-ebs/);
  assert.equal(readdirSync(join(cwd, ".tspack/types")), ["builder-amazon-ebs.d.ts", "index.d.ts"]);
  assert.ok(statSync(join(cwd, ".tspack/types/builder-amazon-ebs.d.ts")).size < 300_000);
  await withEditor(cwd, async (editor) => {
    const options = await complete(editor, `source("amazon-ebs", "a", { region: "x", ▮ });`);
    for (const name of ["source_ami_filter", "ssh_username", "launch_block_device_mappings"]) assert.ok(options.includes(name), name);
    assert.not.ok(options.includes("region"));
    const block = await complete(editor, `source("amazon-ebs", "a", { launch_block_device_mappings: [{ vol▮ }] });`);
    assert.equal(
      block.filter((name) => name.startsWith("volume")),
      ["volume_size", "volume_type"],
    );
    assert.ok((await complete(editor, `provision("shell", { ▮ });`)).includes("inline"));
  });
});

unixTest("what is up to date is left alone, what is gone is removed, and -check says both and changes nothing", async () => {
  const { cwd, plugins, run, read } = project();
  writeScript(
    join(plugins, "packer-plugin-hello"),
    `exec ${process.execPath} --conditions=source --import ${join(root, "node_modules/tsx/dist/loader.mjs")} ${sample} "$@"`,
  );
  writeFileSync(join(cwd, "tsconfig.json"), '{ "mine": true }\n');
  mkdirSync(join(cwd, ".tspack/types"), { recursive: true });
  writeFileSync(join(cwd, ".tspack/types/mine.d.ts"), "export {};\n");
  const stale = await run("types", "-check");
  assert.is(stale.code, 1);
  assert.match(stale.stdout, /^\.tspack\/types\/builder-hello\.d\.ts is out of date$/m);
  assert.equal(readdirSync(join(cwd, ".tspack/types")), ["mine.d.ts"]);
  assert.is((await run("types")).code, 0);
  assert.is(read("tsconfig.json"), '{ "mine": true }\n');
  // A plugin in TypeScript tells descriptions too.
  assert.match(read(".tspack/types/builder-hello.d.ts"), /\/\*\* The machine\. \*\/\n {2}folder: Input<string>;/);
  const before = statSync(join(cwd, ".tspack/types/builder-hello.d.ts")).mtimeMs;
  const again = await run("types");
  assert.is(again.stdout, "The types of 4 components are up to date.\n");
  assert.is(statSync(join(cwd, ".tspack/types/builder-hello.d.ts")).mtimeMs, before);
  assert.is((await run("types", "-check")).code, 0);
  // Only one plugin now, which cannot be asked for its options.
  execFileSync("rm", [join(plugins, "packer-plugin-hello")]);
  writeFake(plugins, "broken", { builders: ["-packer-default-plugin-name-", "../x"] });
  const gone = await run("types", "-check");
  assert.is(gone.code, 1);
  assert.match(gone.stdout, /^\.tspack\/types\/builder-hello\.d\.ts is not wanted any more$/m);
  const removed = await run("types");
  assert.is(removed.code, 1);
  assert.match(removed.stdout, /^Removed \.tspack\/types\/builder-hello\.d\.ts$/m);
  assert.match(removed.stderr, /The builder broken of the plugin broken has no types: /);
  assert.match(removed.stderr, /a name that no file can have: "broken-..\/x"/);
  assert.equal(readdirSync(join(cwd, ".tspack/types")), ["index.d.ts", "mine.d.ts"]);
});

unixTest(
  "plugins are those of the program, of its lock file, or all; -only and -all say otherwise, packages bring their own types",
  async () => {
    const { cwd, plugins, run } = project();
    const launch = `exec ${process.execPath} --conditions=source --import ${join(root, "node_modules/tsx/dist/loader.mjs")} ${sample} "$@"`;
    const script = join(tmp("plugin"), "sample");
    writeScript(script, launch);
    for (const name of ["one", "two"]) installPlugin(plugins, script, "1.2.3", { source: `github.com/acme/${name}` });
    const builders = (): readonly string[] => readdirSync(join(cwd, ".tspack/types")).filter((name) => name.startsWith("builder"));
    const take = async (...words: readonly string[]): Promise<readonly string[]> => {
      const { stderr } = await run("types", ...words);
      assert.not.match(stderr, /Internal/);
      return existsSync(join(cwd, ".tspack/types")) ? builders() : [];
    };
    assert.equal(await take(), ["builder-one.d.ts", "builder-two.d.ts"]);
    assert.equal(await take("-only=two"), ["builder-two.d.ts"]);
    assert.equal(await take("-only=github.com/acme/one"), ["builder-one.d.ts"]);
    const unknown = await run("types", "-only=tow");
    assert.is(unknown.code, 1);
    assert.match(unknown.stderr, /there is no plugin "tow".*Did you mean "two"/is);
    writeFileSync(
      join(cwd, "image.ts"),
      `import { build, packer, source } from "tspack";\npacker({ required_plugins: { mine: { source: "github.com/acme/one", version: ">= 1" }, gone: { source: "github.com/acme/gone", version: "~> 1" } } });\nexport default build({ sources: [source("null", "a", { communicator: "none" })] });\n`,
    );
    assert.equal(await take(), ["builder-mine.d.ts"]);
    assert.match((await run("types")).stderr, /The required plugin "gone" \(github\.com\/acme\/gone ~> 1\) is not installed\./);
    assert.equal(await take("-all"), ["builder-mine.d.ts", "builder-two.d.ts"]);
    const owned = join(cwd, "node_modules/tspack-plugin-owned");
    mkdirSync(owned);
    writeScript(join(owned, "packer-plugin-owned"), launch);
    writeFileSync(join(owned, "types.d.ts"), 'export {};\ndeclare module "tspack" { interface Builders { owned: { a?: number } } }\n');
    const manifest = { name: "tspack-plugin-owned", version: "1.0.0", types: "types.d.ts", tspack: { plugin: "packer-plugin-owned" } };
    writeFileSync(join(owned, "package.json"), JSON.stringify(manifest));
    assert.equal(await take(), ["builder-mine.d.ts"]);
    assert.match(readFileSync(join(cwd, ".tspack/types/index.d.ts"), "utf8"), /^import "tspack-plugin-owned";$/m);
    writeFileSync(
      join(cwd, "image.ts"),
      'import { build, source } from "tspack";\nexport default build({ sources: [source("null", "a", { communicator: "none" })] });\n',
    );
    writeFileSync(
      join(cwd, "tspack.lock"),
      JSON.stringify({
        lockVersion: 1,
        plugins: { "github.com/acme/two": { version: "1.2.3", protocol: "5.0", archives: {}, binaries: {} } },
      }),
    );
    assert.equal(await take(), ["builder-two.d.ts"]);
  },
);

unixTest("plugin types prints the declarations of a plugin, as its package has them", async () => {
  const { cwd, run, read } = project();
  const text = await run("plugin", "types", `hello=${sample}`);
  assert.is(text.code, 0, text.stderr);
  assert.match(
    text.stdout,
    /\/\*\* Options of the builder hello\. Makes a folder.*interface Datasources \{\n {4}"hello-lookup": \{ config: HelloLookupConfig; output: /s,
  );
  assert.is((await run("plugin", "types", "-out=types.d.ts", `hello=${sample}`)).stdout, "Wrote types.d.ts\n");
  assert.is(read("types.d.ts"), text.stdout);
  assert.is((await run("plugin", "types", "-out=types.d.ts", `hello=${sample}`)).stdout, "types.d.ts is up to date\n");
  const broken = await run("plugin", "types", writeFake(cwd, "broken", { builders: ["-packer-default-plugin-name-"] }));
  assert.is(broken.code, 1);
  assert.match(broken.stderr, /The builder broken of the plugin broken has no types: /);
  assert.match((await run("plugin", "types", writeFake(cwd, "none", {}))).stderr, /has no components/);
  assert.match((await run("plugin", "types")).stderr, /Usage: tspack plugin types/);
});

test.run();
