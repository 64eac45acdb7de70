// A TPM for the machine, emulated by swtpm (rows QM-78, QM-155, QM-156, QM-206).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BuildError, CancelledError, LineWriter, type RunInfo, type Ui } from "@tspack/core/sdk";
import { boundToUs, findProgram, killedAtExit } from "../machine/bound.ts";
import { LastWords } from "../machine/last-words.ts";
import { LONGEST_SOCKET } from "../place.ts";

/** A running swtpm. Whoever started it calls `stop`. */
export interface Tpm {
  /** Path of the socket that QEMU connects to. */
  readonly socket: string;
  /** Copies its state into a folder, which is made; what is there of an earlier state is replaced. The machine has to be off. */
  saveState(folder: string): Promise<void>;
  /** Ends it and removes its state. */
  stop(): Promise<void>;
}

/** Which TPM is started, and how. */
export interface StartTpmOptions {
  /** TPM 1.2 instead of 2.0. */
  readonly isVersion1: boolean;
  /** A folder with a state to start with, which is copied; where there is none, the TPM is new. Absolute. */
  readonly from: string | undefined;
  /** Whether there is a machine, and it goes on. */
  readonly isMachineOn: () => Promise<boolean>;
  /** Its temporary folder is where the state lies. */
  readonly run: RunInfo;
  readonly setpriv: string | undefined;
  /** It stays when this process ends without `stop`, as the machine does, and ends with that. */
  readonly mayOutliveUs: boolean;
  readonly ui: Ui;
  readonly signal: AbortSignal;
  /** How long it may take until it listens, in milliseconds; 30 s unless given. */
  readonly limitMs?: number | undefined;
}

/**
 * Starts swtpm with a state that is its own and resolves when it listens. Throws a `BuildError`: TPK6008 when it is missing or this is
 * Windows, TPK6005 when it does not listen in time, and one with its words when it ends. Nothing is left then.
 */
export async function startTpm(options: StartTpmOptions): Promise<Tpm> {
  const { isVersion1, from, run, setpriv, mayOutliveUs, ui, signal, limitMs = READY_MS } = options;
  if (process.platform === "win32") throw new BuildError("an emulated TPM needs swtpm, which does not run on Windows", { code: "TPK6008" });
  const swtpm = requireSwtpm(run);
  const folder = await stateFolder(run, mayOutliveUs);
  const socket = join(folder, SOCKET);
  try {
    if (from !== undefined) await copyState(from, folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  // It works in its folder: a path with a comma cannot be told to it.
  const words = [swtpm, "socket", "--tpmstate", "dir=.", "--ctrl", `type=unixio,path=${SOCKET}`, "--terminate"];
  if (!isVersion1) words.push("--tpm2");
  const [program = "", ...args] = boundToUs(words, mayOutliveUs ? undefined : setpriv);
  const child = spawn(program, args, { cwd: folder, env: { ...run.environment }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const lastWords = new LastWords(5);
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(
      new LineWriter((line) => {
        lastWords.add(line);
        ui.log("info", `swtpm: ${line}`);
      }),
    );
  }
  const kill = (): void => void child.kill("SIGKILL");
  const release = mayOutliveUs ? () => undefined : killedAtExit(child);
  const gone = once(child, "close").then(
    ([code, killedBy]: unknown[]) => ({ error: undefined, code, killedBy }),
    (error: unknown) => ({ error, code: undefined, killedBy: undefined }),
  );
  let isStopped = false;
  const stop = async (): Promise<void> => {
    isStopped = true;
    kill();
    await gone;
    release();
    await rm(folder, { recursive: true, force: true });
  };
  let failure: unknown;
  let isGone = false;
  let isReady = false;
  void gone.then(({ error, code, killedBy }) => {
    failure = error;
    isGone = true;
    if (!isReady) return;
    const how = typeof killedBy === "string" ? `swtpm was ended by ${killedBy}` : `swtpm ended with exit code ${String(code)}`;
    // It ends by itself with the machine.
    void options.isMachineOn().then((isAlone) => {
      if (isAlone && !isStopped) ui.error(`The TPM of the machine has ended: ${lastWords.lines().join(" | ") || how}`);
    });
  });
  const since = performance.now();
  while (!(await listens(socket))) {
    const isLate = performance.now() - since > limitMs;
    if (isGone || isLate || signal.aborted) {
      await stop();
      if (signal.aborted) throw new CancelledError();
      if (failure !== undefined) {
        throw new BuildError("swtpm, which emulates the TPM, could not be started", { code: "TPK6008", hint: HINT, cause: failure });
      }
      if (isLate) {
        throw new BuildError(`swtpm, which emulates the TPM, did not listen within ${limitMs / 1000} s`, { code: "TPK6005" });
      }
      throw new BuildError(`swtpm, which emulates the TPM, ended: ${lastWords.lines().join(" | ")}`);
    }
    // swtpm has no way to say that it is ready.
    await wait(POLL_MS);
  }
  isReady = true;
  return { socket, stop, saveState: (target) => copyState(folder, target) };
}

/** The path of swtpm. Throws a `BuildError` (TPK6008) that names the package when it is missing. */
export function requireSwtpm({ environment }: Pick<RunInfo, "environment">): string {
  const swtpm = findProgram("swtpm", environment.PATH ?? "");
  if (swtpm !== undefined) return swtpm;
  throw new BuildError("swtpm, which emulates the TPM, cannot be found", { code: "TPK6008", hint: HINT });
}

// --- internal ---

/** Copies what swtpm keeps of a TPM (of 1.2 and 2.0, as its manual names the files). Keys are in it: nobody else may read it. */
async function copyState(from: string, target: string): Promise<void> {
  try {
    const names = await readdir(from).catch((error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
      throw error;
    });
    await mkdir(target, { recursive: true, mode: 0o700 });
    for (const name of names.filter((file) => /^tpm2?-00\.permall$/.test(file))) {
      const fresh = join(target, `.${name}.${process.pid}`);
      await writeFile(fresh, await readFile(join(from, name)), { mode: 0o600 });
      await rename(fresh, join(target, name));
    }
  } catch (cause) {
    throw new BuildError(`the state of the TPM could not be copied from ${from} to ${target}`, { code: "TPK6011", cause });
  }
}

const SOCKET = "socket";
const POLL_MS = 10;
const READY_MS = 30_000;
const HINT = "install it: on Debian, Ubuntu, Fedora and Arch the package swtpm, on macOS brew install swtpm";

/** A folder in which the path of a socket is short enough, and which is not removed with the temporary files of a machine that stays on. */
async function stateFolder({ temporaryDirectory, environment }: RunInfo, mayOutliveUs: boolean): Promise<string> {
  const isShort = Buffer.byteLength(join(temporaryDirectory, "tpm-XXXXXX", SOCKET)) <= LONGEST_SOCKET;
  if (!isShort || mayOutliveUs) return mkdtemp(join((mayOutliveUs && environment.TMPDIR) || tmpdir(), "tspack-tpm-"));
  await mkdir(temporaryDirectory, { recursive: true });
  return mkdtemp(join(temporaryDirectory, "tpm-"));
}

/** Whether the socket is there. Connecting would use up swtpm's only client when it terminates with it. */
function listens(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
