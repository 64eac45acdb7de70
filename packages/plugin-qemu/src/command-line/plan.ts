// What is known about a machine right before it starts.
import type { Accelerator, QemuOptions } from "../options.ts";

/** A firmware image. QEMU does not guess its format. */
export interface FirmwareFile {
  readonly path: string;
  readonly format: "raw" | "qcow2";
}

/** Everything that the command line depends on. Paths are as QEMU gets them. */
export interface MachinePlan {
  readonly config: QemuOptions;
  /** Name of the machine. */
  readonly name: string;
  readonly accelerator: Accelerator;
  /** The disks, main one first. */
  readonly disks: readonly string[];
  /** The installation medium, if there is one, then the CD made of `cd_files`, then further images. */
  readonly cds: readonly string[];
  readonly floppy: string | undefined;
  /** The firmware, and the machine's own copy of its variables. */
  readonly efi: { readonly code: FirmwareFile; readonly vars: FirmwareFile } | undefined;
  /** A port of this host that leads to one of the guest from the start. */
  readonly forward: { readonly hostPort: number; readonly guestPort: number } | undefined;
  /** The network card's own, for a machine on a bridge; QEMU chooses elsewhere. */
  readonly hardwareAddress: string | undefined;
  /** First and last display (a port less 5900) that the VNC server may take. */
  readonly vnc: { readonly address: string; readonly first: number; readonly last: number; readonly hasPassword: boolean };
  readonly tpmSocket: string | undefined;
  /** The devices that this QEMU has, where that was looked at; undefined means all. */
  readonly devices: ReadonlySet<string> | undefined;
  /** The user's own monitor socket. */
  readonly qmpSocket: string | undefined;
}
