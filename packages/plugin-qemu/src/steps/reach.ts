// Getting to the guest (rows QM-92, QM-93, QM-132 to QM-135).
import { setTimeout as wait } from "node:timers/promises";
import {
  BuildError,
  CancelledError,
  type Connection,
  connectionKey,
  connectStep,
  formatDuration,
  type GeneratedData,
  httpAddressKey,
  httpPortKey,
  type RunInfo,
  type StateBag,
  type Step,
  type StepContext,
} from "@tspack/core/sdk";
import { toldAddress } from "../network/agent-address.ts";
import { learntAddress, macAddress } from "../network/bridge.ts";
import { guestPort, namedHost } from "../network/guest-end.ts";
import type { QemuOptions } from "../options.ts";
import type { Place } from "../place.ts";
import { acceleratorKey, agentKey, cardKey, guestAddressKey, hostPortKey, machineKey } from "./keys.ts";

/** The step that finds the address of a guest on a bridge, as this host learns it or the guest's agent tells it. Without a bridge it does nothing. */
export function guestAddressStep(config: QemuOptions): Step {
  return {
    name: "find guest address",
    async run({ state, ui, signal }) {
      const { net_bridge: bridge } = config;
      if (!bridge || config.communicator === "none" || namedHost(config)) return;
      const mac = await macAddress(state.get(machineKey).qmp);
      if (mac === undefined) {
        throw new BuildError("no network card of the machine is connected to the bridge, so its address cannot be found", {
          option: "net_bridge",
          hint: `leave the network to the builder instead of naming -netdev and -device in qemuargs, or give ${config.communicator}_host`,
        });
      }
      const limitMs = timeLimit(config);
      ui.say(`Waiting for the machine ${mac} to have an address on ${bridge}...`);
      const limit = AbortSignal.timeout(limitMs);
      for (;;) {
        const address = (await learntAddress(mac, bridge)) ?? (await toldAddress(state.find(agentKey), mac, signal));
        if (address !== undefined) {
          ui.say(`The machine has the address ${address}`);
          state.set(guestAddressKey, { address, mac });
          return;
        }
        if (limit.aborted) {
          throw new BuildError(`the machine had no address on ${bridge} after ${formatDuration(limitMs)}`, {
            code: "TPK5001",
            option: "net_bridge",
            hint: `the machine needs an address there (by DHCP, or one of its own), and this host learns it when the machine talks to it; ${config.communicator}_host names it otherwise, and with guest_agent an agent in the machine tells it`,
          });
        }
        await wait(LOOK_MS, undefined, { signal }).catch((cause: unknown) => {
          throw new CancelledError("cancelled", { cause });
        });
      }
    },
  };
}

/** The step that connects to the guest. */
export function reachStep(config: QemuOptions): Step {
  let connecting: Step | undefined;
  return {
    name: "connect",
    async run(context) {
      const { state } = context;
      const since = performance.now();
      const address = async (attempt: AbortSignal): Promise<Address> => {
        await untilCardIsUp(config, context, { since, signal: attempt });
        return communicatorAddress(config, state, attempt);
      };
      connecting = connectStep({ config: withCiphers(config, state), address });
      await connecting.run(context);
    },
    async cleanup(context) {
      await connecting?.cleanup?.(context);
    },
  };
}

/** What provisioners and post-processors are told about the machine (rows GEN). */
export function generatedData(place: Place, state: StateBag, run: RunInfo): GeneratedData {
  const connection: Connection | undefined = state.find(connectionKey);
  const port = state.find(httpPortKey) ?? 0;
  const ip = state.get(httpAddressKey);
  return {
    ...connection?.data,
    ID: place.name,
    PackerRunUUID: run.runUuid,
    ...(port === 0 ? {} : { PackerHTTPIP: ip, PackerHTTPPort: String(port), PackerHTTPAddr: `${ip}:${port}` }),
  };
}

// --- internal ---

/** Where a communicator listens. */
interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where the communicator finds the guest (rows QM-132, QM-133). */
async function communicatorAddress(config: QemuOptions, state: StateBag, signal: AbortSignal): Promise<Address> {
  const port = state.find(hostPortKey) ?? guestPort(config) ?? 0;
  return { host: namedHost(config) || (await bridgedAddress(config, state, signal)) || "127.0.0.1", port };
}

/** A guest that has not set up its network card after this time, in milliseconds, has perhaps a driver that does not tell. */
const CARD_MS = 60_000;

/**
 * Waits until the guest may answer, where QEMU would keep the connection for it until then, but for no more than half of the time there is.
 * `since` is when connecting began.
 */
async function untilCardIsUp(
  config: QemuOptions,
  { state, ui }: StepContext,
  { since, signal }: { readonly since: number; readonly signal: AbortSignal },
): Promise<void> {
  const card = state.find(cardKey);
  if (card === undefined || namedHost(config) || config.net_bridge) return;
  const limitMs = Math.min(CARD_MS, timeLimit(config) / 2) - (performance.now() - since);
  if (limitMs <= 0 || (await card.isUp(limitMs, signal))) return;
  ui.log("info", "the guest has not set up its network card, as far as can be seen: connecting to it all the same");
}

/**
 * The address of a guest on a bridge, looked up again for each attempt: Linux keeps what it learnt of an earlier machine with the same
 * hardware address until it has tried that in vain, and an installed system may ask for another one than its installer.
 */
async function bridgedAddress({ net_bridge }: QemuOptions, state: StateBag, signal: AbortSignal): Promise<string | undefined> {
  const known = state.find(guestAddressKey);
  if (!net_bridge || known === undefined) return undefined;
  return (await learntAddress(known.mac, net_bridge)) ?? (await toldAddress(state.find(agentKey), known.mac, signal)) ?? known.address;
}

/** An emulated processor has no instructions for AES, and is twice as quick with ChaCha20: it is offered first. */
const emulatedCiphers = ["chacha20-poly1305@openssh.com", "aes128-gcm@openssh.com", "aes128-ctr", "aes256-gcm@openssh.com", "aes256-ctr"];

function withCiphers(config: QemuOptions, state: StateBag): QemuOptions {
  const isChosen = (config.ssh_ciphers ?? []).length > 0;
  return isChosen || state.get(acceleratorKey) !== "tcg" ? config : { ...config, ssh_ciphers: emulatedCiphers };
}

/** How often the table of addresses is looked at: Linux tells nobody of changes without special rights. */
const LOOK_MS = 1_000;
const DEFAULT_LIMIT_MS = 5 * 60_000;

function timeLimit({ communicator, ssh_timeout, ssh_wait_timeout, winrm_timeout }: QemuOptions): number {
  return (communicator === "winrm" ? winrm_timeout : (ssh_wait_timeout ?? ssh_timeout)) || DEFAULT_LIMIT_MS;
}
