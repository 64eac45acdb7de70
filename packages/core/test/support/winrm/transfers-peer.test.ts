// The file provisioner of Debian's Packer and ours, side by side on machines that start alike: the same files, under the same names.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { lab, packerOverWinrm, startWinrm, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { builtInCatalog } from "../../../src/components/built-in.ts";
import type { Config } from "../../../src/program/program.ts";
import { build, program, provision, source } from "../../engine/programs.ts";
import { runToEnd } from "../../engine/run.ts";

const local = { "a.txt": "hello", empty: "", "dir/x.txt": "x", "dir/sub/y z.txt": "yz", "dir/.hidden": "h" };
const remote = { "C:/Logs/setup.log": "log", "C:/Logs/Sub/More.log": "more" };

/** One provisioner after the other. */
const transfers: readonly Config[] = [
  { source: "a.txt", destination: "C:/1/b.txt" },
  { source: "a.txt", destination: "C:/2/" },
  { source: "a.txt", destination: "C:\\3\\" },
  { source: "empty", destination: "C:/4/empty" },
  { source: "a.txt", destination: "relative.txt" },
  { source: "a.txt", destination: "$env:TEMP/5.txt" },
  { source: "a.txt", destination: "%TEMP%/6.txt" },
  { source: "a.txt", destination: "'C:/7 quoted/x.txt'" },
  { source: "a.txt", destination: "C:/8/../up.txt" },
  { sources: ["a.txt", "empty"], destination: "C:/9/" },
  { source: "dir", destination: "C:/10" },
  { source: "dir", destination: "C:/11/" },
  { source: "dir/", destination: "C:/12" },
  { source: "dir/", destination: "C:/13 with space/" },
  { direction: "download", source: "C:/Logs/setup.log", destination: "got/1.log" },
  { direction: "download", source: "c:/logs/Sub/More.log", destination: "got/" },
];

lab(test, "packer")("files and folders arrive under the names that Packer gives them", async () => {
  const blocks = transfers.map((config) => {
    const lines = Object.entries(config).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
    return `provisioner "file" {\n${lines.join("\n")}\n}`;
  });
  const theirs = await packerOverWinrm(blocks.join("\n"), { files: local, machineFiles: remote });
  assert.is(theirs.exitCode, 0, theirs.output);

  const server = await startWinrm();
  const folder = tmp("work");
  try {
    for (const [path, content] of Object.entries(remote)) server.files.set(path, Buffer.from(content));
    for (const [name, content] of Object.entries(local)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const login = { winrm_host: server.host, winrm_port: server.port, winrm_username: server.user, winrm_password: server.password };
    const machine = source("machine", {
      type: "null",
      config: { communicator: "winrm", ...login },
      provisioners: transfers.map((config) => provision("file", config)),
    });
    const options = { catalog: builtInCatalog(), environment: process.env, workingDirectory: folder };
    const { result } = await within(60_000, () => runToEnd(program([build(undefined, machine)]), options));
    assert.is(result.exitCode, 0, result.builds.flatMap(({ errors }) => errors).join("\n"));
    assert.equal(contents(server.files), contents(theirs.files));
    assert.equal(downloads(folder), downloads(theirs.directory));
    assert.is(server.files.size, 25);
    assert.equal(downloads(folder), ["1.log=log", "More.log=more"]);
    assert.ok(server.commands.length < theirs.commands.length, "a transfer of ours is one command");
  } finally {
    await server.close();
  }
});

function contents(files: ReadonlyMap<string, Uint8Array>): string[] {
  return [...files].map(([path, data]) => `${path}=${Buffer.from(data).toString()}`).sort();
}

function downloads(folder: string): string[] {
  const got = join(folder, "got");
  return readdirSync(got)
    .filter((name) => statSync(join(got, name)).isFile())
    .map((name) => `${name}=${readFileSync(join(got, name), "utf8")}`)
    .sort();
}

test.run();
