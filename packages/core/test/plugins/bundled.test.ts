// Whole builds with the Go components that Debian's packer 1.6.6 serves.
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findLabProgram, lab, makeSshKey, type Sshd, startSshd, tmp, within, writeScript } from "../../../../test/support/src/index.ts";
import type { Config, Program } from "../../src/program/program.ts";
import { build, postProcess, program, provision, source } from "../engine/programs.ts";
import { type FinishedRun, ofKind, runToEnd } from "../engine/run.ts";
import { catalogIn, packerScripts } from "./go-components.ts";

const packerTest = lab(test, "packer");
const machineTest = lab(test, "packer", "sshd", "ssh-keygen", "root");
const styles = ["typed", "plain"] as const;

/** Runs a program whose plugins are the named components of packer. */
async function runWith(names: readonly string[], made: Program, workingDirectory = tmp("work")): Promise<FinishedRun> {
  const catalog = catalogIn(packerScripts(...names));
  try {
    return await within(60_000, () => runToEnd(made, { catalog, environment: process.env, workingDirectory }));
  } finally {
    await catalog.close();
  }
}

/** A server of one test's own, and the options with which a null builder gets there. */
async function onMachine(body: (access: Config, server: Sshd) => Promise<void>): Promise<void> {
  const server = await startSshd();
  try {
    const key = makeSshKey(tmp("key"), "id", "rsa", ["-m", "PEM"]);
    server.authorize(key.publicKey);
    await body({ ssh_host: server.host, ssh_port: server.port, ssh_username: "root", ssh_private_key_file: key.file }, server);
  } finally {
    await server.stop();
  }
}

for (const configStyle of styles) {
  packerTest(`shell-local of Go runs in a null build of ours, with ${configStyle} options`, async () => {
    const inline = ["echo hello from $PACKER_BUILDER_TYPE", "echo oops >&2"];
    const one = source("one", { type: "null", config: { communicator: "none" }, provisioners: [provision("shell-local", { inline })] });
    const { result, lines, events } = await runWith(["packer-provisioner-shell-local"], program([build(undefined, one)], { configStyle }));
    assert.is(result.exitCode, 0, lines.join("\n"));
    const output = ofKind(events, "output").map(({ text }) => text);
    assert.ok(output.includes("hello from null"), lines.join("\n"));
    assert.ok(lines.some((line) => line.includes("oops")));
    assert.ok(ofKind(events, "log").some(({ source: from }) => from === "packer-provisioner-shell-local plugin"));
    assert.equal(
      result.diagnostics.map(({ code, severity }) => [code, severity]),
      [["TPK4006", "warning"]],
    );
  });

  packerTest(`file builder, checksum, compress and manifest of Go make artifacts of each other, with ${configStyle} options`, async () => {
    const work = tmp("work");
    const chains = [
      [postProcess("checksum", { checksum_types: ["sha256"], output: join(work, "{{.ChecksumType}}.sum") })],
      [
        postProcess("compress", { output: join(work, "out.gz") }, { keep_input_artifact: true }),
        postProcess("manifest", { output: join(work, "manifest.json"), custom_data: { who: "me" } }),
      ],
    ];
    const one = source("one", {
      type: "file",
      config: { content: "content of the file\n", target: join(work, "out.txt") },
      postProcessors: chains,
    });
    const names = [
      "packer-builder-file",
      "packer-post-processor-checksum",
      "packer-post-processor-compress",
      "packer-post-processor-manifest",
    ];
    const { result, lines } = await runWith(names, program([build(undefined, one)], { configStyle }), work);
    assert.is(result.exitCode, 0, lines.join("\n"));
    const digest = createHash("sha256").update("content of the file\n").digest("hex");
    assert.ok(readFileSync(join(work, "sha256.sum"), "utf8").startsWith(digest));
    assert.is(gunzipSync(readFileSync(join(work, "out.gz"))).toString(), "content of the file\n");
    const manifest: unknown = JSON.parse(readFileSync(join(work, "manifest.json"), "utf8"));
    assert.match(JSON.stringify(manifest), /"custom_data":\{"who":"me"\}/);
    const [made] = result.builds;
    assert.is(made?.artifacts[0]?.builderId, "packer.file");
    assert.ok(made?.artifacts.some(({ files }) => files.includes(join(work, "out.gz"))));
  });
}

packerTest("an artifact of a Go builder that nobody keeps is destroyed through the wire", async () => {
  const work = tmp("work");
  const target = join(work, "out.txt");
  const chain = [postProcess("compress", { output: join(work, "out.gz") }, { keep_input_artifact: false })];
  const one = source("one", { type: "file", config: { content: "x", target }, postProcessors: [chain] });
  // compress is ours, the artifact Go's.
  const { result, lines } = await runWith(["packer-builder-file"], program([build(undefined, one)]), work);
  assert.is(result.exitCode, 0, lines.join("\n"));
  assert.not(existsSync(target));
  assert.ok(existsSync(join(work, "out.gz")));
});

packerTest("a Go component is started once to be prepared and run, whatever the style of its options", async () => {
  for (const configStyle of styles) {
    const folder = tmp("plugins");
    const starts = join(folder, "starts");
    const start = `exec ${findLabProgram("packer")} plugin packer-provisioner-shell-local`;
    writeScript(join(folder, "packer-provisioner-shell-local"), `echo start >> ${starts}\n${start}`);
    const catalog = catalogIn(folder);
    const one = source("one", {
      type: "null",
      config: { communicator: "none" },
      provisioners: [provision("shell-local", { inline: ["true"] })],
    });
    try {
      const made = program([build(undefined, one)], { configStyle });
      const { result, lines } = await within(60_000, () => runToEnd(made, { catalog, environment: process.env }));
      assert.is(result.exitCode, 0, lines.join("\n"));
      assert.is(readFileSync(starts, "utf8"), "start\n", configStyle);
    } finally {
      await catalog.close();
    }
  }
});

packerTest("what a Go component refuses is a diagnostic at the option, and nothing is started", async () => {
  const bad = source("bad", {
    type: "null",
    config: { communicator: "none" },
    provisioners: [provision("shell-local", { inlin: ["true"] }), provision("shell-local", { inline: ["true"], script: "x" })],
  });
  const { result } = await runWith(["packer-provisioner-shell-local"], program([build(undefined, bad)]));
  const errors = result.diagnostics.filter(({ severity }) => severity === "error");
  assert.equal(
    errors.map(({ code }) => code),
    ["TPK3102", "TPK3105"],
  );
  assert.match(errors[0]?.hint ?? "", /inline/);
  assert.ok(errors.some(({ detail = "" }) => /script/i.test(detail)));
  const plain = await runWith(["packer-provisioner-shell-local"], program([build(undefined, bad)], { configStyle: "plain" }));
  assert.ok(plain.result.diagnostics.some(({ code, path }) => code === "TPK3102" && path?.[0] === "inlin"));
});

packerTest("a Go provisioner that fails, fails its build with its own words", async () => {
  const failing = source("bad", {
    type: "null",
    config: { communicator: "none" },
    provisioners: [provision("shell-local", { inline: ["exit 7"] })],
  });
  const fine = source("good", { type: "null", config: { communicator: "none" } });
  const { result } = await runWith(["packer-provisioner-shell-local"], program([build(undefined, failing, fine)]));
  assert.is(result.exitCode, 1);
  assert.match(result.builds[0]?.errors[0] ?? "", /exit code 7|non-zero exit status/i);
  assert.is(result.builds[1]?.outcome, "succeeded");
});

machineTest("Go's shell and file provisioners work through our communicator", () =>
  onMachine(async (access) => {
    const there = tmp("remote");
    const work = tmp("work");
    const content = randomBytes(1_000_000);
    writeFileSync(join(work, "up.bin"), content);
    const provisioners = [
      provision("file", { source: join(work, "up.bin"), destination: join(there, "up.bin") }),
      provision("shell", { inline: [`sha256sum ${there}/up.bin`, `cp ${there}/up.bin ${there}/copy.bin`, "echo problem >&2"] }),
      provision("file", { direction: "download", source: join(there, "copy.bin"), destination: join(work, "down.bin") }),
    ];
    const one = source("one", { type: "null", config: access, provisioners });
    const { result, lines } = await runWith(
      ["packer-provisioner-shell", "packer-provisioner-file"],
      program([build(undefined, one)]),
      work,
    );
    assert.is(result.exitCode, 0, lines.join("\n"));
    assert.ok(lines.some((line) => line.includes(createHash("sha256").update(content).digest("hex"))));
    assert.ok(readFileSync(join(work, "down.bin")).equals(content));
  }),
);

machineTest("our shell provisioner, and Go's by relay, work through the communicator of a Go builder", () =>
  onMachine(async (access) => {
    const there = tmp("remote");
    const work = tmp("work");
    const content = randomBytes(1_000_000);
    writeFileSync(join(work, "up.bin"), content);
    const provisioners = [
      provision("shell-local", { inline: ["true"] }),
      provision("file", { source: join(work, "up.bin"), destination: join(there, "up.bin") }),
      provision("shell", { inline: [`sha256sum ${there}/up.bin`, "exit 4"], valid_exit_codes: [4] }),
    ];
    const one = source("one", { type: "null", config: access, provisioners });
    for (const names of [["packer-builder-null"], ["packer-builder-null", "packer-provisioner-shell", "packer-provisioner-file"]]) {
      const { result, lines } = await runWith(names, program([build(undefined, one)]), work);
      assert.is(result.exitCode, 0, `${names.join()}\n${lines.join("\n")}`);
      assert.ok(lines.some((line) => line.includes(createHash("sha256").update(content).digest("hex"))));
    }
  }),
);

test.run();
