// Where the dynamic loader finds a library: ld.so(8) for glibc, the same folders for musl.
import { access, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ElfFile, readElf } from "./elf.ts";

/** Folders that loaders look into by themselves, of the common distributions; those that do not exist do no harm. */
const standardFolders = ["/lib64", "/usr/lib64", "/lib", "/usr/lib", "/lib32", "/usr/lib32", "/usr/local/lib"];

/** Names under which Debian keeps the libraries of a machine, by ELF machine number and width. */
const multiarchNames: { readonly [machineAndBits: string]: string } = {
  "62/64": "x86_64-linux-gnu",
  "62/32": "x86_64-linux-gnux32",
  "3/32": "i386-linux-gnu",
  "183/64": "aarch64-linux-gnu",
  "40/32": "arm-linux-gnueabihf",
  "243/64": "riscv64-linux-gnu",
  "21/64": "powerpc64le-linux-gnu",
  "22/64": "s390x-linux-gnu",
  "258/64": "loongarch64-linux-gnu",
};

/** One library search, with what was read so far. */
export class LibrarySearch {
  #cache: Promise<ReadonlyMap<string, readonly string[]>> | undefined;

  /**
   * The path of a library that `user` (at `userPath`) needs, or undefined. `inheritedRpath` is what the programs that pulled
   * `user` in bring along: `DT_RPATH` is inherited, `DT_RUNPATH` is not.
   */
  async find(name: string, user: ElfFile, userPath: string, inheritedRpath: readonly string[]): Promise<string | undefined> {
    if (name.includes("/")) return name.startsWith("/") ? name : join(dirname(userPath), name);
    const own = user.runpath.length > 0 ? [] : [...expandOrigin(user.rpath, userPath), ...inheritedRpath];
    const folders = [...own, ...expandOrigin(user.runpath, userPath)];
    const candidates = folders.map((folder) => join(folder, name));
    candidates.push(...((await this.#readCache()).get(name) ?? []));
    const multiarch = multiarchNames[`${user.machine}/${user.wordBits}`];
    if (multiarch !== undefined)
      candidates.push(`/lib/${multiarch}/${name}`, `/usr/lib/${multiarch}/${name}`, `/usr/local/lib/${multiarch}/${name}`);
    candidates.push(...standardFolders.map((folder) => join(folder, name)));
    for (const candidate of candidates) {
      if (await fits(candidate, user)) return candidate;
    }
    return undefined;
  }

  #readCache(): Promise<ReadonlyMap<string, readonly string[]>> {
    this.#cache ??= readFile("/etc/ld.so.cache").then(parseLoaderCache, () => new Map());
    return this.#cache;
  }
}

/** `$ORIGIN` is the folder of the file that says it. Other variables depend on the running machine and are left out. */
export function expandOrigin(folders: readonly string[], path: string): string[] {
  return folders
    .map((folder) => folder.replace(/\$(ORIGIN\b|\{ORIGIN\})/g, () => dirname(path)))
    .filter((folder) => folder.startsWith("/") && !folder.includes("$"));
}

/**
 * Library paths by name from glibc's `/etc/ld.so.cache`, format `glibc-ld.so.cache1.1`, which may follow an older table in the
 * same file. A file of another form gives an empty map: the folders are searched instead.
 */
export function parseLoaderCache(cache: Buffer): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const start = cache.indexOf("glibc-ld.so.cache1.1");
  if (start === -1 || cache.length < start + 48) return found;
  // The cache is in the byte order of the machine that wrote it; a count that is out of range tells the other order.
  const little = cache.readUInt32LE(start + 20) * 24 <= cache.length;
  const integer = (at: number): number => (little ? cache.readUInt32LE(at) : cache.readUInt32BE(at));
  const text = (offset: number): string => cache.toString("utf8", start + offset, cache.indexOf(0, start + offset));
  const count = integer(start + 20);
  for (let index = 0; index < count; index++) {
    const entry = start + 48 + index * 24;
    if (entry + 24 > cache.length) break;
    const name = text(integer(entry + 4));
    const path = text(integer(entry + 8));
    found.set(name, [...(found.get(name) ?? []), path]);
  }
  return found;
}

async function fits(path: string, user: ElfFile): Promise<boolean> {
  try {
    await access(path);
  } catch {
    return false; // The usual case: the library is in another folder.
  }
  const elf = await readElf(path);
  return elf !== undefined && elf.machine === user.machine && elf.wordBits === user.wordBits;
}
