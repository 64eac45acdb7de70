// The processes of one component. A process that has only been asked about configurations may be used again by another use of the
// component; one that has run is not: what it keeps from that, and a cancellation, cannot be undone (plugin-protocol section 7.10).
import { type PluginComponent, titleOf } from "./plugin-component.ts";
import type { PluginLogger } from "./plugin-log.ts";
import { PluginProcess } from "./process.ts";

/** What processes are started with. */
export interface PoolSettings {
  readonly environment: { readonly [name: string]: string | undefined };
  readonly workingDirectory: string;
  readonly log: PluginLogger;
}

/** Most processes that are kept for later. */
const MOST_IDLE = 4;
/** Most that answer questions at the same time: asking costs little, starting a process much. */
const MOST_ASKED = 2;

/** Starts processes of one component and stops all of them at the end. */
export class ProcessPool {
  readonly component: PluginComponent;
  readonly #settings: PoolSettings;
  readonly #idle: PluginProcess[] = [];
  readonly #all = new Set<PluginProcess>();
  readonly #starting = new Set<Promise<unknown>>();
  readonly #abort = new AbortController();
  #asked = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(component: PluginComponent, settings: PoolSettings) {
    this.component = component;
    this.#settings = settings;
  }

  /** Lets a process answer something that leaves it as it was. It is used again, unless `ask` fails. Others wait for their turn. */
  async ask<T>(signal: AbortSignal, ask: (used: PluginProcess) => Promise<T>): Promise<T> {
    if (this.#asked >= MOST_ASKED) await this.#turn(signal);
    else this.#asked++;
    try {
      const used = await this.acquire(signal);
      try {
        const answer = await ask(used);
        await this.release(used);
        return answer;
      } catch (error) {
        await this.discard(used);
        throw error;
      }
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#asked--;
      else next();
    }
  }

  /** A process for the caller alone, who hands it back with `release` or `discard`. */
  async acquire(signal: AbortSignal): Promise<PluginProcess> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isAlive) return idle;
      await this.discard(idle);
    }
    const title = titleOf(this.component);
    const { argv, file, type } = this.component;
    const startSignal = AbortSignal.any([signal, this.#abort.signal]);
    const starting = PluginProcess.start({ ...this.#settings, title, argv, file, type, signal: startSignal });
    this.#starting.add(starting);
    try {
      const started = await starting;
      this.#all.add(started);
      return started;
    } finally {
      this.#starting.delete(starting);
    }
  }

  /** Keeps a process that has not run anything for the next use. */
  async release(used: PluginProcess): Promise<void> {
    if (used.isAlive && this.#idle.length < MOST_IDLE && !this.#abort.signal.aborted) this.#idle.push(used);
    else await this.discard(used);
  }

  /** Stops a process. */
  async discard(used: PluginProcess): Promise<void> {
    await used.stop();
    this.#all.delete(used);
  }

  /** Stops every process, also those that somebody still has: an artifact may need its own until now. */
  async close(): Promise<void> {
    this.#abort.abort(new Error("the run is over"));
    await Promise.allSettled([...this.#starting]);
    await Promise.all([...this.#all].map((one) => this.discard(one)));
  }

  // --- internal ---

  /** Resolves when somebody who has asked is done; who gives up waits no longer. */
  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const take = (): void => {
        signal.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", giveUp, { once: true });
      this.#waiting.push(take);
    });
  }
}
