// The whole plugin as a process of its own, in a build by tspack.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);
const env = { ...process.env, PACKER_PLUGIN_PATH: "dev" };

test("a build writes the note and stamps it", async () => {
  await run("node_modules/.bin/tspack", ["run", "image.ts"], { env });
  assert.equal(readFileSync("output/note.txt", "utf8"), "written by acme\nchecked\n");
});

test("the plugin says what it is", async () => {
  const { stdout } = await run("dev/packer-plugin-acme", ["describe"]);
  assert.deepEqual(JSON.parse(stdout).provisioners, ["stamp"]);
});
