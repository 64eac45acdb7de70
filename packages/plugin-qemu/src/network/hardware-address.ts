import { createHash } from "node:crypto";

/**
 * A hardware address for a machine on a bridge, where QEMU would give the same one to all (row QM-203). It is made of what no other machine
 * has, and the same in every run. `52:54:00` is QEMU's own range, which belongs to nobody.
 */
export function hardwareAddress(...parts: readonly string[]): string {
  const digest = createHash("sha256").update(parts.join("\0")).digest("hex");
  return `52:54:00:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`;
}
