// A plugin made with the SDK of Go, from image.ts, from HCL and from JSON.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildGoPlugin, installPlugin, lab, runningFrom, tmp, writeScript } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type TspackResult, tspack } from "./support/tspack.ts";

const goTest = lab(test, "go", "linux");

const doors = {
  "image.ts": `import { build, data, postProcess, provision, source } from "tspack";
const answer = data("probe-fetch", "d", { required: "r", text: "fetched" });
export default build({
  sources: [source("probe-machine", "x", { required: "r", text: "hello", target: "TARGET", disk: [{ size: 3, name: "n" }] })],
  provisioners: ({ build }) => [
    provision("probe-act", { required: build.Greeting, text: answer.text }),
    provision("probe-act", { required: "r", behave: "transfer", count: 16_000_000, source: "SOURCE" }),
  ],
  postProcessors: [postProcess("probe-pack", { required: "r", text: "packed" })],
});
`,
  "x.pkr.hcl": `packer {
  required_plugins {
    probe = { source = "github.com/tspack/probe", version = "~> 1.0" }
  }
}
data "probe-fetch" "d" {
  required = "r"
  text     = "fetched"
}
source "probe-machine" "x" {
  required = "r"
  text     = "hello"
  target   = "TARGET"
  disk {
    size = 3
    name = "n"
  }
}
build {
  sources = ["probe-machine.x"]
  provisioner "probe-act" {
    required = build.Greeting
    text     = data.probe-fetch.d.text
  }
  provisioner "probe-act" {
    required = "r"
    behave   = "transfer"
    count    = 16000000
    source   = "SOURCE"
  }
  post-processor "probe-pack" {
    required = "r"
    text     = "packed"
  }
}
`,
  "x.json": JSON.stringify({
    variables: { word: "hello" },
    builders: [
      { type: "probe-machine", name: "x", required: "r", text: "{{user `word`}}", target: "TARGET", disk: [{ size: "3", name: "n" }] },
    ],
    provisioners: [
      { type: "probe-act", required: "{{build `Greeting`}}", text: "fetched" },
      { type: "probe-act", required: "r", behave: "transfer", count: "16000000", source: "SOURCE" },
    ],
    "post-processors": [{ type: "probe-pack", required: "r", text: "packed" }],
  }),
};

interface Bench {
  readonly cwd: string;
  readonly plugins: string;
  run(...words: readonly string[]): Promise<TspackResult>;
}

function bench(file: string, text: string): Bench {
  const cwd = tmp("project");
  const plugins = tmp("plugins");
  installPlugin(plugins, buildGoPlugin());
  writeFileSync(join(cwd, file), text.replaceAll("TARGET", cwd).replaceAll("SOURCE", tmp("source")));
  const env = { PACKER_PLUGIN_PATH: plugins, PACKER_CACHE_DIR: tmp("cache") };
  return { cwd, plugins, run: (...words) => tspack(words, { cwd, env }) };
}

for (const [file, text] of Object.entries(doors)) {
  goTest(`${file}: runs, and is checked without a run`, async () => {
    const { plugins, run } = bench(file, text);
    const checked = await run("validate", file);
    assert.is(checked.stdout, "The configuration is valid.\n");
    const { code, stdout } = await run("run", file);
    assert.is(code, 0, stdout);
    assert.match(stdout, /: text=hello count=0 .* disks=n:3$/m);
    assert.match(stdout, /: text=fetched count=0 /m);
    assert.match(stdout, /: transferred 16000000$/m);
    assert.match(stdout, /input tspack\.go-probe i-1 probe i-1/);
    assert.match(stdout, /greeting hello hello/);
    assert.match(stdout, /: probe packed$/m);
    assert.equal(runningFrom(plugins), []);
  });

  goTest(`${file}: a wrong option is marked where it stands`, async () => {
    const { run } = bench(file, text.replace(/(['"]?)text\1(\s*[:=]\s*"packed")/, "$1txt$1$2"));
    const { code, stdout } = await run("validate", file);
    assert.is(code, 1);
    assert.match(stdout, /TPK3102/);
    assert.match(stdout, /An argument named "txt" is not expected here\. Did you mean "text"\?/);
    assert.match(stdout, file === "x.json" ? /post-processor/ : new RegExp(`on ${file} line \\d+`));
  });
}

goTest("-ignore-prerelease-plugins, a missing plugin and one that was changed are told", async () => {
  const { plugins, run } = bench("x.pkr.hcl", doors["x.pkr.hcl"].replace("~> 1.0", "~> 1.1"));
  const missing = await run("validate", "x.pkr.hcl");
  assert.is(missing.code, 1);
  assert.match(
    missing.stdout.replace(/\s+/g, " "),
    /The required plugin "probe" \(github\.com\/tspack\/probe ~> 1\.1\) is not installed\. .*1\.0\.0 does not fit ~> 1\.1\./,
  );
  const dev = installPlugin(plugins, buildGoPlugin("1.1.0-dev"), "1.1.0-dev");
  assert.is((await run("validate", "x.pkr.hcl")).code, 0);
  assert.is((await run("validate", "-ignore-prerelease-plugins", "x.pkr.hcl")).code, 1);
  writeScript(dev, "exit 1");
  const changed = await run("validate", "x.pkr.hcl");
  assert.is(changed.code, 1);
  assert.match(changed.stdout.replace(/\s+/g, " "), /is not the file that its _SHA256SUM file was written for/);
});

goTest("what a plugin logs is in the log, with its level", async () => {
  const { cwd, plugins } = bench("image.ts", doors["image.ts"]);
  const env = { PACKER_PLUGIN_PATH: plugins, PACKER_CACHE_DIR: tmp("cache"), PACKER_LOG: "1" };
  const { stderr } = await tspack(["run"], { cwd, env });
  assert.match(stderr, /\[DEBUG\] packer-plugin-probe_v1\.0\.0_x5\.0_\w+ plugin: builder runs with [0-9a-f-]{36}$/m);
});

test.run();
