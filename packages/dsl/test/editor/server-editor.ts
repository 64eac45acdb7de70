import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Editor, Marked } from "./editor.ts";

interface Position {
  readonly line: number;
  readonly character: number;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** TypeScript 7: its language server, a process that speaks LSP on its standard streams. */
export class ServerEditor implements Editor {
  readonly #child: ChildProcess;
  readonly #uri: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #received: Buffer = Buffer.alloc(0);
  #lastId = 0;
  #version = 0;
  #text = "";

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#uri = pathToFileURL(join(folder, "image.ts")).href;
    child.stdout?.on("data", (chunk: Buffer) => this.#receive(chunk));
    child.on("exit", () => {
      for (const answer of this.#waiting.values()) answer({ error: { message: "the language server ended" } });
    });
  }

  /** Starts `tsc --lsp --stdio` with a folder as its workspace. */
  static async start(compiler: string, folder: string): Promise<ServerEditor> {
    const child = spawn(process.execPath, [compiler, "--lsp", "--stdio"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
    const editor = new ServerEditor(child, folder);
    const markdown = { contentFormat: ["plaintext"] };
    await editor.#request("initialize", {
      processId: process.pid,
      rootUri: pathToFileURL(folder).href,
      capabilities: {
        general: { positionEncodings: ["utf-16"] },
        textDocument: { hover: markdown, completion: { completionItem: {} }, diagnostic: {} },
      },
    });
    editor.#notify("initialized", {});
    return editor;
  }

  async edit(text: string): Promise<void> {
    this.#version++;
    const document = { uri: this.#uri, version: this.#version };
    if (this.#version === 1) this.#notify("textDocument/didOpen", { textDocument: { ...document, languageId: "typescript", text } });
    else this.#notify("textDocument/didChange", { textDocument: document, contentChanges: [{ text }] });
    this.#text = text;
  }

  async diagnostics(): Promise<readonly Marked[]> {
    const report = (await this.#request("textDocument/diagnostic", { textDocument: { uri: this.#uri } })) as {
      readonly items: readonly { code: number; message: string; severity?: number; range: { start: Position; end: Position } }[];
    };
    return report.items
      .filter(({ severity = 1 }) => severity === 1)
      .map(({ code, message, range }) => ({
        code,
        marked: this.#text.slice(this.#offset(range.start), this.#offset(range.end)),
        text: message,
      }));
  }

  async completions(offset: number): Promise<readonly string[]> {
    const answer = (await this.#request("textDocument/completion", this.#at(offset))) as
      | { readonly items?: readonly { label: string }[] }
      | readonly { label: string }[]
      | null;
    const items = Array.isArray(answer) ? answer : ((answer as { items?: readonly { label: string }[] } | null)?.items ?? []);
    // An option that may be left out is labelled with a question mark.
    return items.map(({ label }: { label: string }) => label.replace(/\?$/, "")).sort();
  }

  async hover(offset: number): Promise<string> {
    const answer = (await this.#request("textDocument/hover", this.#at(offset))) as {
      readonly contents?: string | { readonly value: string };
    } | null;
    const contents = answer?.contents ?? "";
    const text = typeof contents === "string" ? contents : contents.value;
    return text.replace(/^```\w*\n|\n?```.*$/gs, "").trim();
  }

  async close(): Promise<void> {
    await this.#request("shutdown", undefined);
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#notify("exit", undefined);
    await ended;
  }

  #at(offset: number): object {
    const before = this.#text.slice(0, offset).split("\n");
    return { textDocument: { uri: this.#uri }, position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 } };
  }

  #offset(position: Position): number {
    const lines = this.#text.split("\n").slice(0, position.line);
    return lines.reduce((sum, line) => sum + line.length + 1, 0) + position.character;
  }

  async #request(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#lastId;
    const answer = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#send({ jsonrpc: "2.0", id, method, params });
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  #notify(method: string, params: unknown): void {
    this.#send({ jsonrpc: "2.0", method, params });
  }

  #send(message: object): void {
    const body = Buffer.from(JSON.stringify(message));
    this.#child.stdin?.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const end = this.#received.indexOf("\r\n\r\n");
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.subarray(0, Math.max(end, 0)).toString())?.[1]);
      if (end < 0 || this.#received.length < end + 4 + length) return;
      const message = JSON.parse(this.#received.subarray(end + 4, end + 4 + length).toString()) as Answer;
      this.#received = this.#received.subarray(end + 4 + length);
      this.#take(message);
    }
  }

  #take(message: Answer): void {
    // The server asks too (for its configuration, to register for changes): it gets nothing and goes on.
    if (message.method !== undefined && message.id !== undefined) {
      this.#send({ jsonrpc: "2.0", id: message.id, result: message.method === "workspace/configuration" ? [] : null });
    } else if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
  }
}
