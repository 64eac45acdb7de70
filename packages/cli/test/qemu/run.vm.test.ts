// Virtual machines with the program as it is installed: its own plugin, found without a word about it, in every kind of program.
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { lab, tinyGuestNeeds, tinyGuestOptions, tmp, within, writeSectorDisk } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { finish, startTspack, type TspackResult, tspack } from "../support/tspack.ts";

const vmTest = lab(test, ...tinyGuestNeeds);
const sectorTest = lab(test, "linux", "qemu-system-x86_64", "qemu-img");
/** Against hanging alone. */
const limitMs = 5 * 60_000;

type Options = { readonly [option: string]: unknown };

interface Project {
  readonly cwd: string;
  readonly env: { readonly [name: string]: string | undefined };
  file(...names: readonly string[]): string;
}

/** A folder with an empty one for temporary files, which the environment of every process of a run names. */
function project(): Project {
  const cwd = tmp("vm");
  const file = (...names: readonly string[]): string => join(cwd, ...names);
  mkdirSync(file("tmp"));
  return { cwd, file, env: { TMPDIR: file("tmp"), PACKER_CACHE_DIR: file("cache"), PACKER_PLUGIN_PATH: file("plugins") } };
}

/** Options of a machine that says something on its console and then waits for a key for ever. */
function silentOptions({ file }: Project): Options {
  const image = file("silent.img");
  writeSectorDisk(image, { says: "nobody will ever log in\n", waitsForEnter: true });
  return {
    disk_image: true,
    iso_url: image,
    iso_checksum: "none",
    skip_resize_disk: true,
    accelerator: "tcg",
    memory: 64,
    headless: true,
    output_directory: "out",
    ssh_username: "nobody",
    ssh_password: "x",
    boot_wait: "-1s",
  };
}

const first = ["echo one > /root/note", "echo first is done"];
const second = ["echo two >> /root/note", "echo note: $(cat /root/note)"];

function imageOf(options: Options, provisioners = ""): string {
  return `import { build, provision, source } from "tspack";
export default build({ sources: [source("qemu", "x", ${JSON.stringify(options)})], provisioners: [${provisioners}] });
`;
}

function templateOf(options: Options): string {
  const lines = Object.entries(options).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`);
  const shell = (inline: readonly string[]): string => `  provisioner "shell" {\n    inline = ${JSON.stringify(inline)}\n  }\n`;
  return `packer {
  required_plugins {
    qemu = { source = "github.com/hashicorp/qemu", version = ">= 1.0" }
  }
}
source "qemu" "x" {
${lines.join("\n")}
}
build {
  sources = ["source.qemu.x"]
${shell(first)}${shell(second)}}
`;
}

const programs: { readonly [file: string]: (options: Options) => string } = {
  "image.ts": (options) =>
    imageOf(options, [first, second].map((inline) => `provision("shell", { inline: ${JSON.stringify(inline)} })`).join(", ")),
  "image.pkr.hcl": templateOf,
  "image.json": (options) =>
    JSON.stringify({
      builders: [{ type: "qemu", name: "x", ...options }],
      provisioners: [first, second].map((inline) => ({ type: "shell", inline })),
    }),
};

for (const [name, text] of Object.entries(programs)) {
  vmTest(`${name}: a machine is booted, changed by two provisioners and shut down; its console is in the log and kept`, async () => {
    const { cwd, env, file } = project();
    writeFileSync(file(name), text({ ...tinyGuestOptions(), skip_compaction: true }));
    const isJson = name === "image.ts";
    const run = await within(limitMs, () => tspack(["run", ...(isJson ? ["-json"] : []), name], { cwd, env: { ...env, PACKER_LOG: "1" } }));
    assert.is(run.code, 0, run.stdout + run.stderr);
    assert.match(run.stdout, /first is done/);
    assert.match(run.stdout, /note: one two/);
    assert.match(run.stderr, /guest is up/, "the console is in the log");
    assert.ok(statSync(file("out/tiny")).isFile());
    assert.equal(readdirSync(file("tmp")), []);
    if (name.endsWith(".hcl")) assert.match(run.stderr, /github\.com\/hashicorp\/qemu\) is not installed; tspack's own .* stands in/);
    if (!isJson) return;
    const [path = ""] = filesIn(run).console ?? [];
    assert.ok(path.startsWith(file(".tspack/runs/")), path);
    assert.match(readFileSync(path, "utf8"), /guest is up/);
  });
}

/** Paths that `file` events name, by their types. */
function filesIn({ stdout }: TspackResult): { readonly [type: string]: readonly string[] } {
  const found: { [type: string]: string[] } = {};
  for (const line of stdout.split("\n").filter((text) => text.startsWith("{"))) {
    const event: { readonly kind: string; readonly type: string; readonly path: string } = JSON.parse(line);
    if (event.kind !== "file") continue;
    found[event.type] ??= [];
    found[event.type]?.push(event.path);
  }
  return found;
}

sectorTest(
  "a machine without SSH: the error has the console's last lines and the path of a picture, and events name both files",
  async () => {
    const made = project();
    const { cwd, env, file } = made;
    // The time limit begins when the machine has come so far.
    const boot_command = ['<waitSerial "nobody will ever log in" 2m>'];
    writeFileSync(file("image.ts"), imageOf({ ...silentOptions(made), boot_command, ssh_timeout: "2s" }));
    const run = await within(limitMs, () => tspack(["run", "-json"], { cwd, env }));
    assert.is(run.code, 1, run.stdout + run.stderr);
    const { console: consoles = [], screen: pictures = [] } = filesIn(run);
    assert.equal([consoles.length, pictures.length], [1, 1]);
    assert.match(readFileSync(consoles[0] ?? "", "utf8"), /nobody will ever log in/);
    assert.is(readFileSync(pictures[0] ?? "").toString("latin1", 1, 4), "PNG");
    assert.match(run.stdout, /console said last:.*nobody will ever log in/);
    assert.ok(run.stdout.includes(`The screen of the machine at that moment: ${pictures[0]}`));
    assert.not(existsSync(file("out")));
  },
);

sectorTest("a failure while it builds is shown with its own code, at the option that it is about", async () => {
  const made = project();
  const { cwd, env, file } = made;
  const silent = silentOptions(made);
  const cases: readonly (readonly [Options, code: string, option: string, text: RegExp])[] = [
    [{ iso_checksum: `sha256:${"0".repeat(64)}` }, "TPK7002", "iso_checksum", /The checksum of .* is wrong/],
    [{ skip_resize_disk: false, disk_size: "1k" }, "TPK3105", "disk_size", /disk_size is only 1k\. Set disk_size to "1M" or more/],
  ];
  for (const [changes, code, option, text] of cases) {
    const options = { ...silent, ...changes };
    const lines = Object.entries(options).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`);
    const before = 'import { build, source } from "tspack";\nexport default build({ sources: [source("qemu", "x", {';
    writeFileSync(file("image.ts"), `${before}\n${lines.join("\n")}\n})] });\n`);
    const run = await tspack(["run"], { cwd, env });
    assert.is(run.code, 1, run.stdout + run.stderr);
    const shown = `${run.stdout}${run.stderr}`.replace(/\s+/g, " ");
    const line = Object.keys(options).indexOf(option) + 3;
    assert.match(shown, new RegExp(`Builder failed \\(${code}\\) on image\\.ts line ${line}, in source\\("qemu", "x"\\)`), shown);
    assert.match(shown, text);
    assert.not(existsSync(file("out")));
  }
});

/** Starts a run and waits until its machine has said something. */
async function untilBooted(made: Project): Promise<ChildProcess & { readonly ended: Promise<TspackResult> }> {
  writeFileSync(made.file("image.ts"), imageOf({ ...silentOptions(made), ssh_timeout: "10m" }));
  const child = startTspack(["run"], { cwd: made.cwd, env: { ...made.env, PACKER_LOG: "1" } });
  const ended = finish(child);
  await within(limitMs, async () => {
    for await (const line of createInterface({ input: child.stderr })) if (line.includes("nobody will ever log in")) return;
    assert.unreachable("the run ended before its machine said anything");
  });
  // Nobody reads on where the loop was left.
  child.stderr.resume();
  return Object.assign(child, { ended });
}

/** Names of the programs that still run with a project's folder for temporary files, but for ourselves. */
function programsOf({ file }: Project): readonly string[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const isMine = readFileSync(`/proc/${pid}/environ`, "utf8")
        .split("\0")
        .includes(`TMPDIR=${file("tmp")}`);
      return isMine ? [readFileSync(`/proc/${pid}/comm`, "utf8").trim()] : [];
    } catch {
      return [];
    }
  });
}

async function nothingRuns(made: Project): Promise<void> {
  await within(limitMs, async () => {
    while (programsOf(made).length > 0) await pause(20);
  });
}

sectorTest("Ctrl-C while the machine boots: exit code 1, and neither processes nor files are left", async () => {
  const made = project();
  const child = await untilBooted(made);
  assert.ok(programsOf(made).some((name) => name.startsWith("qemu-system")));
  child.kill("SIGINT");
  const { code, stdout } = await within(limitMs, () => child.ended);
  assert.is(code, 1);
  assert.match(stdout, /Cancelling build/);
  await nothingRuns(made);
  assert.not(existsSync(made.file("out")));
  assert.equal(readdirSync(made.file("tmp")), []);
});

sectorTest("kill -9 of tspack takes the plugin and QEMU with it", async () => {
  const made = project();
  const child = await untilBooted(made);
  assert.ok(programsOf(made).some((name) => name.startsWith("qemu-system")));
  child.kill("SIGKILL");
  await within(limitMs, () => child.ended);
  await nothingRuns(made);
  assert.not(existsSync(made.file("out")), "the plugin has cleaned up");
});

sectorTest("a script for a machine that nobody can reach fails at once, at its provisioner", async () => {
  const made = project();
  const { cwd, env, file } = made;
  const { ssh_username: _, ssh_password: __, ...options } = silentOptions(made);
  writeFileSync(file("image.ts"), imageOf({ ...options, communicator: "none" }, 'provision("shell", { inline: ["true"] })'));
  const run = await within(limitMs, () => tspack(["run"], { cwd, env }));
  assert.is(run.code, 1, run.stdout + run.stderr);
  const shown = `${run.stdout}${run.stderr}`.replace(/\s+/g, " ");
  assert.match(shown, /Provisioner failed \(TPK5006\) on image\.ts line 2, in provision\("shell"\)/, shown);
  assert.match(shown, /This build has no communicator, so nothing can be run on its machine/, shown);
  assert.not(existsSync(file("out")));
});

sectorTest("two builds with one output directory: the second is refused, and leaves alone what the first has made", async () => {
  const made = project();
  const { cwd, env, file } = made;
  writeSectorDisk(file("off.img"), { powersOff: true });
  const { ssh_username: _, ssh_password: __, ...options } = silentOptions(made);
  const sources = ["a", "b"].map((name) => {
    const own = { ...options, iso_url: file("off.img"), communicator: "none", vm_name: name };
    return `source("qemu", "${name}", ${JSON.stringify(own).replace('"output_directory"', '\n"output_directory"')})`;
  });
  const text = `import { build, source } from "tspack";\nexport default build({ sources: [${sources.join(", ")}] });\n`;
  writeFileSync(file("image.ts"), text);
  for (const flags of [[], ["-force"]]) {
    const run = await within(limitMs, () => tspack(["run", "-parallel-builds=1", ...flags], { cwd, env }));
    assert.is(run.code, 1, run.stdout + run.stderr);
    const shown = `${run.stdout}${run.stderr}`.replace(/\s+/g, " ");
    assert.match(shown, /\(TPK6007\) on image\.ts line 4, in source\("qemu", "b"\)/, shown);
    assert.match(shown, /The output directory out is that of another build of this run, qemu\.a\. Give each build/, shown);
    assert.equal(readdirSync(file("out")), ["a"]);
    if (flags.length === 0) rmSync(file("out"), { recursive: true });
  }
});

sectorTest("-on-error=abort leaves the machine on, and says where it is and how it is ended", async () => {
  const made = project();
  const { cwd, env, file } = made;
  const { ssh_password: _, ...options } = silentOptions(made);
  writeFileSync(file("image.ts"), imageOf({ ...options, temporary_key_pair_type: "ed25519", ssh_timeout: "2s" }));
  const run = await within(limitMs, () => tspack(["run", "-on-error=abort"], { cwd, env }));
  assert.is(run.code, 1, run.stdout + run.stderr);
  const said =
    /The machine stays on until you end it: kill (\d+) \(process \1, reached at port \d+ of 127\.0\.0\.1, its SSH key in (\S+), its screen at vnc:\/\/127\.0\.0\.1:\d+\)/;
  assert.match(run.stdout, said);
  const [, id, key = ""] = said.exec(run.stdout) ?? [];
  const pid = Number(id);
  assert.match(readFileSync(key, "utf8"), /^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
  assert.is(statSync(key).mode & 0o777, 0o600);
  assert.match(readFileSync(`/proc/${pid}/comm`, "utf8"), /^qemu-system/);
  assert.ok(existsSync(file("out")));
  process.kill(pid);
  await nothingRuns(made);
});

test("without QEMU a program is valid, and a run says which packages to install", async () => {
  const made = project();
  const { cwd, env, file } = made;
  writeFileSync(file("image.ts"), imageOf({ iso_url: "https://example.org/x.iso", iso_checksum: "none", communicator: "none" }));
  const without = { ...env, PATH: "" };
  const valid = await tspack(["validate"], { cwd, env: without });
  assert.is(valid.code, 0, valid.stdout + valid.stderr);
  const run = await tspack(["run"], { cwd, env: without });
  assert.is(run.code, 1);
  const text = run.stdout.replace(/\s+/g, " ");
  assert.match(text, /Builder failed \(TPK6008\)/);
  assert.match(text, /qemu-system-x86_64 and qemu-img cannot be found\. Install QEMU: /);
  if (process.platform === "linux") assert.match(text, /apt install qemu-system-x86 qemu-utils/);
});

test.run();
