// Plain and machine-readable output beside that of Debian's packer (1.6.6), on the same build. What newer versions print otherwise
// (rows OUT-02 and META-08) is rewritten first; everything else has to be equal.
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findLabProgram, lab, tmp } from "../../../../test/support/src/index.ts";
import { runProgram } from "../../src/engine/run-program.ts";
import { MachineReadablePrinter } from "../../src/events/machine-readable.ts";
import { PlainPrinter } from "../../src/events/plain.ts";
import { build, postProcess, program, provision, source } from "../engine/programs.ts";

const folder = tmp("packer");
const target = join(folder, "out.txt");
const labTest = lab(test, "packer");

/** A file builder whose provisioner and post-processor print a few lines; `exitCode` is the provisioner's. */
function template(exitCode: number): string {
  return `
source "file" "one" {
  content = "hello"
  target  = "${target}"
}
build {
  name    = "web"
  sources = ["source.file.one"]
  provisioner "shell-local" { inline = ["echo hello, world", "printf 'a\\\\rb  \\\\n  indented\\\\n'", "exit ${exitCode}"] }
  post-processor "shell-local" { inline = ["echo after"] }
}
`;
}

function image(exitCode: number) {
  const inline = ["echo hello, world", "printf 'a\\rb  \\n  indented\\n'", `exit ${exitCode}`];
  const one = source("one", {
    type: "file",
    config: { content: "hello", target },
    provisioners: [provision("shell-local", { inline })],
    postProcessors: [[postProcess("shell-local", { inline: ["echo after"] })]],
  });
  return program([build("web", one)]);
}

function packer(exitCode: number, ...flags: readonly string[]): string[] {
  writeFileSync(join(folder, "image.pkr.hcl"), template(exitCode));
  const { stdout } = spawnSync(findLabProgram("packer") ?? "", ["build", ...flags, "image.pkr.hcl"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, CHECKPOINT_DISABLE: "1", HOME: folder },
  });
  rmSync(target, { force: true });
  return stdout.trimEnd().split("\n").map(normalise);
}

async function ours(exitCode: number, printer: PlainPrinter | MachineReadablePrinter): Promise<string[]> {
  const lines: string[] = [];
  const { result } = runProgram(image(exitCode), {
    runsDirectory: false,
    environment: process.env,
    workingDirectory: folder,
    onEvent: (event) => {
      const printed = printer.lines(event);
      // Code, place and hint of a failure are told beyond Packer's lines.
      if (event.kind !== "diagnostic") lines.push(...printed);
    },
  });
  await result;
  rmSync(target, { force: true });
  return lines.map(normalise);
}

/** Without what differs from run to run, without the wording of the shell's own error, and with 1.6.6's older forms in the newer ones. */
function normalise(line: string): string {
  return (
    line
      .replace(/^\d+,/, "TIME,")
      .replace(/\d+ (second|millisecond|microsecond)s?( \d+ (millisecond|microsecond)s?)?/g, "DURATION")
      .replace(/\/\S*(packer-shell|tspack-)[^\s,%\u001b]*/g, "SCRIPT")
      // Packer names its temporary file here, tspack what the user wrote.
      .replace("Running local shell script: inline", "Running local shell script: SCRIPT")
      .replace(/Script exited with non-zero exit status: 3\..*|the local script inline exited with code 3.*/, "ERROR")
      .replace(/^ {4}/, "==> ")
      .replace(/,ui,message, {4}/, ",ui,say,==> ")
      .replace("Running post-processor:  (type shell-local)", "Running post-processor: shell-local")
  );
}

labTest("plain output of a build that succeeds is Packer's", async () => {
  assert.equal(await ours(0, new PlainPrinter()), packer(0, "-color=false"));
});

labTest("plain output in colour is Packer's, but for the boldness of command output", async () => {
  const bold = (line: string): string => line.replace("\u001b[0;", "\u001b[1;").replace(/\u001b\[1;32m {4}/, "\u001b[1;32m==> ");
  const theirs = packer(0, "-color=true").map(bold);
  assert.equal(await ours(0, new PlainPrinter({ color: true })), theirs);
});

labTest("machine-readable output of a build that succeeds is Packer's", async () => {
  assert.equal(await ours(0, new MachineReadablePrinter()), packer(0, "-machine-readable"));
});

labTest("plain output of a build that fails is Packer's", async () => {
  assert.equal(await ours(3, new PlainPrinter()), packer(3, "-color=false"));
});

labTest("machine-readable output of a build that fails is Packer's", async () => {
  assert.equal(await ours(3, new MachineReadablePrinter()), packer(3, "-machine-readable"));
});

test.run();
