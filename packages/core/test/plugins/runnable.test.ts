import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { describePlugin } from "../../src/plugins/describe.ts";
import { runProblem } from "../../src/plugins/runnable.ts";

const unixTest = lab(test, "linux");

/** A file of another system: its first bytes, and enough of anything behind them. */
function program(...start: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from(start), Buffer.alloc(64)]);
}

const mips = Buffer.concat([program(0x7f, 0x45, 0x4c, 0x46, 1, 2).subarray(0, 18), Buffer.from([0, 8]), Buffer.alloc(40)]);

unixTest("what this system cannot run is told with what to do about it", async () => {
  const cases: readonly (readonly [name: string, content: string | Buffer, why: RegExp, hint: RegExp, isMeant?: boolean])[] = [
    ["text", "echo hello\n", /no program, and no script/, /unpacked/],
    ["empty", "", /no program, and no script/, /unpacked/],
    ["archive", "PK\u0003\u0004 and what else a zip archive has", /no program/, /unpacked/],
    ["mac", program(0xcf, 0xfa, 0xed, 0xfe), /a program for macOS/, /the one for this system/],
    ["mips", mips, /a program for mips, and this system is/, /the one for this system/, !existsSync("/proc/sys/fs/binfmt_misc/qemu-mips")],
    ["nowhere", "#! /nowhere/sh -e\n", /its first line names "\/nowhere\/sh", which is not there/, /correct the line/],
    ["dos", "#!/bin/sh\r\n", /"\/bin\/sh\\r"/, /line ends/],
  ];
  const folder = tmp("runnable");
  for (const [name, content, why, hint, isMeant = true] of cases) {
    if (!isMeant) continue;
    const file = join(folder, name);
    writeFileSync(file, content, { mode: 0o755 });
    const problem = await runProblem(file);
    assert.match(problem?.why ?? "", why, name);
    assert.match(problem?.hint ?? "", hint, name);
  }
  const script = join(folder, "script");
  writeFileSync(script, "#!/bin/sh\n", { mode: 0o644 });
  assert.equal(await runProblem(script), { why: "it is not executable", hint: "Make it so: chmod +x script" });
  chmodSync(script, 0o755);
  assert.is(await runProblem(script), undefined);
  assert.is(await runProblem(process.execPath), undefined);
  assert.is((await runProblem(join(folder, "gone")))?.why, "it does not exist");
});

unixTest("a plugin for another system is not taken for a script of commands", async () => {
  const folder = tmp("runnable");
  const file = join(folder, "packer-plugin-foreign");
  // What execvp would hand to the shell.
  writeFileSync(file, `touch ${join(folder, "ran")}\n`, { mode: 0o755 });
  const options = { environment: { PATH: process.env.PATH }, workingDirectory: folder, cacheDirectory: join(folder, "cache") };
  await rejects(describePlugin(file, undefined, options), { code: "TPK4001", message: /cannot be run: it is no program/ });
  assert.not.ok(existsSync(join(folder, "ran")));
  assert.ok(readFileSync(file, "utf8").startsWith("touch"));
});

test.run();
