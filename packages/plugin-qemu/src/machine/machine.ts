// A running QEMU process: started, watched through its monitor, ended for certain.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { BuildError, CancelledError, LineWriter, type Ui } from "@tspack/core/sdk";
import * as z from "zod";
import { AGENT_PORT, AGENT_PORT_NAME } from "../agent/agent.ts";
import { withoutControls } from "../console/plain-text.ts";
import { boundToUs, killedAtExit, killGroup } from "./bound.ts";
import { LastWords } from "./last-words.ts";
import { openQmp, type Qmp, type QmpEvent, type QmpOptions } from "./qmp.ts";
import { startAdvice } from "./start-advice.ts";

/** How a machine came to its end. */
export interface MachineEnd {
  /**
   * "guest": the guest powered itself off. "host": we ended it. "panic": the guest crashed. "lost": QEMU ended by itself, killed or
   * failed, or stopped the machine because it cannot go on.
   */
  readonly cause: "guest" | "host" | "panic" | "lost";
  /** One sentence about it, with QEMU's last words where that helps. */
  readonly text: string;
  /** What the user can do about it. */
  readonly hint?: string | undefined;
  /** The option that it is about. */
  readonly option?: string | undefined;
}

/** A running machine. Whoever started it calls `end`, always; once is enough. */
export interface Machine {
  readonly pid: number;
  readonly qmp: Qmp;
  /** What QEMU's first serial port sends; undefined when the command line has none of ours. */
  readonly serial: Duplex | undefined;
  /** The port for the guest's agent, if there is one. */
  readonly agent: Duplex | undefined;
  /** Resolves when the process is gone. Never rejects. */
  readonly ended: Promise<MachineEnd>;
  /** Resolves as soon as the guest is off or cannot go on, also where QEMU itself stays (`-no-shutdown`). Never rejects. */
  readonly off: Promise<MachineEnd>;
  /** Ends QEMU: asked first, which writes its disks out, then killed. Resolves when it is gone. */
  end(): Promise<void>;
}

/** How QEMU is started. */
export interface StartMachineOptions {
  /** Program and its words, without what this module adds: the monitor; with `hasSerial` the first serial port, with `hasAgent` the agent's. */
  readonly argv: readonly [string, ...string[]];
  readonly hasSerial: boolean;
  readonly hasAgent?: boolean | undefined;
  readonly env: { readonly [name: string]: string | undefined };
  /** Absolute. */
  readonly cwd: string;
  /** Absolute path of `setpriv`: QEMU dies with us then, even from kill -9 (Linux). */
  readonly setpriv?: string | undefined;
  /** The machine stays when this process ends without `end`: what `-on-error=abort` asks for (row RUN-09). */
  readonly mayOutliveUs?: boolean | undefined;
  /** How long QEMU may take to answer its monitor, where that is not the usual time. */
  readonly patience?: Pick<QmpOptions, "answerMs" | "hurriedMs"> | undefined;
  readonly ui: Ui;
  /** Ends the start; afterwards the commands that QEMU has not answered. */
  readonly signal: AbortSignal;
}

/**
 * Starts QEMU and resolves when its monitor has greeted, which is when the machine exists (row QM-165). Throws a `BuildError` with
 * QEMU's own words when it ends before that, a cancellation on abort; nothing is left in both cases. QEMU's output goes to the log.
 */
export async function startMachine(options: StartMachineOptions): Promise<Machine> {
  const { signal, ui, hasSerial, hasAgent = false, patience } = options;
  if (signal.aborted) throw new CancelledError();
  const child = spawnQemu(options);
  const words = new LastWords(WORDS);
  const closed = watchOutput(child, words, ui);
  const gone = once(child, "exit").then(
    ([code, killedBy]: unknown[]) => ({ code, killedBy }),
    () => ({ code: undefined, killedBy: undefined }),
  );
  const onAbort = (): void => killGroup(child);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const qmp = await openQmp(streamOf(child, MONITOR_FD), { signal, ...patience });
    const quitMs = (): number => (signal.aborted ? (patience?.hurriedMs ?? CANCELLED_QUIT_MS) : QUIT_MS);
    const serial = hasSerial ? streamOf(child, SERIAL_FD) : undefined;
    const agent = hasAgent ? streamOf(child, AGENT_FD) : undefined;
    return running({ child, qmp, words, gone, closed, quitMs, serial, agent });
  } catch (error) {
    killGroup(child);
    const { code } = await gone;
    await closed;
    if (signal.aborted) throw new CancelledError();
    throw notStarted(options.argv[0], words.lines(), code, child.pid === undefined ? (spawnErrors.get(child) ?? error) : error);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

// --- internal ---

const WORDS = 20;
const MONITOR_FD = 3;
const SERIAL_FD = 4;
const AGENT_FD = 5;
/** How long QEMU has to write its disks out after it was asked to end. */
const QUIT_MS = 30_000;
/** The same in a build that is cancelled: nobody wants its disks. */
const CANCELLED_QUIT_MS = 5_000;

/** Why a process could not be started at all. */
const spawnErrors = new WeakMap<ChildProcess, Error>();

function spawnQemu({ argv, hasSerial, hasAgent = false, env, cwd, setpriv, mayOutliveUs = false }: StartMachineOptions): ChildProcess {
  const words: string[] = [...argv, "-chardev", `socket,id=tspack-monitor,fd=${MONITOR_FD}`, "-mon", "chardev=tspack-monitor,mode=control"];
  if (hasSerial) words.push("-chardev", `socket,id=tspack-serial,fd=${SERIAL_FD}`, "-serial", "chardev:tspack-serial");
  if (hasAgent) words.push(...agentWords);
  const [program = "", ...args] = boundToUs(words, mayOutliveUs ? undefined : setpriv);
  const child = spawn(program, args, {
    cwd,
    env: { ...env },
    // A session of its own: an interrupt of the terminal is ours to handle.
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe", hasSerial ? "pipe" : "ignore", ...(hasAgent ? ["pipe" as const] : [])],
  });
  child.on("error", (error) => spawnErrors.set(child, error));
  if (mayOutliveUs) return child;
  child.once("close", killedAtExit(child));
  return child;
}

/** The port has a bus of its own, behind all other devices: neither those of the user's nor their places change. */
const agentWords: readonly string[] = [
  ...["-chardev", `socket,id=tspack-agent,fd=${AGENT_FD}`],
  ...["-device", "virtio-serial,id=tspack-agent-bus"],
  ...["-device", `virtserialport,bus=tspack-agent-bus.0,chardev=tspack-agent,id=${AGENT_PORT},name=${AGENT_PORT_NAME}`],
];

/** Resolves when QEMU's output has ended. */
function watchOutput(child: ChildProcess, words: LastWords, ui: Ui): Promise<void> {
  const ends = [child.stdout, child.stderr].map(async (stream) => {
    if (stream === null) return;
    const lines = new LineWriter((line) => {
      words.add(line);
      ui.log("info", `QEMU: ${withoutControls(line)}`);
    });
    stream.pipe(lines);
    await once(stream, "close");
    lines.flush();
  });
  return Promise.all(ends).then(() => undefined);
}

function streamOf(child: ChildProcess, fd: number): Duplex {
  const stream: unknown = child.stdio[fd];
  if (stream instanceof Duplex) return stream;
  throw new BuildError("QEMU could not be connected to");
}

interface Parts {
  readonly child: ChildProcess;
  readonly qmp: Qmp;
  readonly words: LastWords;
  readonly gone: Promise<{ readonly code: unknown; readonly killedBy: unknown }>;
  readonly closed: Promise<void>;
  /** How long QEMU has to end when it is asked to. */
  readonly quitMs: () => number;
  readonly serial: Duplex | undefined;
  readonly agent: Duplex | undefined;
}

function running({ child, qmp, words, gone, closed, quitMs, serial, agent }: Parts): Machine {
  let ending = false;
  let isOver = false;
  /** What the monitor said about the end. */
  let reason: MachineEnd | undefined;
  let turnOff: (end: MachineEnd) => void = () => undefined;
  const off = new Promise<MachineEnd>((resolve) => {
    turnOff = resolve;
  });
  const end = (how: MachineEnd): void => {
    reason ??= how;
    turnOff(reason);
  };
  let trouble: QmpEvent["data"] | undefined;
  qmp.onEvent(({ event, data }) => {
    if (event === "GUEST_PANICKED" && data.action !== "run") end({ cause: "panic", text: "the guest crashed (a kernel panic)" });
    if (event === "BLOCK_IO_ERROR" && data.action === "stop") trouble = data;
    if (event === "STOP") void whyStopped(qmp, trouble).then((why) => why !== undefined && end({ cause: "lost", ...why }));
    if (event !== "SHUTDOWN") return;
    end(ending || data.guest !== true ? { cause: "host", text: hostText(data.reason) } : { cause: "guest", text: "the guest powered off" });
  });
  const ended = gone.then(async ({ code, killedBy }): Promise<MachineEnd> => {
    await closed;
    isOver = true;
    await qmp.closed;
    serial?.destroy();
    agent?.destroy();
    if (code === 0 && (ending || reason !== undefined)) return reason ?? { cause: "host", text: "the machine was ended" };
    if (ending && killedBy === "SIGKILL") return { cause: "host", text: "QEMU did not end when it was asked to, and was killed" };
    return { cause: "lost", text: `${endText(code, killedBy)}${quoted(words.lines())}` };
  });
  void ended.then(turnOff);
  return {
    pid: child.pid ?? 0,
    qmp,
    serial,
    agent,
    ended,
    off,
    async end() {
      ending = true;
      qmp.execute("quit").catch(() => undefined);
      const late = new AbortController();
      await Promise.race([gone, wait(quitMs(), undefined, { signal: late.signal }).catch(() => undefined)]);
      late.abort();
      // Somebody else may have its number by now, when all of it has ended.
      if (!isOver) killGroup(child);
      await ended;
    },
  };
}

/** Why QEMU has stopped the machine, where that is for good: a disk that cannot be written, an accelerator that failed (row QM-188). */
async function whyStopped(qmp: Qmp, trouble: QmpEvent["data"] | undefined): Promise<Omit<MachineEnd, "cause"> | undefined> {
  const { status } = statusSchema.parse(await qmp.execute("query-status").catch(() => ({ status: "" })));
  if (status === "internal-error") {
    return {
      text: "QEMU stopped the machine: its accelerator failed",
      option: "accelerator",
      hint: 'this host has an accelerator that does not work: leave out the option accelerator, and one that works is chosen, or set it to "tcg"',
    };
  }
  if (status !== "io-error") return undefined;
  const what = trouble?.operation === "read" ? "read" : "written";
  if (trouble?.nospace === true) {
    return {
      text: "QEMU stopped the machine: its disk could not be written, since this host has no space left",
      option: "output_directory",
      hint: "free some space, or choose a folder on another disk with output_directory",
    };
  }
  const why = typeof trouble?.reason === "string" ? ` (${trouble.reason})` : "";
  return { text: `QEMU stopped the machine: its disk could not be ${what}${why}` };
}

const statusSchema = z.object({ status: z.string() });

function hostText(reason: unknown): string {
  return reason === "host-signal" ? "QEMU was asked to end by a signal" : "the machine was ended through its monitor";
}

function endText(code: unknown, killedBy: unknown): string {
  if (typeof killedBy === "string") return `QEMU was ended by ${killedBy}`;
  return `QEMU ended unexpectedly with exit code ${String(code)}`;
}

function quoted(lines: readonly string[]): string {
  return lines.length === 0 ? "" : `. Its last words: ${lines.slice(-5).join(" | ")}`;
}

function notStarted(program: string, words: readonly string[], code: unknown, cause: unknown): BuildError {
  if (words.length > 0) {
    return new BuildError(`QEMU did not start: ${words.slice(-5).join(" | ")}`, startAdvice(words.join("\n")));
  }
  const how = typeof code === "number" ? ` (exit code ${code})` : "";
  return new BuildError(`could not start ${JSON.stringify(program)}${how}`, { code: "TPK6008", cause });
}
