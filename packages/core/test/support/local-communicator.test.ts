// The communicator that tests of provisioners use keeps the contract too.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { communicatorConformance, lab, localCommunicator, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";

communicatorConformance(lab(test, "linux"), async () => {
  const root = tmp("machine");
  return { communicator: localCommunicator(root), root, close: async () => {} };
});

test("folders to leave out may be written with a slash, in both directions", async () => {
  const folder = tmp("here");
  for (const path of ["tree/kept", "tree/left"]) {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, "file"), "x");
  }
  const machine = localCommunicator(join(folder, "machine"));
  mkdirSync(join(folder, "machine"));
  const { signal } = new AbortController();
  const exclude = ["left/"];
  await machine.uploadDirectory({ source: join(folder, "tree"), destination: ".", exclude, signal });
  assert.equal(readdirSync(join(folder, "machine/tree")), ["kept"]);
  mkdirSync(join(folder, "machine/tree/left"));
  await machine.downloadDirectory({ source: "tree", destination: join(folder, "back"), exclude, signal });
  assert.equal(readdirSync(join(folder, "back/tree")), ["kept"]);
});

test.run();
