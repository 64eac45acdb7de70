const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Exit code of a process that an interrupt stopped: 128 + SIGINT. */
const INTERRUPTED_EXIT_CODE = 130;

/**
 * One Ctrl-C can arrive twice: `npx` hands on the signal that the terminal has sent to the whole process group already. Nobody
 * presses it again this soon and means something else.
 */
const SAME_INTERRUPT_MS = 300;

/** Asks to stop, and forces it when asked twice. */
export interface Interrupts {
  /** Aborts with the first interrupt (row RUN-03); its reason is a few words for people. */
  readonly signal: AbortSignal;
  /** Does what the first interrupt does, for another reason. */
  stop(reason: string): void;
  /** From here on signals do again what they did before. */
  release(): void;
}

/**
 * Takes over Ctrl-C, SIGTERM and the hang-up of the terminal. The first one aborts `signal`: the run cleans up and ends with exit
 * code 1. The second leaves at once with 130 (Packer has no such way out); what has to be gone then is removed by the exit
 * handlers of the engine, which are synchronous.
 */
export function catchInterrupts(): Interrupts {
  const controller = new AbortController();
  let firstAt = 0;
  let isFirstTurn = false;
  const stop = (reason: string): void => {
    if (controller.signal.aborted) return;
    firstAt = performance.now();
    isFirstTurn = true;
    setImmediate(() => {
      isFirstTurn = false;
    });
    controller.abort(reason);
  };
  const onSignal = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      stop(name === "SIGINT" ? "an interrupt" : name);
    } else if (!isFirstTurn && performance.now() - firstAt > SAME_INTERRUPT_MS) {
      // What came together with the first one is the same, however long a busy machine took over that.
      process.exit(INTERRUPTED_EXIT_CODE);
    }
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    stop,
    release() {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
