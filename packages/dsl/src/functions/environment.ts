import { createHash, randomBytes } from "node:crypto";
import { type FunctionEnvironment, Pending } from "./function.ts";

/** What a `FunctionEnvironment` is made of. */
export interface FunctionWorld {
  readonly environment: { readonly [name: string]: string | undefined };
  /** Folder of the template, absolute (`path.root`). */
  readonly templateDirectory: string;
  /** Absolute (`path.cwd`). */
  readonly workingDirectory: string;
  /** Told every file that a function reads, absolute. */
  readonly readFile?: ((path: string) => void) | undefined;
}

/**
 * The world as functions see it, for one load. Seconds since 1970 in `SOURCE_DATE_EPOCH` fix the clock, the start time and the
 * random bytes, so that two evaluations give the same; anything else in it is passed over, as for a run.
 */
export function functionEnvironment(world: FunctionWorld): FunctionEnvironment {
  const fixed = fixedClock(world.environment.SOURCE_DATE_EPOCH);
  const answers = new Map<string, Answer>();
  return {
    environment: world.environment,
    templateDirectory: world.templateDirectory,
    workingDirectory: world.workingDirectory,
    now: () => fixed ?? Date.now(),
    startedAt: fixed ?? Math.round(performance.timeOrigin),
    randomBytes: (size) => (fixed === undefined ? randomBytes(size) : repeatableBytes(size, fixed)),
    service(key, ask) {
      const answer = answers.get(key) ?? begin(ask);
      answers.set(key, answer);
      if (answer.state === "known") return answer.text;
      if (answer.state === "failed") throw answer.error;
      throw new Pending(answer.settled);
    },
    readFile: (path) => world.readFile?.(path),
  };
}

// --- internal ---

interface Answer {
  state: "asked" | "known" | "failed";
  text: string;
  error: unknown;
  /** Fulfilled once there is an answer or a failure; never rejected, so that nobody has to wait for it. */
  settled: Promise<void>;
}

function begin(ask: () => Promise<string>): Answer {
  const answer: Answer = { state: "asked", text: "", error: undefined, settled: Promise.resolve() };
  answer.settled = ask().then(
    (text) => {
      answer.state = "known";
      answer.text = text;
    },
    (error: unknown) => {
      answer.state = "failed";
      answer.error = error;
    },
  );
  return answer;
}

function fixedClock(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) * 1000 : undefined;
}

/** The same bytes on every call: a stretch of SHA-256 digests of the clock. */
function repeatableBytes(size: number, clock: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, index) => createHash("sha256").update(`${clock}:${index}`).digest());
  return Uint8Array.from(Buffer.concat(blocks).subarray(0, size));
}
