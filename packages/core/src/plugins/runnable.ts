// Whether this system can run a file at all. Asked before it is started: what is no program of this system would otherwise be handed
// to the shell (execvp does that), which takes the bytes of a plugin for another system for commands.
import { access, constants, open, readdir } from "node:fs/promises";
import { basename } from "node:path";
import { fileTrouble } from "../files/file-trouble.ts";

/** Why a file cannot be run, without its name, and what to do about it. */
export interface RunProblem {
  readonly why: string;
  readonly hint: string;
}

/** Why the system cannot run an executable or a script with an interpreter; undefined when nothing speaks against it. */
export async function runProblem(file: string): Promise<RunProblem | undefined> {
  let start: Buffer;
  try {
    await access(file);
    if (process.platform === "win32") return undefined;
    start = await startOf(file);
  } catch (error) {
    return { why: fileTrouble(error), hint: GET_IT };
  }
  try {
    await access(file, constants.X_OK);
  } catch {
    return { why: "it is not executable", hint: `Make it so: chmod +x ${basename(file)}` };
  }
  const script = /^#![ \t]*([^ \t\n]+)/.exec(start.toString("latin1"));
  return script === null ? foreignProgram(start) : missingInterpreter(script[1] ?? "");
}

// --- internal ---

const GET_IT = "Install the one for this system.";
/** Longest first line that systems read. */
const START_BYTES = 256;

async function startOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function missingInterpreter(program: string): Promise<RunProblem | undefined> {
  try {
    await access(program);
    return undefined;
  } catch {
    return {
      why: `its first line names ${JSON.stringify(program)}, which is not there`,
      hint: program.endsWith("\r") ? "Save it with the line ends of this system." : "Install that, or correct the line.",
    };
  }
}

/** What a file is for by the system that has its format, and by the processors that ELF knows. */
async function foreignProgram(start: Buffer): Promise<RunProblem | undefined> {
  const magic = start.length < 20 ? 0 : start.readUInt32BE(0);
  if (magic === 0x7f454c46) {
    if (process.platform === "darwin") return anotherSystem("Linux");
    const isLittle = start[5] === 1;
    const number = isLittle ? start.readUInt16LE(18) : start.readUInt16BE(18);
    const machine = machines[number];
    if (machine === undefined || machine === process.arch || related[process.arch] === machine) return undefined;
    return (await hasHandler(/^qemu-/)) ? undefined : anotherSystem(`${machine}, and this system is ${process.arch}`);
  }
  if (machMagic.includes(magic)) return process.platform === "darwin" ? undefined : anotherSystem("macOS");
  if (start.subarray(0, 2).toString("latin1") === "MZ") {
    return (await hasHandler(/wine|dos|cli|wsl/i)) ? undefined : anotherSystem("Windows");
  }
  return { why: "it is no program, and no script that begins with #!", hint: "Is it unpacked, and all of it?" };
}

const machMagic: readonly number[] = [0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe];

/** As Node calls processors, by their number in ELF. */
const machines: { readonly [number: number]: string } = {
  3: "ia32",
  8: "mips",
  20: "ppc",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  62: "x64",
  183: "arm64",
  243: "riscv64",
  258: "loong64",
};

/** What a processor runs beside its own programs. */
const related: { readonly [arch: string]: string } = { x64: "ia32", arm64: "arm" };

function anotherSystem(what: string): RunProblem {
  return { why: `it is a program for ${what}`, hint: GET_IT };
}

/** Linux can be told to run other formats through an emulator. */
async function hasHandler(name: RegExp): Promise<boolean> {
  try {
    return (await readdir("/proc/sys/fs/binfmt_misc")).some((entry) => name.test(entry));
  } catch {
    return false;
  }
}
