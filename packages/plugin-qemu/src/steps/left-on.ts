// A failed machine that is left on for the user to look at: where it is, and how it is ended.
import type { PackerVariables, StepContext } from "@tspack/core/sdk";
import { vncAddress, vncUrl } from "../network/forward.ts";
import { guestAddressKey, hostPortKey, machineKey } from "./keys.ts";

/** Whether the machine of a build that fails may stay on. `-on-error=ask` may be answered with "abort". */
export function mayStayOn({ packer_on_error }: PackerVariables): boolean {
  return packer_on_error === "abort" || packer_on_error === "ask";
}

/** Says where the machine can be reached when it stays on after a failure: with `-on-error=abort`, and while `-on-error=ask` waits. */
export async function sayWhereItIs({ state, ui, packer }: Pick<StepContext, "state" | "ui" | "packer">): Promise<void> {
  const machine = state.find(machineKey);
  if (machine === undefined || !mayStayOn(packer)) return;
  // A machine that is gone does not answer.
  const screen = await vncAddress(machine.qmp).catch(() => "gone" as const);
  if (screen === "gone") return;
  const forwarded = state.find(hostPortKey);
  const address = state.find(guestAddressKey)?.address;
  const reached = address ?? (forwarded === undefined ? undefined : `port ${forwarded} of 127.0.0.1`);
  const parts = [
    `process ${machine.pid}`,
    ...(reached === undefined ? [] : [`reached at ${reached}`]),
    ...(screen === undefined ? [] : [`its screen at ${vncUrl(screen)}`]),
  ];
  const until = packer.packer_on_error === "ask" ? "until you answer" : `until you end it: kill ${machine.pid}`;
  ui.say(`The machine stays on ${until} (${parts.join(", ")})`);
}
