// Where a build puts things, and the programs it uses.
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { BuildError, type PackerVariables, type RunInfo } from "@tspack/core/sdk";
import { findProgram } from "./machine/bound.ts";
import type { QemuOptions } from "./options.ts";

/** What one build is about, besides its options. */
export interface Place {
  /** Name of the machine and of the main disk's file. */
  readonly name: string;
  /** The output folder, as the user should see it. */
  readonly outputDirectory: string;
  /** Path of the QEMU program. */
  readonly qemu: string;
  /** Path of `setpriv`, where there is one (Linux). */
  readonly setpriv: string | undefined;
  /** A folder that outlives the build, for the console's log and the last picture of the screen. */
  readonly tracesDirectory: string;
  /** A name for files among the traces that no other build of the run has. */
  readonly traceName: string;
}

/** The name of the machine (row QM-13). */
export function machineName(config: QemuOptions, packer: PackerVariables): string {
  return config.vm_name || `packer-${packer.packer_build_name}`;
}

/** The output folder (row QM-58). */
export function outputDirectory(config: QemuOptions, packer: PackerVariables): string {
  return config.output_directory || `output-${packer.packer_build_name}`;
}

/** Finds the programs. Throws a `BuildError` (TPK6008) that names the packages when QEMU or qemu-img is missing. */
export function findPlace(config: QemuOptions, packer: PackerVariables, run: RunInfo): Place {
  const path = run.environment.PATH ?? "";
  const qemu = findProgram(config.qemu_binary.includes("/") ? absolute(config.qemu_binary, run) : config.qemu_binary, path);
  if (qemu === undefined || findProgram("qemu-img", path) === undefined) {
    const missing = [
      ...(qemu === undefined ? [config.qemu_binary] : []),
      ...(findProgram("qemu-img", path) === undefined ? ["qemu-img"] : []),
    ];
    throw new BuildError(`${missing.join(" and ")} cannot be found`, { code: "TPK6008", hint: installHint(config.qemu_binary) });
  }
  const name = machineName(config, packer);
  return {
    name,
    outputDirectory: outputDirectory(config, packer),
    qemu,
    setpriv: process.platform === "linux" ? findProgram("setpriv", path) : undefined,
    tracesDirectory: traces(run),
    traceName: `${packer.packer_build_name.replace(/[^\w.-]/g, "_").slice(0, 100)}-${createHash("sha256").update(packer.packer_build_name).digest("hex").slice(0, 6)}`,
  };
}

/** A path as QEMU and this process understand it, whatever their working folder. */
export function absolute(path: string, run: RunInfo): string {
  return resolve(run.workingDirectory, path);
}

// --- internal ---

/** tspack names the folder of its run; under Packer the traces go where temporary files go, and stay there. */
function traces(run: RunInfo): string {
  const folder = run.environment.TSPACK_RUN_DIRECTORY;
  const temporary = join(run.environment.TMPDIR || tmpdir(), `tspack-qemu-${run.runUuid}`);
  if (folder) {
    try {
      return makeFolder(join(folder, "machines"));
    } catch {
      // A run goes on where it cannot keep files.
    }
  }
  return makeFolder(temporary);
}

function makeFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

function installHint(binary: string): string {
  const architecture = /^qemu-system-(.+)$/.exec(basename(binary))?.[1] ?? "x86_64";
  const debian =
    { x86_64: "x86", i386: "x86", aarch64: "arm", arm: "arm", riscv64: "misc", s390x: "misc", ppc64: "ppc" }[architecture] ?? "x86";
  switch (process.platform) {
    case "darwin":
      return "install QEMU: brew install qemu";
    case "win32":
      return "install QEMU from qemu.org and add its folder to PATH";
    default:
      return `install QEMU: on Debian and Ubuntu apt install qemu-system-${debian} qemu-utils, on Fedora dnf install qemu-system-${debian} qemu-img, on Arch pacman -S qemu-full`;
  }
}
