// debugfs makes room in a folder for every command but `ln`. So we keep account of the room there is, as ext2fs_link() uses it:
// the first block that has enough free at its end.

const BLOCK_BYTES = 4096;
/** Checksum at the end of each block (feature metadata_csum). */
const TAIL_BYTES = 12;

/** The room in one folder's blocks. */
export class FolderSpace {
  readonly #free: number[];

  constructor() {
    this.#free = [BLOCK_BYTES - TAIL_BYTES - entryBytes(".") - entryBytes("..")];
  }

  /** Notes an entry; false when the folder has to grow for it by one block. */
  add(name: string): boolean {
    const needed = entryBytes(name);
    const block = this.#free.findIndex((free) => free >= needed);
    if (block !== -1) {
      this.#free[block] = (this.#free[block] ?? 0) - needed;
      return true;
    }
    this.#free.push(BLOCK_BYTES - TAIL_BYTES - needed);
    return false;
  }
}

/** Header and name, a multiple of four bytes. */
function entryBytes(name: string): number {
  return 8 + Math.ceil(Buffer.byteLength(name) / 4) * 4;
}
