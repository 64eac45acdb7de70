// A failed machine that is left on for the user to look at: where it is, and how it is ended.
import type { StepContext } from "@tspack/core/sdk";
import { vncPort } from "../network/forward.ts";
import { guestAddressKey, hostPortKey, machineKey } from "./keys.ts";

/** Says where the machine can be reached when it stays on after a failure: with `-on-error=abort`, and while `-on-error=ask` waits. */
export async function sayWhereItIs({ state, ui, packer }: Pick<StepContext, "state" | "ui" | "packer">): Promise<void> {
  const machine = state.find(machineKey);
  const isLeft = packer.packer_on_error === "abort" || packer.packer_on_error === "ask";
  if (machine === undefined || !isLeft) return;
  // A machine that is gone does not answer.
  const port = await vncPort(machine.qmp).catch(() => "gone" as const);
  if (port === "gone") return;
  const forwarded = state.find(hostPortKey);
  const address = state.find(guestAddressKey)?.address;
  const reached = address ?? (forwarded === undefined ? undefined : `port ${forwarded} of 127.0.0.1`);
  const parts = [
    `process ${machine.pid}`,
    ...(reached === undefined ? [] : [`reached at ${reached}`]),
    ...(port === undefined ? [] : [`its screen at vnc://127.0.0.1:${port}`]),
  ];
  const until = packer.packer_on_error === "ask" ? "until you answer" : `until you end it: kill ${machine.pid}`;
  ui.say(`The machine stays on ${until} (${parts.join(", ")})`);
}
