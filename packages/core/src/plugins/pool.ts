// The processes of one component. A process that has only been asked about configurations may be used again by another use of the
// component; one that has run is not: what it keeps from that, and a cancellation, cannot be undone (plugin-protocol section 7.10).
import { once } from "node:events";
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
  #component: PluginComponent;
  readonly #settings: PoolSettings;
  readonly #idle: PluginProcess[] = [];
  readonly #all = new Set<PluginProcess>();
  readonly #starting = new Set<Promise<unknown>>();
  readonly #abort = new AbortController();
  #warming: Promise<PluginProcess> | undefined;
  #asked = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(component: PluginComponent, settings: PoolSettings) {
    this.#component = component;
    this.#settings = settings;
  }

  get component(): PluginComponent {
    return this.#component;
  }

  /** Learns what is known of its component by now. False when that is started in another way than this pool does: it has to be closed then. */
  confirm(component: PluginComponent): boolean {
    const { kind, type, form, argv } = this.#component;
    const isSame = kind === component.kind && type === component.type && form === component.form;
    if (!isSame || argv.join("\0") !== component.argv.join("\0")) return false;
    this.#component = component;
    return true;
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

  /** Begins to start a process, unless there is one: somebody will need it in a moment. What goes wrong is told to whoever does. */
  warm(): void {
    if (this.#all.size > 0 || this.#starting.size > 0 || this.#abort.signal.aborted) return;
    this.#warming = this.#start(this.#abort.signal);
    this.#warming.catch(() => undefined);
  }

  /** A process for the caller alone, who hands it back with `release` or `discard`. */
  async acquire(signal: AbortSignal): Promise<PluginProcess> {
    const warming = this.#warming;
    this.#warming = undefined;
    if (warming !== undefined) {
      const started = await this.#orGivenUp(warming, signal);
      if (started.isAlive) return started;
      await this.discard(started);
    }
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isAlive) return idle;
      await this.discard(idle);
    }
    return this.#start(AbortSignal.any([signal, this.#abort.signal]));
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

  async #start(signal: AbortSignal): Promise<PluginProcess> {
    const { argv, file, type } = this.#component;
    const starting = PluginProcess.start({ ...this.#settings, title: titleOf(this.#component), argv, file, type, signal });
    this.#starting.add(starting);
    try {
      const started = await starting;
      this.#all.add(started);
      return started;
    } finally {
      this.#starting.delete(starting);
    }
  }

  /** A process that is being started for everybody; who gives up leaves it to the next one. */
  async #orGivenUp(warming: Promise<PluginProcess>, signal: AbortSignal): Promise<PluginProcess> {
    const giveUp = new AbortController();
    const givenUp = once(signal, "abort", { signal: giveUp.signal }).then(() => Promise.reject(signal.reason));
    givenUp.catch(() => undefined);
    try {
      signal.throwIfAborted();
      return await Promise.race([warming, givenUp]);
    } catch (error) {
      if (signal.aborted) this.#warming ??= warming;
      throw error;
    } finally {
      giveUp.abort();
    }
  }

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
