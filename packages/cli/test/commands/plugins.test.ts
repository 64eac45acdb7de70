// `tspack plugins` and `tspack init` as a user types them, with the program as it is installed.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { platform, sha256 } from "../../../core/test/plugins/install/release-server.ts";
import { project, source, withMirror } from "./plugin-project.ts";

/** The text of an executable that describes itself as a plugin. */
function pluginText(version: string): string {
  const description = {
    version,
    sdk_version: "0.6.0",
    api_version: "x5.0",
    builders: ["-packer-default-plugin-name-"],
    protocol_version: "v2",
  };
  return `#!/bin/sh\n[ "$1" = describe ] || exit 1\necho '${JSON.stringify(description)}'\n`;
}

/** Writes an executable plugin into the project. */
function writePlugin(cwd: string, version: string): string {
  writeFileSync(join(cwd, "packer-plugin-acme"), pluginText(version));
  chmodSync(join(cwd, "packer-plugin-acme"), 0o755);
  return "packer-plugin-acme";
}

test("plugins install -path, installed, required and remove work on one file after the other", async () => {
  const { cwd, run } = project();
  for (const version of ["1.9.0", "1.10.0"]) {
    const { code, stdout, stderr } = await run("plugins", "install", `-path=${writePlugin(cwd, version)}`, source);
    assert.is(code, 0, stderr);
    assert.match(stdout, new RegExp(`^Installed plugin ${source} v${version} in ".*/packer-plugin-acme_v${version}_x5\\.0_\\w+"\n$`));
  }
  const installed = (await run("plugins", "installed")).stdout.trimEnd().split("\n");
  assert.is(installed.length, 2);
  writeFileSync(
    join(cwd, "a.pkr.hcl"),
    `variable "unset" {}\npacker {\n  required_plugins {\n    mine = { source = "${source}", version = "~> 1.9" }\n  }\n}\nsource "mine" "a" { unset = var.unset }\n`,
  );
  const required = await run("plugin", "required", "a.pkr.hcl");
  assert.is(required.code, 0, required.stderr);
  assert.is(required.stdout, `mine ${source} "~> 1.9"\n  ${installed.join("\n  ")}\n`);
  const removed = await run("plugins", "remove", source, "< 1.10");
  assert.is(removed.stdout, `${installed[0]}\n`);
  assert.not.ok(existsSync(installed[0] ?? ""));
  const byPath = await run("-machine-readable", "plugins", "remove", installed[1] ?? "");
  assert.match(byPath.stdout, /^\d+,,ui,say,.*v1\.10\.0.*\n$/);
  const nothing = await run("plugins", "remove", source);
  assert.is(nothing.code, 1);
  assert.is(nothing.stderr, `No installed plugin ${source} was found.\n`);
});

test("plugins required lists what an image.ts requires, and says that legacy JSON requires nothing", async () => {
  const { cwd, run } = project();
  writeFileSync(
    join(cwd, "image.ts"),
    `import { build, packer, source, variable } from "tspack";\npacker({ required_plugins: { mine: { version: ">= 1.0", source: "${source}" } } });\nvariable("needed");\nexport default build({ sources: [source("null", "a", { communicator: "none" })] });\n`,
  );
  const { code, stdout, stderr } = await run("plugins", "required", ".");
  assert.is(code, 0, stderr);
  assert.is(stdout, `mine ${source} ">= 1.0"\n`);
  writeFileSync(join(cwd, "old.json"), '{ "builders": [{ "type": "null", "communicator": "none" }] }');
  const json = await run("plugins", "required", "old.json");
  assert.is(json.code, 0);
  assert.match(json.stderr, /requires no plugins: legacy JSON has no required_plugins/);
});

test("EXIT-03: the group alone and wrong words show what there is, and exit with 1", async () => {
  const { run } = project();
  const alone = await run("plugins");
  assert.is(alone.code, 1);
  for (const name of ["install", "installed", "remove", "required"]) assert.match(alone.stderr, new RegExp(`^${name}: `, "m"));
  assert.is((await run("plugins", "-help")).code, 0);
  const help = await run("plugins", "remove", "-help");
  assert.match(help.stdout, /^tspack plugins remove: /);
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["plugins", "instal"], /Did you mean "install"\?/],
    [["plugins", "remove"], /Usage: tspack plugins remove/],
    [["plugins", "required"], /Usage: tspack plugins required/],
    [["plugins", "install"], /Usage: tspack plugins install/],
    [["plugins", "install", "-path=x", source, "1.0"], /-path and a version exclude each other/],
    [["plugins", "install", "-path=x", "acme"], /"acme" is no address of a plugin/],
    [["plugins", "installed", "-force"], /takes no flag -force/],
  ];
  for (const [words, message] of cases) {
    const { code, stderr } = await run(...words);
    assert.is(code, 1, words.join(" "));
    assert.match(stderr.replace(/\s+/g, " "), message);
  }
});

test("init installs, locks and then does nothing; -frozen, -upgrade, -force, vendor and verify follow the lock", () =>
  withMirror(async ({ cwd, run, server }) => {
    const frozenTooEarly = await run("init", "-frozen", ".");
    assert.is(frozenTooEarly.code, 1);
    assert.match(
      frozenTooEarly.stderr.replace(/\s+/g, " "),
      /TPK4008.*[Tt]here is no .*tspack\.lock: github\.com\/acme\/acme is not locked/,
    );
    const first = await run("init");
    assert.is(first.code, 0, first.stderr);
    assert.match(first.stdout, /^Installed plugin github\.com\/acme\/acme v1\.1\.0 in "/);
    assert.match(first.stderr, /^Downloading packer-plugin-acme_v1\.1\.0_.*\.zip \(0\.0 MB\)\n$/);
    const lockPath = join(cwd, "tspack.lock");
    const lock = readFileSync(lockPath, "utf8");
    const { version, protocol, archives, binaries } = JSON.parse(lock).plugins[source];
    assert.equal(
      [version, protocol, Object.keys(archives), Object.keys(binaries)],
      ["1.1.0", "5.0", [platform, "plan9_mips"].sort(), [platform]],
    );
    const asked = server.requests.length;
    for (const words of [["init"], ["init", "-frozen"]]) {
      const again = await run(...words);
      assert.equal([again.code, again.stdout, again.stderr], [0, "", ""]);
    }
    assert.is(server.requests.length, asked, "no request is made");

    await server.add({ repository: "acme/acme", version: "1.2.0" });
    const file = /"(.*)"/.exec(first.stdout)?.[1] ?? "";
    assert.equal(await run("plugins", "remove", source).then(({ code }) => code), 0);
    assert.match((await run("init")).stdout, /v1\.1\.0/, "the lock holds against newer versions");
    assert.is(readFileSync(lockPath, "utf8"), lock);
    assert.match((await run("init", "-force")).stdout, /v1\.1\.0/);

    const vendored = await run("plugins", "vendor", "copies");
    assert.is(vendored.code, 0, vendored.stderr);
    const copy = vendored.stdout.trimEnd();
    assert.equal(readFileSync(copy), readFileSync(file));
    assert.is(readFileSync(`${copy}_SHA256SUM`, "utf8"), binaries[platform]);

    assert.is((await run("plugins", "verify")).stdout, `${file}: as it was\n`);
    // A file and its checksum file changed together: only the lock knows.
    const other = `${readFileSync(file, "utf8")}# changed\n`;
    writeFileSync(file, other);
    writeFileSync(`${file}_SHA256SUM`, sha256(other));
    const verified = await run("plugins", "verify", ".");
    assert.is(verified.code, 1);
    assert.match(verified.stderr, /it is not the file that the lock file names/);
    assert.is((await run("plugins", "vendor", "copies2")).code, 1);
    assert.match((await run("init")).stdout, /v1\.1\.0/, "init puts the locked file back");

    assert.match((await run("init", "-upgrade")).stdout, /v1\.2\.0/);
    assert.is(JSON.parse(readFileSync(lockPath, "utf8")).plugins[source].version, "1.2.0");
    await server.add({ repository: "acme/acme", version: "1.2.0", remark: "published anew" });
    await run("plugins", "remove", source);
    const moved = await run("init");
    assert.is(moved.code, 1);
    assert.match(moved.stderr.replace(/\s+/g, " "), /TPK4008.*is not what the lock file names/);
  }));

test("INS-14, JSD-01: init goes on after a failure and exits with 1; legacy JSON is refused", () =>
  withMirror(async ({ cwd, run }) => {
    mkdirSync(join(cwd, "hcl"));
    const plugin = (name: string, address: string): string => `    ${name} = { source = "${address}", version = ">= 1.0.0" }\n`;
    writeFileSync(
      join(cwd, "hcl/a.pkr.hcl"),
      `variable "unset" {}\npacker {\n  required_plugins {\n${plugin("gone", "github.com/acme/gone")}${plugin("mine", source)}  }\n}\nsource "mine" "a" { x = var.unset }\nbuild { sources = ["source.mine.a"] }\n`,
    );
    const { code, stdout, stderr } = await run("init", "hcl");
    assert.is(code, 1);
    assert.match(stdout, /^Installed plugin github\.com\/acme\/acme v1\.1\.0/);
    assert.match(
      stderr.replace(/\s+/g, " "),
      /Error: The plugin gone could not be installed \(TPK4007\) no release of github\.com\/acme\/gone/i,
    );
    writeFileSync(join(cwd, "old.json"), '{ "builders": [{ "type": "null", "communicator": "none" }] }');
    const json = await run("init", "old.json");
    assert.is(json.code, 1);
    assert.match(json.stderr, /legacy JSON template, which cannot require plugins/);
    assert.is((await run("init", "-frozen", "-upgrade")).code, 1);
    const direct = await run("plugins", "install", source, "1.0.0");
    assert.match(direct.stdout, /v1\.0\.0/);
    assert.is((await run("plugins", "install", source, "1.0.0")).stdout, "");
    assert.match((await run("plugins", "install", "-force", source, "1.0.0")).stdout, /v1\.0\.0/);
  }));

test.run();
