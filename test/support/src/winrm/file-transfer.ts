// The two programs of tspack's own communicator that move files; packages/core/src/communicator/winrm/scripts.ts tells their lines.
// This is written from that description alone, and knows the programs by how they begin.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { powershellPath } from "./files.ts";
import type { MachineProcess, WinrmHandler } from "./machine.ts";

/** Part of `powershellScripts`. */
export const fileTransferScripts: readonly WinrmHandler[] = [
  {
    language: "powershell",
    matches: /^begin \{\s+\$destination = '((?:[^']|'')*)'\s[\s\S]*function Place\(/,
    run: async (process, match) => await orFail(process, async () => await receive(process, literal(match[1], process))),
  },
  {
    language: "powershell",
    matches: /^\$source = '((?:[^']|'')*)'\s+\$kind = '(\w+)'\s[\s\S]*function Pass\(/,
    run: async (process, match) =>
      await orFail(process, async () => {
        send(process, literal(match[1], process), match[2] ?? "");
        await Promise.resolve();
      }),
  },
];

// --- internal ---

async function orFail(process: MachineProcess, body: () => Promise<void>): Promise<number> {
  try {
    await body();
    return 0;
  } catch (error) {
    process.err(`${error instanceof Error ? error.message : String(error)}\r\n`);
    return 1;
  }
}

/** Lines from stdin become files. */
async function receive({ machine, stdin, out }: MachineProcess, destination: string): Promise<void> {
  const place = (text: string): string => {
    const below = Buffer.from(text, "base64").toString();
    return below === "" ? destination : `${destination}\\${below}`;
  };
  let open: { path: string; chunks: Buffer[] } | undefined;
  let count = 0;
  for await (const line of createInterface({ input: stdin })) {
    if (line === "") continue;
    const rest = line.slice(1);
    if (line[0] === "D") machine.files.addFolder(place(rest));
    else if (line[0] === "F") {
      open = { path: place(rest), chunks: [] };
      if (machine.files.hasFolder(open.path)) throw new Error(`${open.path} is a folder`);
    } else if (line[0] === "=" && open !== undefined && /^[0-9A-Za-z+/]+={0,2}$/.test(rest)) open.chunks.push(Buffer.from(rest, "base64"));
    else if (line[0] === "." && open !== undefined) {
      const data = Buffer.concat(open.chunks);
      if (sha1(data) !== rest) throw new Error(`${open.path} arrived damaged`);
      machine.files.set(open.path, data);
      open = undefined;
      count += 1;
    } else throw new Error("unexpected input");
  }
  if (open !== undefined) throw new Error(`${open.path} did not arrive whole`);
  out(`!${count}\r\n`);
}

/** Files become lines on stdout. */
function send({ machine, out }: MachineProcess, source: string, kind: string): void {
  const { files } = machine;
  let count = 0;
  const pass = (key: string, name: string): void => {
    const encoded = Buffer.from(name).toString("base64");
    const data = files.get(key);
    if (data === undefined) {
      out(`D${encoded}\n`);
      for (const below of files.children(key)) pass(below, `${name}/${files.nameOf(below)}`);
      return;
    }
    out(`F${encoded}\n`);
    for (let at = 0; at < data.length; at += 61_440) out(`=${Buffer.from(data.subarray(at, at + 61_440)).toString("base64")}\n`);
    out(`.${sha1(data)}\n`);
    count += 1;
  };
  for (const key of find(machine.files, source, kind)) pass(key, files.nameOf(key));
  out(`!${count}\n`);
}

function find(files: MachineProcess["machine"]["files"], source: string, kind: string): readonly string[] {
  const key = files.normal(source);
  if (kind === "matches") {
    const slash = key.lastIndexOf("\\");
    const pattern = key
      .slice(slash + 1)
      .replace(/[.+^${}()|\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    const found = files.children(key.slice(0, slash)).filter((child) => new RegExp(`^${pattern}$`).test(child.slice(slash + 1)));
    return found;
  }
  const isFolder = files.hasFolder(key);
  if (!isFolder && !files.has(key)) throw new Error(`Cannot find path '${source}' because it does not exist.`);
  if ((kind === "file") === isFolder) throw new Error(`${source} is ${kind === "file" ? "a folder" : "not a folder"}`);
  return kind === "contents" ? files.children(key) : [key];
}

function sha1(data: Uint8Array): string {
  return createHash("sha1").update(data).digest("hex").toUpperCase();
}

/** Both programs put variables in themselves. */
function literal(text = "", { environment }: MachineProcess): string {
  return powershellPath(text.replaceAll("''", "'"), environment);
}
