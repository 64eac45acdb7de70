// The base `{ host_files: […] }`: programs of the machine at hand with everything they need to start, found by reading them.
import { lstat, open, readlink } from "node:fs/promises";
import { basename, dirname, isAbsolute, normalize, resolve } from "node:path";
import { BuildError } from "../../../../diagnostics/error.ts";
import { commandFolders, findProgram } from "../../../../files/find-program.ts";
import type { TreeNode } from "../tree/node.ts";
import { nodeOf, scanDirectory } from "../tree/scan.ts";
import { folderNode } from "../tree/tree.ts";
import { readElf } from "./elf.ts";
import { expandOrigin, LibrarySearch } from "./library-search.ts";

export interface HostFilesOptions {
  /** Absolute paths, or names that are looked up in `searchPath`. */
  readonly files: readonly string[];
  /** As the environment variable PATH has it. */
  readonly searchPath: string;
  readonly nowSeconds: number;
  readonly signal: AbortSignal;
}

/** Symbolic links followed on the way to one file, as in Linux. */
const MOST_LINKS = 40;

/**
 * Collects the files, their shared libraries, loader and interpreters, with the symbolic links on the way kept as they are.
 * Everything is owned by root and has the build's time. Nothing is executed. Throws TPK3107 when something is not there.
 */
export async function collectHostFiles(options: HostFilesOptions): Promise<Map<string, TreeNode>> {
  const collector = new Collector(options);
  for (const file of options.files) await collector.add(file);
  await collector.addFolderLinks();
  return collector.nodes;
}

class Collector {
  readonly nodes = new Map<string, TreeNode>();
  readonly #options: HostFilesOptions;
  readonly #search = new LibrarySearch();
  readonly #linked = new Set<string>();

  constructor(options: HostFilesOptions) {
    this.#options = options;
    // Most programs expect a place for temporary files.
    this.nodes.set("/tmp", folderNode(options.nowSeconds, 0o1777));
  }

  async add(wanted: string): Promise<void> {
    this.#options.signal.throwIfAborted();
    if (isAbsolute(wanted)) {
      await this.#include(normalize(wanted), wanted);
      return;
    }
    const found = await findProgram(wanted, this.#options.searchPath);
    if (found === undefined) {
      throw new BuildError(`host_files names the program ${JSON.stringify(wanted)}, which is not on the PATH`, {
        code: "TPK3107",
        hint: "Install it, or give its absolute path.",
      });
    }
    const real = await this.#include(found, wanted);
    // A program from a version manager's folder would not be found inside the image by its name.
    const name = basename(wanted);
    if (!commandFolders.includes(dirname(found)) && !commandFolders.some((folder) => this.nodes.has(`${folder}/${name}`))) {
      this.#put(`/usr/local/bin/${name}`, {
        type: "symlink",
        mode: 0o777,
        uid: 0,
        gid: 0,
        mtimeSeconds: this.#options.nowSeconds,
        target: real,
      });
    }
  }

  /** `/bin` and its like are links into `/usr` on most systems; scripts count on them whatever path a program was found at. */
  async addFolderLinks(): Promise<void> {
    for (const link of ["/bin", "/sbin", "/lib", "/lib32", "/lib64"]) {
      const target = await readlink(link).catch(() => undefined);
      if (target !== undefined && this.nodes.has(resolve("/", target))) await this.#copyChain(link, link);
    }
  }

  /** Adds one path with what it needs; answers where its links end. `reason` says who wanted it. */
  async #include(path: string, reason: string): Promise<string> {
    const real = await this.#copyChain(path, reason);
    const node = this.nodes.get(real);
    if (node?.type === "directory") {
      const found = await scanDirectory(real, real, { keepOwnership: false, signal: this.#options.signal });
      for (const [inside, inner] of found) {
        if (!this.nodes.has(inside)) this.#put(inside, inner);
        // A folder may hold libraries for other systems: what cannot be linked here is left as it is.
        if (inner.type === "file") await this.#link(inside, [], { required: false });
      }
    } else if (node?.type === "file") {
      await this.#link(real, [], { required: true });
    }
    return real;
  }

  /** Adds every link and folder on the way to a path, and what is at its end, which is answered. */
  async #copyChain(path: string, reason: string): Promise<string> {
    const parts = path.split("/").reverse();
    let done = "";
    let links = 0;
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      if (part === "" || part === ".") continue;
      if (part === "..") {
        done = dirname(done) === "/" ? "" : dirname(done);
        continue;
      }
      const next = `${done}/${part}`;
      const stats = await lstat(next).catch((cause: unknown) => {
        throw new BuildError(`${next} does not exist or cannot be read; it is needed for ${reason} of host_files`, {
          code: "TPK3107",
          cause,
        });
      });
      if (stats.isSymbolicLink()) {
        links += 1;
        if (links > MOST_LINKS) throw new BuildError(`too many symbolic links on the way to ${path}`, { code: "TPK3107" });
        const target = await readlink(next);
        this.#put(next, { type: "symlink", mode: 0o777, uid: 0, gid: 0, mtimeSeconds: this.#options.nowSeconds, target });
        parts.push(...target.split("/").reverse());
        if (target.startsWith("/")) done = "";
        continue;
      }
      done = next;
      if (this.nodes.has(next)) continue;
      const node = await nodeOf(next, stats, false);
      if (node !== undefined) this.#put(next, node);
    }
    return done === "" ? "/" : done;
  }

  /** Adds what a program or library needs to be loaded, and a script's interpreter. */
  async #link(path: string, inheritedRpath: readonly string[], { required }: { readonly required: boolean }): Promise<void> {
    if (this.#linked.has(path)) return;
    this.#linked.add(path);
    const elf = await readElf(path);
    if (elf === undefined) {
      await this.#includeInterpreter(path);
      return;
    }
    if (elf.interpreter !== undefined) await this.#include(elf.interpreter, path);
    const rpath = elf.runpath.length > 0 ? inheritedRpath : [...expandOrigin(elf.rpath, path), ...inheritedRpath];
    for (const name of elf.needed) {
      const library = await this.#search.find(name, elf, path, inheritedRpath);
      if (library === undefined) {
        if (!required) continue;
        throw new BuildError(`${path} needs the library ${name}, which this system does not have`, {
          code: "TPK3107",
          hint: "Does the program start on this machine? Install the library, or leave the program out of host_files.",
        });
      }
      const real = await this.#copyChain(resolve(library), path);
      await this.#link(real, rpath, { required });
    }
  }

  /** `#!/bin/sh` brings the shell, `#!/usr/bin/env node` both. Only files that may be executed are programs. */
  async #includeInterpreter(path: string): Promise<void> {
    const node = this.nodes.get(path);
    if (node === undefined || (node.mode & 0o111) === 0) return;
    const file = await open(path, "r");
    const start = Buffer.alloc(256);
    const { bytesRead } = await file.read(start, 0, start.length, 0).finally(() => file.close());
    const line = /^#![ \t]*([^\s]+)(?:[ \t]+([^\n]*))?/.exec(start.toString("utf8", 0, bytesRead));
    const interpreter = line?.[1];
    if (interpreter === undefined || !isAbsolute(interpreter)) return;
    await this.#include(interpreter, path);
    if (basename(interpreter) !== "env") return;
    const program = line?.[2]?.split(/\s+/).find((word) => word !== "" && !word.startsWith("-") && !word.includes("="));
    if (program !== undefined) await this.add(program);
  }

  #put(path: string, node: TreeNode): void {
    const sameTime = { ...node, mtimeSeconds: this.#options.nowSeconds };
    this.nodes.set(path, sameTime);
  }
}
