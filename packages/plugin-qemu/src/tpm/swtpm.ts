// A TPM for the machine, emulated by swtpm (rows QM-78, QM-155, QM-156, QM-206).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BuildError, CancelledError, LineWriter, type Ui } from "@tspack/core/sdk";
import { boundToUs } from "../machine/bound.ts";
import { LastWords } from "../machine/last-words.ts";

/** A running swtpm. Whoever started it calls `stop`. */
export interface Tpm {
  /** Path of the socket that QEMU connects to. */
  readonly socket: string;
  /** Ends it and removes its state. */
  stop(): Promise<void>;
}

export interface StartTpmOptions {
  /** TPM 1.2 instead of 2.0. */
  readonly isVersion1: boolean;
  readonly env: { readonly [name: string]: string | undefined };
  readonly setpriv: string | undefined;
  readonly ui: Ui;
  readonly signal: AbortSignal;
}

/**
 * Starts swtpm with a state of its own and resolves when it listens. Throws a `BuildError`: TPK6008 when it is missing or this is
 * Windows, and one with its words when it ends. Nothing is left then.
 */
export async function startTpm(options: StartTpmOptions): Promise<Tpm> {
  const { isVersion1, env, setpriv, ui, signal } = options;
  if (process.platform === "win32") throw new BuildError("an emulated TPM needs swtpm, which does not run on Windows", { code: "TPK6008" });
  // Short, since the path of a socket may have 107 bytes.
  const folder = await mkdtemp(join(tmpdir(), "tspack-tpm-"));
  const socket = join(folder, "socket");
  const words = ["swtpm", "socket", "--tpmstate", `dir=${folder}`, "--ctrl", `type=unixio,path=${socket}`, "--terminate"];
  if (!isVersion1) words.push("--tpm2");
  const [program = "", ...args] = boundToUs(words, setpriv);
  const child = spawn(program, args, { env: { ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
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
  process.once("exit", kill);
  const gone = once(child, "close").then(
    () => undefined,
    (error: unknown) => error,
  );
  const stop = async (): Promise<void> => {
    kill();
    await gone;
    process.off("exit", kill);
    await rm(folder, { recursive: true, force: true });
  };
  let failure: unknown;
  let isGone = false;
  void gone.then((error) => {
    failure = error;
    isGone = true;
  });
  while (!(await listens(socket))) {
    if (isGone || signal.aborted) {
      await stop();
      if (signal.aborted) throw new CancelledError();
      if (failure !== undefined) {
        const hint = "install it: on Debian, Ubuntu and Fedora the package swtpm";
        throw new BuildError("swtpm, which emulates the TPM, could not be started", { code: "TPK6008", hint, cause: failure });
      }
      throw new BuildError(`swtpm, which emulates the TPM, ended: ${lastWords.lines().join(" | ")}`);
    }
    // swtpm has no way to say that it is ready.
    await wait(POLL_MS);
  }
  return { socket, stop };
}

// --- internal ---

const POLL_MS = 10;

/** Whether the socket is there. Connecting would use up swtpm's only client when it terminates with it. */
function listens(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
