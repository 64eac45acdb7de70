import { hookConformance } from "@tspack/test-support";
import { test } from "uvu";
import { BuildHook } from "../../src/engine/hooks.ts";
import { HOOK_PROVISION } from "../../src/sdk/hook.ts";

hookConformance(test, async () => {
  const hook = new BuildHook();
  return { hook, attach: (listener) => hook.attach(HOOK_PROVISION, listener) };
});

test.run();
