import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { writeFinishedFile } from "../../src/files/finished-file.ts";

test("the file has its name only when it is whole", async () => {
  const folder = tmp();
  const path = join(folder, "f");
  writeFileSync(path, "old");
  await writeFinishedFile(path, async (temporary) => {
    await writeFile(temporary, "new");
    assert.is(readFileSync(path, "utf8"), "old");
  });
  assert.is(readFileSync(path, "utf8"), "new");
  assert.equal(readdirSync(folder), ["f"]);
});

test("a failure leaves what was there, and no folder that was made for it, but those that others use", async () => {
  const folder = tmp();
  const fail = async (temporary: string): Promise<void> => {
    await writeFile(temporary, "half");
    throw new Error("no more");
  };
  writeFileSync(join(folder, "f"), "old");
  await rejects(writeFinishedFile(join(folder, "f"), fail), { message: /no more/ });
  assert.is(readFileSync(join(folder, "f"), "utf8"), "old");
  await rejects(writeFinishedFile(join(folder, "a/b/c/f"), fail));
  assert.equal(readdirSync(folder), ["f"]);
  await rejects(
    writeFinishedFile(join(folder, "a/b/f"), async (temporary) => {
      mkdirSync(join(folder, "a/other"));
      return fail(temporary);
    }),
  );
  assert.ok(existsSync(join(folder, "a/other")));
  assert.not.ok(existsSync(join(folder, "a/b")));
});

test.run();
