// Whether a file is what it is taken for, as far as its first bytes tell: what a server sends in place of an image is often a page of text.
import { open } from "node:fs/promises";
import type { Step } from "@tspack/core/sdk";

/** The step that fetches images, which says what is doubtful about those that `images` names when it is through. */
export function lookedAt(step: Step, images: () => readonly LookOptions[]): Step {
  return {
    ...step,
    async run(context) {
      await step.run(context);
      for (const image of images()) {
        // What cannot be read is told where it is needed.
        const doubt = await doubtAboutImage(image).catch(() => undefined);
        if (doubt !== undefined)
          context.ui.error(`Warning: ${doubt}. If the machine finds nothing that it can use there, look at that file.`);
      }
    },
  };
}

export interface LookOptions {
  /** Absolute path of the image. */
  readonly path: string;
  /** A disk to start from; an installation medium otherwise. */
  readonly isDisk: boolean;
}

/**
 * What is doubtful about an image: a medium without a file system of CDs, a disk of no known format that nothing can start from. Undefined
 * when there is nothing to say. It is no refusal: a machine may be started otherwise (`-kernel`). Rejects when the file cannot be read.
 */
export async function doubtAboutImage({ path, isDisk }: LookOptions): Promise<string | undefined> {
  const file = await open(path);
  try {
    const bytes = Buffer.alloc(LOOKED_AT);
    const { bytesRead } = await file.read(bytes, 0, LOOKED_AT, 0);
    const head = bytes.subarray(0, bytesRead);
    if (isDisk) return isDiskImage(head) ? undefined : `${path} has neither the format of a disk image nor a boot sector`;
    if (isCd(head)) return undefined;
    if (hasDiskFormat(head)) return `${path} is a disk image, and no CD or DVD; to start from such a disk set disk_image to true`;
    return `${path} is no image of a CD or DVD (ISO 9660 or UDF)`;
  } finally {
    await file.close();
  }
}

// --- internal ---

/** Up to the third of the volume descriptors, which begin at sector 16. */
const LOOKED_AT = 19 * 2048;

/** ISO 9660 section 8.1.2; ECMA-167 section 3/9.1 for UDF. A hybrid image for USB sticks is one of these, too. */
function isCd(head: Buffer): boolean {
  return [16, 17, 18].some((sector) => /^(CD001|BEA01|NSR0[23])/.test(head.toString("latin1", sector * 2048 + 1, sector * 2048 + 6)));
}

/** First bytes of the formats that QEMU knows besides raw disks: qcow and QED, VMDK, VHDX, VHD, VDI, Parallels, LUKS, DMG. */
const formats = /^(QFI\xfb|QED\0|KDMV|COWD|# Disk Descriptor|vhdxfile|conectix|<<< |Withou|LUKS\xba)/;

function hasDiskFormat(head: Buffer): boolean {
  return formats.test(head.toString("latin1", 0, 64));
}

function isDiskImage(head: Buffer): boolean {
  // Or the mark of a boot sector: of PCs, and of every disk with a GPT.
  return hasDiskFormat(head) || (head.length >= 512 && head.readUInt16BE(510) === 0x55aa);
}
