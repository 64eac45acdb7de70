// A failed machine that is left on for the user to look at: where it is, and how it is ended.
import type { PackerVariables, StepContext } from "@tspack/core/sdk";
import * as z from "zod";
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
  const answer = vncSchema.safeParse(await machine.qmp.execute("query-vnc").catch(() => undefined));
  if (!answer.success) return;
  const { enabled, host = "", service } = answer.data;
  const forwarded = state.find(hostPortKey);
  const address = state.find(guestAddressKey)?.address;
  const reached = address ?? (forwarded === undefined ? undefined : `port ${forwarded} of 127.0.0.1`);
  const parts = [
    `process ${machine.pid}`,
    ...(reached === undefined ? [] : [`reached at ${reached}`]),
    ...(enabled ? [`its screen at vnc://${host === "0.0.0.0" ? "127.0.0.1" : host}:${service}`] : []),
  ];
  const until = packer.packer_on_error === "ask" ? "until you answer" : `until you end it: kill ${machine.pid}`;
  ui.say(`The machine stays on ${until} (${parts.join(", ")})`);
}

// --- internal ---

const vncSchema = z.object({ enabled: z.boolean(), host: z.string().optional(), service: z.string().optional() });
