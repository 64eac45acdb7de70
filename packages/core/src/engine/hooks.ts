import { HOOK_CLEANUP_PROVISION, HOOK_POST_BUILD, HOOK_PRE_BUILD, HOOK_PROVISION, type Hook, type HookContext } from "../sdk/hook.ts";

/** What is attached to a hook. Runs to its end; a rejection stops what comes after it. */
export type HookListener = (context: HookContext) => Promise<void>;

/** Every hook there is. */
export const hookNames = [HOOK_PRE_BUILD, HOOK_PROVISION, HOOK_CLEANUP_PROVISION, HOOK_POST_BUILD] as const;

/** The hooks of one build: runs what is attached to a name, one call at a time, in the order in which it was attached. */
export class BuildHook implements Hook {
  readonly #listeners = new Map<string, HookListener[]>();
  #last: Promise<void> = Promise.resolve();

  attach(name: (typeof hookNames)[number], listener: HookListener): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  run(name: string, context: HookContext): Promise<void> {
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) return Promise.resolve();
    const call = this.#last.then(async () => {
      for (const listener of listeners) await listener(context);
    });
    this.#last = call.catch(() => {
      // Whoever fired the hook hears of it.
    });
    return call;
  }
}
