// A disk that starts by itself: SYSLINUX, a kernel and its initramfs on the first partition, a Linux tree on the second. Nothing is mounted.

import { execFileSync } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What goes onto the disk. */
export interface BootableDisk {
  /** The raw disk to write. */
  readonly raw: string;
  readonly kernel: string;
  readonly initrd: string;
  /** Configuration of SYSLINUX, which finds the two as `vmlinuz` and `initrd.gz`. */
  readonly configuration: string;
  /** Folder whose content becomes the root file system. */
  readonly root: string;
  /** Size of the root file system in MiB. */
  readonly rootMiB: number;
  /** Folder for what is only needed meanwhile. */
  readonly work: string;
}

/** Writes the disk. */
export function writeBootableDisk(disk: BootableDisk): void {
  const { raw, root, rootMiB } = disk;
  writeFileSync(raw, "");
  truncateSync(raw, (firstSector + bootSectors) * 512 + rootMiB * 1024 * 1024);
  runTool("sfdisk", ["-q", raw], `label: dos\n${firstSector},${bootSectors},6,*\n,,83\n`);
  runTool("dd", [`of=${raw}`, "bs=440", "count=1", "conv=notrunc", "status=none"], readFileSync("/usr/lib/syslinux/mbr/mbr.bin"));
  runTool("mkfs.vfat", ["-F", "16", "-h", String(firstSector), "--offset", String(firstSector), raw, String(bootSectors / 2)]);
  configureBootLoader(disk);
  runTool("mkfs.ext4", ["-q", "-F", "-E", `offset=${(firstSector + bootSectors) * 512}`, "-d", root, raw, `${rootMiB}m`]);
}

/** Writes the boot loader's part of the disk, also when it has one already. */
export function configureBootLoader({ raw, kernel, initrd, configuration, work }: BootableDisk): void {
  const image = `${raw}@@${firstSector * 512}`;
  const file = join(work, "syslinux.cfg");
  writeFileSync(file, configuration);
  runTool("mcopy", ["-o", "-i", image, kernel, "::vmlinuz"]);
  runTool("mcopy", ["-o", "-i", image, initrd, "::initrd.gz"]);
  runTool("mcopy", ["-o", "-i", image, file, "::"]);
  runTool("syslinux", ["--offset", String(firstSector * 512), "--install", raw]);
}

/** Runs a program of this machine, also one of the sbin folders, and returns what it prints. Throws with its errors when it fails. */
export function runTool(program: string, args: readonly string[], input?: string | Buffer, cwd?: string): Buffer {
  return execFileSync(program, args, {
    input,
    cwd,
    stdio: ["pipe", "pipe", "pipe"],
    maxBuffer: 512 * 1024 * 1024,
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
}

// --- internal ---

const bootSectors = 65_536;
const firstSector = 2_048;
