import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { recall, recallAge, remember } from "../../src/plugins/remembered.ts";

const unixTest = lab(test, "linux");
const rootTest = lab(test, "linux", "root");

unixTest("what is remembered is for its user alone, and is there again", async () => {
  const folder = join(tmp("cache"), "tspack/plugins");
  const path = join(folder, "entry");
  assert.is(await recall(path), undefined);
  await remember(path, "known");
  assert.is(String(await recall(path)), "known");
  assert.is((await recallAge(path))?.sizeBytes, 5);
  assert.is(statSync(path).mode & 0o777, 0o600);
  assert.is(statSync(folder).mode & 0o777, 0o700);
});

unixTest("an entry that others can write, or that is no file, is none", async () => {
  const folder = tmp("cache");
  const path = join(folder, "entry");
  await remember(path, "known");
  for (const mode of [0o620, 0o602]) {
    chmodSync(path, mode);
    assert.is(await recall(path), undefined);
    assert.is(await recallAge(path), undefined);
  }
  mkdirSync(join(folder, "folder"));
  assert.is(await recall(join(folder, "folder")), undefined);
});

rootTest("an entry of another user is none", async () => {
  const path = join(tmp("cache"), "entry");
  await remember(path, "forged");
  chownSync(path, 65_534, 65_534);
  assert.is(await recall(path), undefined);
});

unixTest("a link that somebody has put in the place of an entry is not followed when it is written", async () => {
  const folder = tmp("cache");
  const precious = join(tmp("home"), "precious");
  writeFileSync(precious, "mine");
  symlinkSync(precious, join(folder, "entry"));
  await remember(join(folder, "entry"), "known");
  assert.is(readFileSync(precious, "utf8"), "mine");
  assert.is(String(await recall(join(folder, "entry"))), "known");
});

test.run();
