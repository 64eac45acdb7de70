// Where a build puts things, and the programs it uses.
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { BuildError, type PackerVariables, type RunInfo } from "@tspack/core/sdk";
import { architectureInName } from "./command-line/machine-kind.ts";
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

/** Bytes that the path of a socket may have (sun_path of unix(7), without the zero at its end). */
export const LONGEST_SOCKET = process.platform === "darwin" ? 103 : 107;

/** The output folder (row QM-58). */
export function outputDirectory(config: QemuOptions, packer: PackerVariables): string {
  return config.output_directory || `output-${packer.packer_build_name}`;
}

/** Finds the programs. Throws a `BuildError` (TPK6008) that names the packages when QEMU or qemu-img is missing. */
export function findPlace(config: QemuOptions, packer: PackerVariables, run: RunInfo): Place {
  const path = run.environment.PATH ?? "";
  const qemu = findQemu(config, run);
  const hasQemuImg = findProgram("qemu-img", path) !== undefined;
  if (qemu === undefined || !hasQemuImg) {
    const missing = [...(qemu === undefined ? [config.qemu_binary] : []), ...(hasQemuImg ? [] : ["qemu-img"])];
    throw new BuildError(`${missing.join(" and ")} cannot be found`, {
      code: "TPK6008",
      hint: installHint(config.qemu_binary),
      option: "qemu_binary",
    });
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

/** Path of the QEMU program; undefined where there is none. */
export function findQemu({ qemu_binary: name }: QemuOptions, run: RunInfo): string | undefined {
  return findProgram(name.includes("/") ? absolute(name, run) : name, run.environment.PATH ?? "");
}

/** A path as QEMU and this process understand it, whatever their working folder. */
export function absolute(path: string, run: RunInfo): string {
  return resolve(run.workingDirectory, path);
}

// --- internal ---

/** The name of the machine (row QM-13). */
function machineName(config: QemuOptions, packer: PackerVariables): string {
  return config.vm_name || `packer-${packer.packer_build_name}`;
}

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
  const known = packages[architectureInName(binary) ?? ""];
  const { debian, fedora } = known ?? PC_PACKAGES;
  // A name that no package has is more likely a slip.
  const check = known === undefined ? "check qemu_binary, or " : "";
  switch (process.platform) {
    case "darwin":
      return `${check}install QEMU: brew install qemu`;
    case "win32":
      return `${check}install QEMU from qemu.org and add its folder to PATH`;
    default:
      return `${check}install QEMU: on Debian and Ubuntu apt install qemu-system-${debian} qemu-utils, on Fedora dnf install qemu-system-${fedora} qemu-img, on Arch pacman -S qemu-full`;
  }
}

const PC_PACKAGES = { debian: "x86", fedora: "x86" };

/** Ends of the packages' names, by the processor in the program's. */
const packages: { readonly [architecture: string]: typeof PC_PACKAGES | undefined } = {
  x86_64: PC_PACKAGES,
  i386: PC_PACKAGES,
  aarch64: { debian: "arm", fedora: "aarch64" },
  arm: { debian: "arm", fedora: "arm" },
  riscv64: { debian: "misc", fedora: "riscv" },
  s390x: { debian: "misc", fedora: "s390x" },
  ppc64: { debian: "ppc", fedora: "ppc" },
};
