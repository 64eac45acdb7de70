// Templates that are huge or circular on purpose: told in a few words, and soon.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalProgram, renderDiagnostics } from "@tspack/core";
import { tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadHcl } from "../../../src/hcl/packer/load.ts";
import type { LoadOptions } from "../../../src/load/options.ts";

const LONGEST_MS = 180_000;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

async function messages(text: string, options: LoadOptions = {}): Promise<string> {
  const folder = options.workingDirectory ?? tmp("huge");
  writeFileSync(join(folder, "a.pkr.hcl"), text);
  const { diagnostics } = await within(LONGEST_MS, () => loadHcl("a.pkr.hcl", { workingDirectory: folder, ...options }));
  return renderDiagnostics(diagnostics);
}

test("an error behind megabytes of characters of several code points is shown with what stands around it", async () => {
  const shown = await messages(`locals { x = "${"é̀👩‍💻".repeat(100_000)}" y = 1 }\n`);
  assert.match(shown, /Invalid single-argument block definition/);
  assert.match(shown, /👩‍💻" y =/);
  assert.ok(shown.length < 2000);
});

test("of very many errors the first hundred are told", async () => {
  const shown = await messages(
    `locals {\n${numbers(150_000)
      .map((index) => `  x${index} = foo.y\n`)
      .join("")}}\n`,
  );
  assert.is(shown.match(/^Error: Unknown variable/gm)?.length, 100);
  assert.match(shown, /Too many errors/);
});

test("references to locals that are not there are not all compared with all names", async () => {
  const shown = await messages(
    `locals {\n${numbers(20_000)
      .map((index) => `  x${index} = local.zz${index}\n`)
      .join("")}}\n`,
  );
  assert.match(shown, /There is no local\.zz0/);
});

test("a circle of very many locals names a few of them", async () => {
  const shown = await messages(
    `locals {\n${numbers(20_000)
      .map((index) => `  x${index} = local.x${(index + 1) % 20_000}\n`)
      .join("")}}\n`,
  );
  assert.match(shown.replace(/\s+/g, " "), /local\.x8 → 19990 more → local\.x19999 → local\.x0/);
  assert.ok(shown.length < 4000);
});

test("directives that stand in each other too deeply are refused", async () => {
  const shown = await messages(`locals {\n  x = "${"%{if true}".repeat(100_000)}${"%{endif}".repeat(100_000)}"\n}\n`);
  assert.match(shown, /Too deeply nested/);
});

test("a pipe or device is no text for a function and no variable file", async () => {
  const folder = tmp("huge");
  execFileSync("mkfifo", [join(folder, "pipe"), join(folder, "pipe.json"), join(folder, "pipe.hcl")]);
  const shown = await messages('locals {\n  x = file("/dev/zero")\n  y = templatefile("pipe", {})\n}\n', {
    workingDirectory: folder,
    variableFiles: ["pipe.json", "pipe.hcl"],
  });
  assert.is(shown.replace(/\s+/g, " ").match(/it is a pipe or a device, not a file/g)?.length, 4);
});

test("YAML that is nested too deeply is told as such", async () => {
  assert.match(await messages(`locals {\n  x = yamldecode("${"[".repeat(50_000)}")\n}\n`), /the YAML is nested too deeply/);
});

test("a secret in the name of a build does not show in the canonical program", async () => {
  const folder = tmp("huge");
  const text = `variable "s" {
  default   = "hidden-word"
  sensitive = true
}
source "null" "n" {
  communicator = "none"
}
build {
  name        = "\${var.s}-1"
  description = var.s
  sources     = ["null.n"]
}
`;
  writeFileSync(join(folder, "a.pkr.hcl"), text);
  const { program } = await loadHcl("a.pkr.hcl", { workingDirectory: folder });
  assert.ok(program);
  const printed = JSON.stringify(await canonicalProgram(program));
  assert.not.match(printed, /hidden-word/);
  assert.match(printed, /"name":"<sensitive>-1\.null\.n"/);
});

test.run();
