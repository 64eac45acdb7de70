// Files and folders as the lines that scripts.ts describes, in both directions.
import { createHash, type Hash } from "node:crypto";
import { CommunicatorError } from "../../diagnostics/error.ts";
import type { InputBlock } from "./shells.ts";
import { SEND_BYTES } from "./soap.ts";

/** The line for a folder. `path` is relative, with `/` between its parts. */
export function folderLine(path: string): string {
  return `D${Buffer.from(path).toString("base64")}\r\n`;
}

/** The lines for a file; an empty `path` is the destination itself. */
export async function* fileLines(path: string, content: AsyncIterable<unknown>): AsyncGenerator<string, void, undefined> {
  yield `F${Buffer.from(path).toString("base64")}\r\n`;
  const hash = createHash("sha1");
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    let bytes: Uint8Array = chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk));
    hash.update(bytes);
    while (size + bytes.length >= LINE_BYTES) {
      held.push(bytes.subarray(0, LINE_BYTES - size));
      bytes = bytes.subarray(LINE_BYTES - size);
      yield dataLine(held);
      held = [];
      size = 0;
    }
    if (bytes.length > 0) held.push(bytes);
    size += bytes.length;
  }
  if (size > 0) yield dataLine(held);
  yield `.${hash.digest("hex").toUpperCase()}\r\n`;
}

/** Lines as input for a command, as many in a block as fit. No line may be longer than a block. */
export async function* inBlocks(lines: AsyncIterable<string>): AsyncGenerator<InputBlock, void, undefined> {
  let held = "";
  for await (const line of lines) {
    if (held.length + line.length > SEND_BYTES) {
      yield { bytes: Buffer.from(held, "latin1"), isLast: false };
      held = "";
    }
    held += line;
  }
  yield { bytes: Buffer.from(held, "latin1"), isLast: true };
}

/** What arriving files are given to, one call after the other. */
export interface FileReceiver {
  folder(path: string): Promise<void>;
  begin(path: string): Promise<void>;
  data(bytes: Buffer): Promise<void>;
  end(): Promise<void>;
}

/** Reads lines that arrive in any pieces, and checks that every file arrives whole. Throws `CommunicatorError` (TPK5005). */
export class ArrivingLines {
  readonly #receiver: FileReceiver;
  #rest: Buffer[] = [];
  #restLength = 0;
  #hash: Hash | undefined;
  #path = "";
  #files = 0;
  #count: number | undefined;

  constructor(receiver: FileReceiver) {
    this.#receiver = receiver;
  }

  /** How many files arrived; undefined until the machine has said that this was all. */
  get count(): number | undefined {
    return this.#count;
  }

  async take(bytes: Buffer): Promise<void> {
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      const line = Buffer.concat([...this.#rest, bytes.subarray(start, end)]).toString("latin1");
      this.#rest = [];
      this.#restLength = 0;
      start = end + 1;
      await this.#line(line.replace(/\r$/, ""));
    }
    this.#restLength += bytes.length - start;
    if (this.#restLength > LONGEST_LINE) throw unexpected();
    if (start < bytes.length) this.#rest.push(bytes.subarray(start));
  }

  async #line(line: string): Promise<void> {
    if (line === "") return;
    if (this.#count !== undefined) throw unexpected();
    const rest = line.slice(1);
    const isInFile = this.#hash !== undefined;
    switch (line[0]) {
      case "D":
        if (isInFile) throw unexpected();
        return this.#receiver.folder(pathOf(rest));
      case "F":
        if (isInFile) throw unexpected();
        this.#hash = createHash("sha1");
        this.#path = pathOf(rest);
        return this.#receiver.begin(this.#path);
      case "=": {
        const bytes = Buffer.from(rest, "base64");
        if (this.#hash === undefined) throw unexpected();
        this.#hash.update(bytes);
        return this.#receiver.data(bytes);
      }
      case ".":
        if (this.#hash?.digest("hex").toUpperCase() !== rest)
          throw new CommunicatorError(`${this.#path} arrived damaged`, { code: "TPK5005" });
        this.#hash = undefined;
        this.#files += 1;
        return this.#receiver.end();
      case "!":
        if (isInFile || rest !== String(this.#files)) throw unexpected();
        this.#count = this.#files;
        return;
      default:
        throw unexpected();
    }
  }
}

// --- internal ---

/** Content of one line. With its encoding it just fits into a block. */
const LINE_BYTES = 82_800;
/** The scripts send 80 KB. */
const LONGEST_LINE = 512 * 1024;

function dataLine(parts: readonly Uint8Array[]): string {
  return `=${Buffer.concat(parts).toString("base64")}\r\n`;
}

function pathOf(text: string): string {
  return Buffer.from(text, "base64").toString();
}

function unexpected(): CommunicatorError {
  return new CommunicatorError("the machine sent something else than files", {
    code: "TPK5005",
    hint: "Does PowerShell run there, and does a profile or policy print something when it starts?",
  });
}
