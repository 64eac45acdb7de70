// tspack fix as a user sees it (rows CMD-07, DET-15, FLG-26), and what says that it is needed (row FIX-10).
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { main } from "../../src/main.ts";
import { StreamOutput } from "../../src/output.ts";

const folder = tmp("fix");

async function tspack(words: readonly string[], input = "") {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) streams[name].on("data", (chunk) => (text[name] += chunk));
  const [stdout, stderr] = [new StreamOutput(streams.stdout), new StreamOutput(streams.stderr)];
  const host = { stdout, stderr, environment: {}, workingDirectory: folder, readInput: () => Promise.resolve(input), version: "1.2.3-dev" };
  const code = await main(words, host);
  await Promise.all([stdout.flush(), stderr.flush()]);
  return { code, ...text };
}

const outdated = '{"builders": [{"type": "vmware", "iso_md5": "abc", "text": "<&>"}]}';
const upToDate = `{
  "builders": [
    {
      "iso_checksum": "md5:abc",
      "text": "<\\u0026>",
      "type": "vmware-iso"
    }
  ]
}
`;

test("the fixed template is printed, and the file stays", async () => {
  writeFileSync(join(folder, "template.json"), outdated);
  assert.equal(await tspack(["fix", "template.json"]), { code: 0, stdout: upToDate, stderr: "" });
  assert.is(readFileSync(join(folder, "template.json"), "utf8"), outdated);
  assert.equal(await tspack(["fix", "-"], outdated), { code: 0, stdout: upToDate, stderr: "" });
});

test("what is printed is checked, unless -validate=false", async () => {
  const template = '{"builders": [], "variables": {"a": 1}}';
  const checked = await tspack(["fix", "-"], template);
  assert.is(checked.code, 1);
  assert.match(checked.stdout, /"a": 1/);
  assert.match(checked.stderr, /must be text or null, not a number/);
  const unchecked = await tspack(["fix", "-validate=false", "-"], template);
  assert.is(unchecked.code, 0);
  assert.is(unchecked.stderr, "");
});

test("what is no JSON template is refused", async () => {
  for (const [words, expected] of [
    [["fix"], /`tspack fix` needs a template/],
    [["fix", "a.pkr.hcl"], /a\.pkr\.hcl is no legacy JSON template/],
    [["fix", "none.json"], /none\.json could not be read/],
    [["fix", "-"], /Invalid JSON/],
  ] as const) {
    const { code, stdout, stderr } = await tspack(words, "{");
    assert.is(code, 1);
    assert.is(stdout, "");
    assert.match(stderr, expected);
  }
});

test("validate names the command where an option is outdated", async () => {
  const template = { builders: [{ type: "null", communicator: "none", iso_md5: "x" }] };
  const { code, stdout } = await tspack(["validate", "-"], JSON.stringify(template));
  assert.is(code, 1);
  assert.match(stdout.replace(/\s+/g, " "), /iso_md5.*It is outdated: `tspack fix` prints the template without it\./);
});

test("builds of a JSON template are selected by their bare names", async () => {
  const step = { type: "shell-local", inline: ["echo hello"] };
  const builders = ["web", "db"].map((name) => ({ type: "null", communicator: "none", name }));
  const template = JSON.stringify({ builders, provisioners: [step] });
  const selected = await tspack(["run", "-only=web", "-"], template);
  assert.is(selected.code, 0, selected.stdout);
  assert.match(selected.stdout, /null\.web/);
  assert.not.match(selected.stdout, /null\.db/);
  const none = await tspack(["run", "-only=w*", "-"], template);
  assert.is(none.code, 1);
  assert.match(none.stdout.replace(/\s+/g, " "), /The builds are: db, web\./);
});

test.run();
