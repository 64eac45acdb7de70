import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findLabProgram, lab, rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type TarEntry, writeTar } from "../../../../src/archive/tar-writer.ts";
import { buildRootfs } from "./harness.ts";

const payload: TarEntry = { name: "payload", type: "file", mode: 0o644, content: Buffer.from("evil") };

/** Builds an ext4 image of an archive with these members. */
async function ext4Of(folder: string, ...entries: readonly TarEntry[]): Promise<void> {
  await writeFile(join(folder, "base.tar"), writeTar([payload, ...entries]));
  await buildRootfs({ base: { archive: "base.tar" }, output: [{ format: "ext4", path: "out.img" }] }, { folder });
}

/** Archives whose names are commands for the program that fills the image, each writing a file of this machine. */
const commands: { readonly [what: string]: (target: string) => TarEntry } = {
  "the name of an attribute": (target) => ({
    name: "zfile",
    type: "file",
    mode: 0o644,
    content: Buffer.alloc(0),
    xattrs: { [`user.x\ndump /payload ${target}\n`]: Buffer.from("x") },
  }),
  "a link's long target": (target) => ({
    name: "zlink",
    type: "symlink",
    mode: 0o777,
    // What reads the commands takes 8191 characters of a line at a time.
    linkName: `${"a".repeat(8191 - 'symlink "zlink" "'.length)}${`dump /payload ${target}`.padEnd(8191)}a`,
  }),
  "a name with a zero in it": (target) => ({ name: `zdir\0"\ndump /payload ${target}`, type: "directory", mode: 0o755 }),
};

lab(
  test,
  "mkfs.ext4",
  "debugfs",
)("names that look like options or words of a shell are names in an ext4 image", async () => {
  const folder = tmp("odd");
  const names = ["-x", "--", "#", "a b", `"`, `'`, "<2>", "*", "ä", "~", "\\", "..."];
  const file = { type: "file", mode: 0o644, content: Buffer.from("x") } as const;
  await ext4Of(
    folder,
    ...names.map((name) => ({ ...file, name: `${name}` })),
    ...names.map((name): TarEntry => ({ name: `d/${name}`, type: "directory", mode: 0o755 })),
    ...names.map((name): TarEntry => ({ name: `l/${name}`, type: "symlink", mode: 0o777, linkName: name })),
    ...names.map((name): TarEntry => ({ name: `h/${name}`, type: "hardlink", mode: 0o644, linkName: name })),
  );
  for (const parent of ["/", "/d", "/l", "/h"]) {
    const listing = execFileSync(findLabProgram("debugfs") ?? "", ["-R", `ls -p ${parent}`, join(folder, "out.img")], {
      encoding: "utf8",
      stdio: "pipe",
    });
    const found = listing.split("\n").map((line) => line.split("/")[5]);
    for (const name of names) assert.ok(found.includes(name), `${name} in ${parent}: ${listing}`);
  }
});

for (const [what, entry] of Object.entries(commands)) {
  lab(
    test,
    "mkfs.ext4",
    "debugfs",
  )(`an archive gives the program that fills an ext4 image no commands: ${what}`, async () => {
    const folder = tmp("hostile");
    const target = join(folder, "written");
    const error = await rejects(ext4Of(folder, entry(target)));
    assert.not.ok(existsSync(target));
    assert.match(error.message, /ext4/);
    assert.equal(readdirSync(folder), ["base.tar"]);
  });
}

test.run();
