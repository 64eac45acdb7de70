// A plugin in TypeScript under HashiCorp's Packer: Debian's 1.6.6, which knows plugins of one component each.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findLabProgram, lab, makeSshKey, startSshd, tmp, within } from "../../../../../test/support/src/index.ts";
import { placePlugin } from "./bundle.ts";

const packerTest = lab(test, "packer", "linux");
const machineTest = lab(test, "packer", "linux", "sshd", "ssh-keygen", "root");

interface Finished {
  readonly code: number | null;
  readonly output: string;
  readonly folder: string;
  /** What the plugin left in the temporary folder. */
  readonly left: readonly string[];
}

interface PackerRun {
  readonly file: string;
  readonly template: string;
  readonly words?: readonly string[];
  /** Interrupts packer when it prints this. */
  readonly interruptAt?: string;
}

/** Runs packer with the sample plugin in the working directory. */
async function packer({ file, template, words = ["build", "-color=false"], interruptAt }: PackerRun): Promise<Finished> {
  const folder = tmp("host");
  const temporary = tmp("t");
  await placePlugin(folder, "packer-builder-sample", "packer-provisioner-sample-mark", "packer-post-processor-sample-stamp");
  writeFileSync(join(folder, file), template);
  return within(60_000, async () => {
    // As in a packer that a plugin of tspack started: the announcement of its host means nothing to plugins of another one.
    const announced = { TSPACK_PLUGIN_HOST: String(process.pid) };
    const env = { ...process.env, ...announced, TMPDIR: temporary, PACKER_CONFIG_DIR: folder, CHECKPOINT_DISABLE: "1" };
    const child = spawn(findLabProgram("packer") ?? "packer", [...words, file], {
      cwd: folder,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        const isThere = interruptAt !== undefined && output.includes(interruptAt);
        output += text;
        if (interruptAt !== undefined && !isThere && output.includes(interruptAt)) interrupt(child.pid);
      });
    }
    const [code]: unknown[] = await once(child, "close");
    return { code: typeof code === "number" ? code : null, output, folder, left: readdirSync(temporary) };
  });
}

/** As a key pressed in the terminal does: the plugins get the signal too. */
function interrupt(pid: number | undefined): void {
  if (pid !== undefined) process.kill(-pid, "SIGINT");
}

const json = JSON.stringify({
  variables: { who: "a user" },
  builders: [
    {
      type: "sample",
      folder: "machine",
      image: "image.txt",
      count: "3",
      enabled: "true",
      tags: { a: "{{user `who`}}" },
      sizes: [5, "6"],
    },
  ],
  provisioners: [
    { type: "sample-mark", text: "marked for {{user `who`}} in {{build `Where`}}" },
    { type: "shell", inline: ["echo shell of Go sees $(cat marker)"], remote_folder: ".", skip_clean: true },
  ],
  "post-processors": [[{ type: "sample-stamp", output: "stamp.json", note: "{{build `ID`}}" }, { type: "sample-stamp" }]],
});

const hcl = `
source "sample" "one" {
  folder  = "machine"
  image   = "image.txt"
  count   = 3
  enabled = true
  tags    = { a = "a user" }
  sizes   = [5, 6]
}
build {
  sources = ["source.sample.one"]
  provisioner "sample-mark" { text = "marked for a user in \${build.Where}" }
  provisioner "shell" {
    inline        = ["echo shell of Go sees $(cat marker)"]
    remote_folder = "."
    skip_clean    = true
  }
  post-processors {
    post-processor "sample-stamp" {
      output = "stamp.json"
      note   = build.ID
    }
    post-processor "sample-stamp" {}
  }
}
`;

for (const [file, template, name] of [
  ["t.json", json, "sample"],
  ["t.pkr.hcl", hcl, "one"],
] as const) {
  packerTest(`Packer builds ${file} with a builder, a provisioner and a post-processor in TypeScript`, async () => {
    const { code, output, folder, left } = await packer({ file, template });
    assert.is(code, 0, output);
    assert.match(output, /count=3 enabled=true tags=\{"a":"a user"\} sizes=5,6/);
    assert.match(output, new RegExp(`name=${name} type=sample debug=false`));
    assert.match(output, /the machine says 3: marked for a user in machine/);
    assert.match(output, /the password is <sensitive>/);
    assert.not.match(output, /tspack:|nearly out of ink/, "the log is not part of the output");
    assert.match(output, /shell of Go sees marked for a user in machine/);
    assert.match(output, /stamping tspack\.sample i-7 somewhere/);
    assert.match(output, /stamping tspack\.stamp stamp nowhere/);
    assert.not.match(output, /this belongs to the log/);
    assert.is(readFileSync(join(folder, "image.txt"), "utf8"), "marked for a user in machine");
    assert.equal(JSON.parse(readFileSync(join(folder, "stamp.json"), "utf8")), { files: ["image.txt"], note: "i-7" });
    assert.equal(left, []);
  });
}

packerTest("what a component refuses is an error of Packer, with every reason", async () => {
  const template = JSON.stringify({ builders: [{ type: "sample", folder: "machine", imag: "x", count: "many" }] });
  const { code, output } = await packer({ file: "t.json", template, words: ["validate"] });
  assert.is(code, 1);
  assert.match(output, /An argument named "imag" is not expected here\. Did you mean "image"\?/);
  assert.match(output, /"count"/);
  assert.match(output, /The argument "image" is required/);
});

packerTest("a warning is shown and the build goes on", async () => {
  const template = JSON.stringify({ builders: [{ type: "sample", folder: "machine", image: "i", count: 9 }] });
  const { code, output } = await packer({ file: "t.json", template });
  assert.is(code, 0, output);
  assert.match(output, /The argument "count" is nearly too much\./);
});

packerTest("a failure of a provisioner fails the build with the whole chain of causes", async () => {
  const builders = [{ type: "sample", folder: "machine", image: "i" }];
  const template = JSON.stringify({ builders, provisioners: [{ type: "sample-mark", text: "x", behave: "fail" }] });
  const { code, output, folder } = await packer({ file: "t.json", template });
  assert.is(code, 1);
  assert.match(output, /the mark cannot be left: no ink/);
  assert.not(existsSync(join(folder, "i")));
});

packerTest("generated data that Packer cannot take is named", async () => {
  const template = JSON.stringify({ builders: [{ type: "sample", folder: "machine", image: "i", data: "nested" }] });
  const { code, output } = await packer({ file: "t.json", template });
  assert.is(code, 1);
  assert.match(output, /the generated data "Deep" has to be a text, a number or a boolean/);
});

packerTest("an interrupt cancels a provisioner that waits", async () => {
  const builders = [{ type: "sample", folder: "machine", image: "i" }];
  const template = JSON.stringify({ builders, provisioners: [{ type: "sample-mark", text: "x", behave: "hang" }] });
  const { code, output, left } = await packer({ file: "t.json", template, interruptAt: "waiting for nothing" });
  assert.is(code, 1, output);
  assert.match(output, /Cancelling build|cleanly cancelled|context canceled/i);
  assert.equal(left, []);
});

machineTest("a provisioner in TypeScript works on a machine that a Go builder reaches over SSH", async () => {
  const server = await startSshd();
  try {
    const key = makeSshKey(tmp("key"), "id", "rsa", ["-m", "PEM"]);
    server.authorize(key.publicKey);
    const path = join(tmp("remote"), "mark");
    const access = { ssh_host: server.host, ssh_port: server.port, ssh_username: "root", ssh_private_key_file: key.file };
    const template = JSON.stringify({
      builders: [{ type: "null", ...access }],
      provisioners: [{ type: "sample-mark", path, text: "x".repeat(1_000_000) }],
    });
    const { code, output } = await packer({ file: "t.json", template });
    assert.is(code, 0, output.slice(0, 2_000));
    assert.is(readFileSync(path, "utf8").length, 1_000_000);
    assert.match(output, /the machine says 3: x{1000000}/);
  } finally {
    await server.stop();
  }
});

test.run();
