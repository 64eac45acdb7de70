// The VNC server of the machine: who may look, and where (rows QM-38, QM-43, QM-44, QM-87).
import { randomInt } from "node:crypto";
import type { StepContext } from "@tspack/core/sdk";
import type { Machine } from "../machine/machine.ts";
import { vncAddress, vncUrl } from "../network/forward.ts";
import type { QemuOptions } from "../options.ts";
import { vncPasswordKey } from "./keys.ts";

/** Sets the password of the VNC server, made up unless the user gave one, and says where to connect when there is no window. */
export async function openVnc({ qmp }: Machine, config: QemuOptions, { state, ui }: Pick<StepContext, "state" | "ui">): Promise<void> {
  const { headless, vnc_use_password, vnc_password, vnc_bind_address: host } = config;
  const password = vnc_use_password ? vnc_password || state.find(vncPasswordKey) || madeUp() : undefined;
  if (password !== undefined) {
    state.set(vncPasswordKey, password);
    await qmp.execute("set_password", { protocol: "vnc", password });
  }
  const found = await vncAddress(qmp).catch(() => undefined);
  if (found === undefined || !headless) return;
  const secret = password === undefined ? "" : ` with the password ${password}`;
  ui.say(`To see the machine's screen, connect to ${vncUrl({ host, port: found.port })}${secret}`);
}

// --- internal ---

/** Packer's own alphabet: what people mix up when they type it is left out. */
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz2345689";

function madeUp(): string {
  return Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)] ?? "").join("");
}
