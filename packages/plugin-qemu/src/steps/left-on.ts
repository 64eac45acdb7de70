// A failed machine that is left on for the user to look at: where it is, and how it is ended.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type PackerVariables, type StepContext, temporaryKeyKey } from "@tspack/core/sdk";
import { vncAddress, vncUrl } from "../network/forward.ts";
import type { Place } from "../place.ts";
import { guestAddressKey, hostPortKey, machineKey } from "./keys.ts";

/** Whether the machine of a build that fails may stay on. `-on-error=ask` may be answered with "abort". */
export function mayStayOn({ packer_on_error }: PackerVariables): boolean {
  return packer_on_error === "abort" || packer_on_error === "ask";
}

/** Where the private key that was made for a machine is kept when it stays on. It goes with the machine. */
export function keptKey({ tracesDirectory, traceName }: Place): string {
  return join(tracesDirectory, `${traceName}-key.pem`);
}

/**
 * Says where the machine can be reached when it stays on after a failure: with `-on-error=abort`, and while `-on-error=ask` waits. The key
 * that was made for it is kept then, readable by its owner alone: nobody would get in without it.
 */
export async function sayWhereItIs({ state, ui, packer }: Pick<StepContext, "state" | "ui" | "packer">, place: Place): Promise<void> {
  const machine = state.find(machineKey);
  if (machine === undefined || !mayStayOn(packer)) return;
  // A machine that is gone does not answer.
  const screen = await vncAddress(machine.qmp).catch(() => "gone" as const);
  if (screen === "gone") return;
  const forwarded = state.find(hostPortKey);
  const address = state.find(guestAddressKey)?.address;
  const reached = address ?? (forwarded === undefined ? undefined : `port ${forwarded} of 127.0.0.1`);
  const key = state.find(temporaryKeyKey);
  if (key !== undefined) await writeFile(keptKey(place), key.privateKey, { mode: 0o600 });
  const parts = [
    `process ${machine.pid}`,
    ...(reached === undefined ? [] : [`reached at ${reached}`]),
    ...(key === undefined ? [] : [`its SSH key in ${keptKey(place)}`]),
    ...(screen === undefined ? [] : [`its screen at ${vncUrl(screen)}`]),
  ];
  const until = packer.packer_on_error === "ask" ? "until you answer" : `until you end it: kill ${machine.pid}`;
  ui.say(`The machine stays on ${until} (${parts.join(", ")})`);
}
