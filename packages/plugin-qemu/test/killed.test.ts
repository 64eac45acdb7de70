// What is left when the plugin's process is killed, and when the disk of this host is full. Both need a process of their own.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PluginTestOptions } from "@tspack/core/sdk/testing";
import { findLabProgram, lab, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Options, processesWith, sectorConfig } from "./build-kit.ts";

const killTest = lab(test, "qemu-system-x86_64", "qemu-img", "swtpm", "setpriv", "linux");
const fullTest = lab(test, "qemu-system-x86_64", "qemu-img", "unshare", "mounts");

interface BuildsOptions {
  /** The command line that starts another one. */
  readonly wrap?: (argv: readonly string[]) => readonly string[];
  readonly packer?: PluginTestOptions["packer"];
}

/** Starts builds, one after another, in a process of their own; it prints what they say, and how they end. */
function startBuilds(folder: string, builds: readonly Options[], { wrap = (argv) => argv, packer }: BuildsOptions = {}): ChildProcess {
  const script = `
    import { RecordingUi } from "@tspack/test-support";
    import { buildKit } from ${JSON.stringify(new URL("./build-kit.ts", import.meta.url).href)};
    const folder = ${JSON.stringify(folder)};
    const kit = buildKit(folder, ${JSON.stringify({ packer })});
    const ui = new RecordingUi();
    ui.log = (level, text) => console.log(level, text);
    ui.say = (text) => console.log("say", text);
    for (const options of ${JSON.stringify(builds)}) {
      await kit.builder("qemu", options).run({ ui }).then(() => console.log("ended well"), (error) => console.log("failed", error.message));
    }
    await kit.close();
    // As a host ends a plugin, whatever it still has to do with a machine that stays on.
    process.exit();`;
  const [program = "", ...args] = wrap([process.execPath, "--conditions=source", "--import", "tsx", "--input-type=module", "-e", script]);
  return spawn(program, args, { cwd: dirname(fileURLToPath(import.meta.url)), stdio: ["ignore", "pipe", "inherit"] });
}

/** Resolves when the process has printed a text, to all that it has printed until then. */
async function printed(child: ChildProcess, text: string): Promise<string> {
  assert.ok(child.stdout);
  let all = "";
  child.stdout.setEncoding("utf8");
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    all += chunk;
    if (all.includes(text)) return all;
  }
  throw new Error(`${JSON.stringify(text)} is not in ${all}`);
}

/** Kills the process as nothing can be killed more, and waits until no program of its builds is there. */
async function killHard(child: ChildProcess, folder: string): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
  await within(30_000, () => noneLeft(folder));
}

async function noneLeft(folder: string): Promise<void> {
  while (processesWith(folder).length > 0) await new Promise((resolve) => setImmediate(resolve));
}

killTest("kill -9 of the plugin takes QEMU and swtpm with it, and leaves what only it could remove", async () => {
  const folder = tmp();
  const child = startBuilds(folder, [sectorConfig(folder, { says: "up\r\n" }, { vtpm: true, cd_content: { a: "b" } })]);
  await within(120_000, () => printed(child, "console: up"));
  assert.is(processesWith(folder).length, 2);
  await killHard(child, folder);
  // Nobody is left who could remove these. The disk is what the user may want to look at; the next build with -force removes it. The
  // folder for temporary files has the TPM's state, the CD and the folder for pictures of the screen: all small, no disks.
  assert.equal(readdirSync(join(folder, "out")), ["tiny"]);
  const [plugin = ""] = readdirSync(join(folder, "temporary"));
  const left = readdirSync(join(folder, "temporary", plugin)).map((name) => name.replace(/-.*/, ""));
  assert.equal(left.sort(), ["cd", "screen", "tpm"]);
});

killTest("a machine that stays on after a failure keeps its TPM, which ends with it, and it is said where it is", async () => {
  const folder = tmp();
  const unreachable = { communicator: "ssh", ssh_username: "root", ssh_password: "x", ssh_timeout: "1s", vnc_bind_address: "127.0.0.2" };
  const child = startBuilds(folder, [sectorConfig(folder, {}, { ...unreachable, vtpm: true })], { packer: { packer_on_error: "abort" } });
  const gone = once(child, "exit");
  const text = await within(120_000, () => printed(child, "failed"));
  assert.match(text, /say The machine stays on until you end it: kill \d+ \(process \d+, .* its screen at vnc:\/\/127\.0\.0\.2:\d+\)/);
  await gone;
  const names = processesWith(folder).map((pid) => [readFileSync(`/proc/${pid}/comm`, "utf8").trim(), Number(pid)] as const);
  assert.equal(names.map(([name]) => name).sort(), ["qemu-system-x86", "swtpm"]);
  for (const [name, pid] of names) if (name !== "swtpm") process.kill(pid);
  await within(30_000, () => noneLeft(folder));
});

killTest("kill -9 of the plugin takes qemu-img with it", async () => {
  const folder = tmp();
  // A few bytes a second: the conversion takes minutes.
  const slow = { qemu_img_args: { convert: ["-r", "4k"] } };
  const child = startBuilds(folder, [sectorConfig(folder, {}, slow)]);
  await within(120_000, () => printed(child, "Converting the disk image"));
  await within(30_000, async () => {
    while (processesWith(folder).length === 0) await new Promise((resolve) => setImmediate(resolve));
  });
  await killHard(child, folder);
});

fullTest("a full disk fails the build while the image is copied, while the machine runs, and while a further disk is made", async () => {
  const folder = tmp();
  mkdirSync(join(folder, "small"));
  const into = { output_directory: "small/out" };
  const big = join(folder, "big.raw");
  const builds = [
    sectorConfig(folder, {}, { ...into, format: "raw", iso_url: big }),
    sectorConfig(folder, { fillsDisk: true }, { ...into, skip_resize_disk: false, disk_size: "64M" }),
    sectorConfig(
      folder,
      { powersOff: true },
      { ...into, disk_additional_size: ["64M"], qemu_img_args: { create: ["-o", "preallocation=full"] } },
    ),
  ];
  const mounted = (argv: readonly string[]): readonly string[] => {
    const commands = `mount -t tmpfs -o size=2m tmpfs "$1" && head -c 4M /dev/urandom > "$2" && shift 2 && "$@" && ls "$SMALL"`;
    return [findLabProgram("unshare") ?? "unshare", "--mount", "sh", "-c", commands, "sh", join(folder, "small"), big, ...argv];
  };
  const child = startBuilds(folder, builds, { wrap: (argv) => ["env", `SMALL=${join(folder, "small")}`, ...mounted(argv)] });
  let all = "";
  assert.ok(child.stdout);
  for await (const chunk of child.stdout.setEncoding("utf8")) all += chunk;
  const failures = all.split("\n").filter((line) => line.startsWith("failed"));
  assert.is(failures.length, 3, all);
  assert.match(
    failures[0] ?? "",
    /could not copy the disk image to small\/out\/tiny.*(ENOSPC|no space).*Free some space, or choose .* with output_directory/i,
  );
  assert.match(
    failures[1] ?? "",
    /QEMU stopped the machine: its disk could not be written, since this host has no space left\. Free some space/,
  );
  assert.match(failures[2] ?? "", /qemu-img create failed: .*No space left on device\. Free some space, or choose/);
  // The folder is empty in the end.
  assert.match(all, /failed [^\n]*\n$/);
  assert.equal(processesWith(folder), []);
  assert.ok(readFileSync(big).length > 0);
});

test.run();
