// tspack fmt as a user sees it (rows CMD-06, FLG-27..30, DET-12..14, EXIT-04, INV-11).
import { spawnSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { lab, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { unifiedDiff } from "../../src/display/unified-diff.ts";
import { main } from "../../src/main.ts";
import { StreamOutput } from "../../src/output.ts";

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tspack fmt` in this process. */
async function fmt(cwd: string, words: readonly string[], input = ""): Promise<Result> {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) streams[name].on("data", (chunk) => (text[name] += chunk));
  const [stdout, stderr] = [new StreamOutput(streams.stdout), new StreamOutput(streams.stderr)];
  const code = await main(["fmt", ...words], {
    stdout,
    stderr,
    environment: {},
    workingDirectory: cwd,
    readInput: () => Promise.resolve(input),
    version: "1.2.3-dev",
  });
  await Promise.all([stdout.flush(), stderr.flush()]);
  return { code, ...text };
}

const untidy = "a=1\nbcd=2\n";
const tidy = "a   = 1\nbcd = 2\n";

function folder(files: { readonly [name: string]: string }): string {
  const path = tmp("fmt");
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

const read = (...parts: readonly string[]): string => readFileSync(join(...parts), "utf8");

test("files of a folder are rewritten, and those that changed are named", async () => {
  const cwd = folder({
    "b.pkr.hcl": untidy,
    "a.pkrvars.hcl": untidy,
    "tidy.pkr.hcl": tidy,
    "other.hcl": untidy,
    ".hidden.pkr.hcl": untidy,
    "#lock.pkr.hcl#": untidy,
    "deep/c.pkr.hcl": untidy,
  });
  assert.equal(await fmt(cwd, ["."]), { code: 0, stdout: "a.pkrvars.hcl\nb.pkr.hcl\n", stderr: "" });
  assert.is(read(cwd, "b.pkr.hcl"), tidy);
  for (const name of ["other.hcl", ".hidden.pkr.hcl", "#lock.pkr.hcl#", "deep/c.pkr.hcl"]) assert.is(read(cwd, name), untidy);
  assert.equal(await fmt(cwd, ["."]), { code: 0, stdout: "", stderr: "" });
  assert.equal(await fmt(cwd, ["-recursive", "."]), { code: 0, stdout: "deep/c.pkr.hcl\n", stderr: "" });
});

test("-check writes nothing and exits with 3 only when something would change", async () => {
  const cwd = folder({ "a.pkr.hcl": untidy, "b.pkr.hcl": tidy });
  assert.equal(await fmt(cwd, ["-check", "-write=true", "b.pkr.hcl", "a.pkr.hcl"]), { code: 3, stdout: "a.pkr.hcl\n", stderr: "" });
  assert.equal(await fmt(cwd, ["-check", "b.pkr.hcl"]), { code: 0, stdout: "", stderr: "" });
  assert.equal(await fmt(cwd, ["-write=false", "."]), { code: 0, stdout: "a.pkr.hcl\n", stderr: "" });
  assert.is(read(cwd, "a.pkr.hcl"), untidy);
});

test("-diff shows the change behind the name", async () => {
  const cwd = folder({ "x/a.pkr.hcl": `${untidy}c=3` });
  const { code, stdout } = await fmt(cwd, ["-check", "-diff", "x"]);
  assert.is(code, 3);
  const lines = [
    "x/a.pkr.hcl",
    "--- old/x/a.pkr.hcl",
    "+++ new/x/a.pkr.hcl",
    "@@ -1,3 +1,3 @@",
    "-a=1",
    "-bcd=2",
    "-c=3",
    "\\ No newline at end of file",
  ];
  assert.is(stdout, `${[...lines, "+a   = 1", "+bcd = 2", "+c   = 3", "\\ No newline at end of file"].join("\n")}\n`);
});

test("standard input goes to standard output, changed or not", async () => {
  const cwd = folder({});
  assert.equal(await fmt(cwd, ["-"], untidy), { code: 0, stdout: tidy, stderr: "" });
  assert.equal(await fmt(cwd, ["-diff", "-"], tidy), { code: 0, stdout: tidy, stderr: "" });
  assert.equal(await fmt(cwd, ["-check", "-"], untidy), { code: 3, stdout: tidy, stderr: "" });
  const { code, stdout, stderr } = await fmt(cwd, ["-"], "a = 'x'\n");
  assert.equal([code, stdout], [1, ""]);
  assert.match(stderr, /on standard input line 1:\n {2}1 │ a = 'x'\n/);
});

test("a file with errors is left alone, all of them are shown, and the others are formatted", async () => {
  const wrong = "a  =  [1 2]\nb = 'x'\n";
  const cwd = folder({ "1.pkr.hcl": wrong, "2.pkr.hcl": untidy, "3.pkr.hcl": "a = \xff\u0000" });
  writeFileSync(join(cwd, "4.pkr.hcl"), Buffer.from([0x61, 0xff]));
  const { code, stdout, stderr } = await fmt(cwd, ["-check", "."]);
  assert.equal([code, stdout], [1, "2.pkr.hcl\n"]);
  assert.match(stderr, /Missing item separator \(TPK2001\)\n\n {2}on 1\.pkr\.hcl line 1:/);
  assert.match(stderr, /Invalid character \(TPK2001\)\n\n {2}on 1\.pkr\.hcl line 2:/);
  assert.match(stderr, /Not a text file \(TPK2002\)/);
  assert.match(stderr, /Invalid UTF-8 \(TPK2002\)/);
  assert.is(read(cwd, "1.pkr.hcl"), wrong);
});

test("what cannot be formatted is named, with exit code 1", async () => {
  const cwd = folder({ "a.json": "{}" });
  mkdirSync(join(cwd, "folder.pkr.hcl"));
  const seen = async (...words: readonly string[]): Promise<string> => {
    const { code, stderr } = await fmt(cwd, words);
    assert.is(code, 1);
    return stderr.replace(/\s+/g, " ");
  };
  assert.match(await seen("a.json"), /a\.json: Only files whose names end in \.pkr\.hcl or \.pkrvars\.hcl are formatted/);
  assert.match(await seen("none.pkr.hcl"), /none\.pkr\.hcl: There is no such file or folder/);
  assert.match(await seen(), /`tspack fmt` needs to know what to format/);
  assert.match(await seen("-chek", "."), /Did you mean "-check"\?/);
  assert.is((await fmt(cwd, ["folder.pkr.hcl"])).code, 0);
});

test("a link that leads in a circle is told in words, and the other files are formatted", async () => {
  const cwd = folder({ "z.pkr.hcl": untidy });
  symlinkSync("a.pkr.hcl", join(cwd, "a.pkr.hcl"));
  const { code, stdout, stderr } = await fmt(cwd, ["."]);
  assert.is(code, 1);
  assert.is(stdout, "z.pkr.hcl\n");
  assert.match(stderr, /a\.pkr\.hcl: It could not be read: symbolic links lead in a circle\./);
  assert.not.match(stderr, /TPK9001/);
});

test("links keep pointing, modes stay, and nothing else is left in the folder", async () => {
  const cwd = folder({ "real/a.pkr.hcl": untidy });
  chmodSync(join(cwd, "real/a.pkr.hcl"), 0o640);
  symlinkSync("real/a.pkr.hcl", join(cwd, "link.pkr.hcl"));
  symlinkSync("..", join(cwd, "real/loop"));
  symlinkSync("gone", join(cwd, "real/broken.pkr.hcl"));
  assert.equal(await fmt(cwd, ["link.pkr.hcl"]), { code: 0, stdout: "link.pkr.hcl\n", stderr: "" });
  assert.ok(lstatSync(join(cwd, "link.pkr.hcl")).isSymbolicLink());
  assert.is(read(cwd, "real/a.pkr.hcl"), tidy);
  assert.is(statSync(join(cwd, "real/a.pkr.hcl")).mode & 0o777, 0o640);
  assert.equal(readdirSync(join(cwd, "real")).sort(), ["a.pkr.hcl", "broken.pkr.hcl", "loop"]);
  const { code, stderr } = await fmt(cwd, ["-recursive", "."]);
  assert.is(code, 1);
  assert.match(stderr.replace(/\s+/g, " "), /real\/broken\.pkr\.hcl: There is no such file/);
});

test("a diff shows three lines around each change, and joins changes that are near", () => {
  const lines = Array.from({ length: 30 }, (_, index) => `${index + 1}\n`);
  const after = lines.map((line, index) => (index === 4 || index === 11 || index === 25 ? ` ${line}` : line));
  const hunks = unifiedDiff({ before: "a", after: "b" }, lines.join(""), after.join("")).match(/^@@.*$/gm);
  assert.equal(hunks, ["@@ -2,14 +2,14 @@", "@@ -23,7 +23,7 @@"]);
  assert.is(unifiedDiff({ before: "a", after: "b" }, "same\n", "same\n"), "");
});

lab(test, "packer")("names, diffs and exit codes are those of packer fmt", async () => {
  const files = {
    "d/a.pkr.hcl": `${untidy}${"# x\n".repeat(9)}e=1\n`,
    "d/b.pkr.hcl": "b {\nc=1 # x\n}\n",
    "d/c.pkrvars.hcl": tidy,
    "d/d.txt": untidy,
  };
  const cwd = folder(files);
  for (const words of [["-check", "-diff", "d"], ["-write=false", "-diff", "d/b.pkr.hcl"], ["d/c.pkrvars.hcl"], ["d"], ["d"]]) {
    const peer = folder(files);
    if (words[0] === "d" && read(cwd, "d/b.pkr.hcl") !== files["d/b.pkr.hcl"]) spawnSync("packer", ["fmt", "d"], { cwd: peer });
    const { status, stdout } = spawnSync("packer", ["fmt", ...words], {
      cwd: peer,
      encoding: "utf8",
      env: { ...process.env, CHECKPOINT_DISABLE: "1" },
    });
    const own = await fmt(cwd, words);
    assert.equal([own.code, own.stdout], [status, stdout]);
    for (const name of Object.keys(files)) assert.is(read(cwd, name), read(peer, name));
  }
});

test.run();
