// A builder that cancels its provisioners, at moments when these have not begun.
import { RecordingUi, rejects, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { hookClient, hookService } from "../../../src/protocol/services/hook.ts";
import { HOOK_PROVISION } from "../../../src/sdk/hook.ts";
import { closeWires, wire } from "./wire.ts";

const never = new AbortController().signal;

/** What runs the provisioners, at the other end; it is not to be asked to. */
const idle = { run: async (): Promise<void> => assert.unreachable("the provisioners have begun") };

test.after(closeWires);

test("provisioners do not begin when they are cancelled while the builder's last words are on their way", () =>
  within(20_000, async () => {
    const { plugin, host, serve } = await wire();
    const rpc = await serve((services) => services.set("Hook", hookService({ hook: idle, broker: plugin, signal: never })));
    const abort = new AbortController();
    const hook = hookClient(rpc, host, { settled: async () => abort.abort(new Error("the machine is off")) });
    const running = hook.run(HOOK_PROVISION, { ui: new RecordingUi(), communicator: undefined, data: {}, signal: abort.signal });
    await rejects(running, { message: /the machine is off/ });
  }));

test("provisioners do not begin when they are cancelled before the builder's stream is there", () =>
  within(20_000, async () => {
    const { plugin, host, serve } = await wire();
    const rpc = await serve((services) => services.set("Hook", hookService({ hook: idle, broker: plugin, signal: never })));
    const running = rpc.call("Hook.Run", { Name: HOOK_PROVISION, Data: {}, StreamId: host.nextId() });
    await rpc.call("Hook.Cancel");
    await rejects(running, { message: /cancel|abort/i });
  }));

test.run();
