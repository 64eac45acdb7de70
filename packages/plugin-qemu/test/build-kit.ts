// What the tests of whole builds share.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { DISCONNECT_EXIT_CODE, type HookContext } from "@tspack/core/sdk";
import { type PluginTest, type PluginTestOptions, testPlugin } from "@tspack/core/sdk/testing";
import { findLabProgram, type SectorGuestOptions, sectorGuest, tinyGuestOptions, tmp, writeSectorDisk } from "@tspack/test-support";
import * as assert from "uvu/assert";
import { plugin } from "../src/plugin.ts";

export type Options = { readonly [option: string]: unknown };

/** A kit whose builds put their things into one folder: `run` for what outlives a build, `cache`, and `temporary`, which has to be empty. */
export function buildKit(folder: string, options: PluginTestOptions = {}): PluginTest {
  mkdirSync(join(folder, "temporary"), { recursive: true });
  const places = { TSPACK_RUN_DIRECTORY: join(folder, "run"), PACKER_CACHE_DIR: join(folder, "cache"), TMPDIR: join(folder, "temporary") };
  return testPlugin(plugin, {
    workingDirectory: folder,
    ...options,
    environment: { ...process.env, ...places, ...options.environment },
  });
}

/** Runs a test with such a kit, in a folder of the test's own. */
export async function withKit(body: (kit: PluginTest, folder: string) => Promise<void>, options: PluginTestOptions = {}): Promise<void> {
  const folder = tmp();
  const kit = buildKit(folder, options);
  try {
    await body(kit, folder);
  } finally {
    await kit.close();
  }
}

/** The options of a build from the tiny guest's disk. */
export function tinyConfig(changes: Options = {}): Options {
  return { ...tinyGuestOptions(), ...changes };
}

/** The options of a build from a disk with a guest of one sector, which is written into the folder. */
export function sectorConfig(folder: string, guest: SectorGuestOptions, changes: Options = {}): Options {
  const image = join(folder, `guest-${Object.keys(guest).join("-")}.img`);
  writeSectorDisk(image, guest);
  return {
    disk_image: true,
    iso_url: image,
    iso_checksum: "none",
    skip_resize_disk: true,
    accelerator: "tcg",
    memory: 64,
    headless: true,
    vm_name: "tiny",
    output_directory: "out",
    communicator: "none",
    shutdown_timeout: "2m",
    ...changes,
  };
}

/** Options of a build whose time limits begin when its machine has come so far. Nothing is typed. */
export function whenItShows(text: string): Options {
  return { boot_wait: "-1s", boot_command: [`<waitText "${text}" 2m>`] };
}

/** Writes a CD that starts a guest of one sector into the folder, and returns its path. Takes xorriso. */
export function writeBootCd(folder: string, guest: SectorGuestOptions): string {
  const tree = join(folder, "tree");
  mkdirSync(tree);
  writeFileSync(join(tree, "boot.bin"), sectorGuest(guest));
  const path = join(folder, "boot.iso");
  const words = ["-as", "mkisofs", "-quiet", "-o", path, "-b", "boot.bin", "-no-emul-boot", "-boot-load-size", "4", tree];
  execFileSync(findLabProgram("xorriso") ?? "xorriso", words, { stdio: ["ignore", "ignore", "pipe"] });
  return path;
}

/** Process ids of programs on whose command line, or in whose working folder, a text stands. This process does not count. */
export function processesWith(text: string): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return /^(qemu|swtpm)/.test(readFileSync(`/proc/${pid}/comm`, "utf8")) && readFileSync(`/proc/${pid}/environ`, "utf8").includes(text);
    } catch {
      return false;
    }
  });
}

/** Asserts that a build in this folder has left nothing: no process, no output, no temporary file. */
export function assertNothingLeft(folder: string): void {
  assert.equal(processesWith(folder), [], "processes");
  assert.equal(
    readdirSync(folder).filter((name) => name.startsWith("out")),
    [],
    "output",
  );
  assert.equal(
    readdirSync(join(folder, "temporary")).filter((name) => readdirSync(join(folder, "temporary", name)).length > 0),
    [],
    "temporary files",
  );
}

/** Runs a command in the guest and returns what it prints. Throws when it does not end well, as provisioners do. */
export async function inGuest({ communicator, signal }: HookContext, command: string): Promise<string> {
  assert.ok(communicator, "there is a communicator");
  let printed = "";
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      printed += chunk.toString("utf8");
      done();
    },
  });
  const { exitCode } = await communicator.execute({ command, stdout, signal });
  if (exitCode === DISCONNECT_EXIT_CODE) throw new Error("the connection broke");
  if (exitCode !== 0) throw new Error(`the command ended with ${exitCode}`);
  return printed.trim();
}
