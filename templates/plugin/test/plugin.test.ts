// The components behind the protocol that tspack and Packer speak with them, in this process.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { testPlugin } from "@tspack/core/sdk/testing";
import { plugin } from "../src/plugin.ts";

const workingDirectory = mkdtempSync(join(tmpdir(), "acme-"));
const kit = testPlugin(plugin, { workingDirectory });
after(async () => {
  await kit.close();
  rmSync(workingDirectory, { recursive: true });
});

test("a build writes the note, and the provisioner stamps it", async () => {
  const stamp = kit.provisioner("acme-stamp", { label: "checked" });
  const { artifact, ui } = await kit.builder("acme", { target: "out/note.txt", text: "hello" }).run({ provisioners: [stamp] });
  assert.equal(readFileSync(join(workingDirectory, "out/note.txt"), "utf8"), "hello\nchecked\n");
  assert.deepEqual(artifact?.files, ["out/note.txt"]);
  assert.deepEqual(ui.said, ["out/note.txt is written", "stamped: checked"]);
});

test("what is wrong with options is told where it is", async () => {
  const { diagnostics, isAccepted } = await kit.builder("acme", { text: "hello" }).prepare();
  assert.equal(isAccepted, false);
  assert.deepEqual(diagnostics[0]?.path, ["target"]);
});

test("the stamp says which builder it needs", async () => {
  await assert.rejects(kit.provisioner("acme-stamp", { label: "x" }).run(), /works with the builder acme alone/);
});
