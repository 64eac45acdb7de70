// The one file of the plugin under HashiCorp's Packer: Debian's 1.6.6, which has a QEMU builder of its own.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findLabProgram, lab, tinyGuestNeeds, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyConfig } from "./build-kit.ts";

const packerTest = lab(test, "packer", ...tinyGuestNeeds);
const root = fileURLToPath(new URL("../../..", import.meta.url));

packerTest("Packer builds a machine with the plugin in its folder, in place of its own builder of that name", async () => {
  execFileSync(process.execPath, ["--import", "tsx", "scripts/bundle.ts", "--program-only"], { cwd: root, stdio: "pipe" });
  const folder = tmp("host");
  const temporary = tmp("t");
  copyFileSync(join(root, "packages/plugin-qemu/dist/packer-plugin-qemu"), join(folder, "packer-builder-qemu"));
  // Packer's own builder does not know the last option.
  const builder = { type: "qemu", ...tinyConfig({ boot_typing: "qmp" }) };
  const inline = ["echo Go was on $(hostname) in $PACKER_BUILDER_TYPE"];
  writeFileSync(join(folder, "t.json"), JSON.stringify({ builders: [builder], provisioners: [{ type: "shell", inline }] }));
  const output = await within(300_000, async () => {
    const env = { ...process.env, TMPDIR: temporary, PACKER_CONFIG_DIR: folder, PACKER_CACHE_DIR: tmp("cache"), CHECKPOINT_DISABLE: "1" };
    const child = spawn(findLabProgram("packer") ?? "packer", ["build", "-color=false", "t.json"], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (more: string) => (text += more));
    const [code]: unknown[] = await once(child, "close");
    assert.is(code, 0, text);
    return text;
  });
  assert.match(output, /Go was on guest in qemu/);
  assert.match(output, /--> qemu: /);
  assert.not.match(output, /tspack:|guest is up/, "records of tspack's own and the console are not printed");
  assert.ok(statSync(join(folder, "out/tiny")).size > 0);
  // The console's log stays for the user; nothing else does.
  assert.equal(
    readdirSync(temporary).filter((name) => !name.startsWith("tspack-qemu-")),
    [],
  );
});

test.run();
