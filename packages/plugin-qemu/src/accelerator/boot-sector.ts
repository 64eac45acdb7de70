/** Exit code of QEMU when `bootSector` has run to its end, with `bootSectorArguments`. */
export const BOOT_SECTOR_EXIT_CODE = 33;

/** The words that give a QEMU the way out that the boot sector takes. */
export const bootSectorArguments: readonly string[] = ["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"];

/**
 * A disk of one sector: a program for a PC that counts ten million down and then ends QEMU. An accelerator that is none, such as KVM in a
 * virtual machine without hardware support, takes seconds for it (row QM-197).
 */
export function bootSector(): Buffer {
  const sector = Buffer.alloc(512);
  Buffer.from([
    ...[0xfa], // cli
    ...[0x66, 0xb9, 0x80, 0x96, 0x98, 0x00], // mov ecx, 10000000
    ...[0x66, 0x49], // dec ecx
    ...[0x75, 0xfc], // jnz to the line above
    ...[0xb0, 0x10], // mov al, 0x10: the exit code is twice that, and one
    ...[0xe6, 0xf4], // out 0xf4, al
    ...[0xf4], // hlt
    ...[0xeb, 0xfd], // jmp to the line above
  ]).copy(sector);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}
