import { createWriteStream } from "node:fs";
import { chmod, copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { CommunicatorError } from "../diagnostics/error.ts";

/**
 * A local folder that a tree from the machine is written into. Whatever the machine says, nothing is written outside of it.
 * Call `finish` at the end: folders get their modes then, so that read-only ones can be filled.
 */
export class LocalFolder {
  readonly #root: string;
  readonly #excluded: readonly string[];
  readonly #modes: { readonly path: string; readonly mode: number }[] = [];
  readonly #made = new Set<string>();

  constructor(root: string, options: { readonly exclude: readonly string[]; readonly name: string }) {
    this.#root = root;
    this.#excluded = options.exclude.map((path) => {
      const plain = path.replace(/^\.?\/+|\/+$/g, "");
      return options.name === "" ? plain : `${options.name}/${plain}`;
    });
  }

  /** True for what the caller wants left out, and what is below that. */
  excludes(path: string): boolean {
    return this.#excluded.some((excluded) => path === excluded || path.startsWith(`${excluded}/`));
  }

  async makeFolder(path: string, mode: number): Promise<void> {
    const folder = this.#inside(path);
    await this.#ensure(folder);
    this.#modes.push({ path: folder, mode: mode & 0o777 });
  }

  /** Stops when `content` throws, which it does on abort. */
  async writeFile(path: string, mode: number, content: AsyncIterable<Uint8Array>): Promise<void> {
    const file = this.#inside(path);
    await this.#ensure(dirname(file));
    await pipeline(content, createWriteStream(file, { mode: mode & 0o777 }));
    // The mode given to open is subject to the umask, and an existing file keeps its own.
    await chmod(file, mode & 0o777);
  }

  /** For hard links in archives: the same content once more. */
  async copyFile(from: string, to: string): Promise<void> {
    const file = this.#inside(to);
    await this.#ensure(dirname(file));
    await copyFile(this.#inside(from), file);
  }

  async finish(): Promise<void> {
    await this.#ensure(this.#root);
    for (const { path, mode } of this.#modes.reverse()) await chmod(path, mode);
  }

  async #ensure(folder: string): Promise<void> {
    if (this.#made.has(folder)) return;
    await mkdir(folder, { recursive: true });
    this.#made.add(folder);
  }

  #inside(path: string): string {
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..") || (process.platform === "win32" && parts.some((part) => /[\\:]/.test(part)))) {
      throw new CommunicatorError(`the machine sent the path ${JSON.stringify(path)}, which leads out of the folder`, { code: "TPK5005" });
    }
    return join(this.#root, ...parts);
  }
}
