// What every hook has to do: the contract of packages/core/src/sdk/hook.ts as tests.
import * as assert from "uvu/assert";
import { HOOK_PROVISION, type Hook, type HookContext } from "../../../../packages/core/src/sdk/index.ts";
import { RecordingUi } from "../recording-ui.ts";
import { rejects } from "../rejects.ts";
import { within } from "../within.ts";

type Register = (name: string, body: () => Promise<void>) => void;

/** A hook to which listeners can be attached. */
export interface ConformanceHook {
  readonly hook: Hook;
  attach(listener: (context: HookContext) => Promise<void>): void;
}

/** Registers the tests. `make` is called for each; `attach` attaches to `HOOK_PROVISION`. */
export function hookConformance(test: Register, make: () => Promise<ConformanceHook>): void {
  const context = (): HookContext => ({ ui: new RecordingUi(), data: { ID: "i" }, signal: new AbortController().signal });
  const withHook = (name: string, body: (made: ConformanceHook) => Promise<void>): void => {
    test(`hook: ${name}`, async () => {
      const made = await make();
      await within(20_000, () => body(made));
    });
  };

  withHook("a name nobody listens to resolves at once", async ({ hook }) => {
    await hook.run("no_such_hook", context());
    await hook.run(HOOK_PROVISION, context());
  });

  withHook("everything attached runs in order, with what the builder handed over", async ({ hook, attach }) => {
    const seen: unknown[] = [];
    attach(async ({ data }) => {
      await new Promise(setImmediate);
      seen.push(["first", data.ID]);
    });
    attach(async ({ data }) => void seen.push(["second", data.ID]));
    await hook.run(HOOK_PROVISION, context());
    assert.equal(seen, [
      ["first", "i"],
      ["second", "i"],
    ]);
  });

  withHook("the first failure rejects and stops what is attached behind it; the hook can be fired again", async ({ hook, attach }) => {
    const seen: string[] = [];
    attach(async () => {
      seen.push("first");
      if (seen.length === 1) throw new Error("boom");
    });
    attach(async () => void seen.push("second"));
    await rejects(hook.run(HOOK_PROVISION, context()), { message: /^boom$/ });
    await hook.run(HOOK_PROVISION, context());
    assert.equal(seen, ["first", "first", "second"]);
  });

  withHook("two calls do not overlap", async ({ hook, attach }) => {
    let running = 0;
    attach(async () => {
      running++;
      await new Promise(setImmediate);
      assert.is(running, 1);
      running--;
    });
    await Promise.all([hook.run(HOOK_PROVISION, context()), hook.run(HOOK_PROVISION, context())]);
  });
}
