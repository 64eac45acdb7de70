// What the steps of one build hand to each other.
import { stateKey } from "@tspack/core/sdk";
import type { GuestAgent } from "../agent/agent.ts";
import type { Processor } from "../console/processor.ts";
import type { Screen } from "../console/screen.ts";
import type { SerialConsole } from "../console/serial-console.ts";
import type { Firmware } from "../firmware/find-firmware.ts";
import type { Machine } from "../machine/machine.ts";
import type { NetworkCard } from "../network/card.ts";
import type { Accelerator } from "../options.ts";
import type { Tpm } from "../tpm/swtpm.ts";

export const acceleratorKey = stateKey<Accelerator>("accelerator");
/** The devices that this QEMU has, where that was looked at. */
export const devicesKey = stateKey<ReadonlySet<string>>("devices");
/** Paths of the disks, main one first. */
export const disksKey = stateKey<readonly string[]>("disks");
/** The firmware, with the machine's own copy of the variables. */
export const firmwareKey = stateKey<Firmware>("firmware");
export const tpmKey = stateKey<Tpm>("tpm");
export const machineKey = stateKey<Machine>("machine");
/** The processor that the machine was started with. */
export const processorKey = stateKey<Processor>("processor");
export const consoleKey = stateKey<SerialConsole>("console");
/** The guest's agent, where the machine has a port for one. */
export const agentKey = stateKey<GuestAgent>("guest_agent");
export const screenKey = stateKey<Screen>("screen");
/** What the VNC server asks viewers for, unless it asks for nothing. */
export const vncPasswordKey = stateKey<string>("vnc_password");
/** The network card, as long as the machine runs. */
export const cardKey = stateKey<NetworkCard>("network_card");
/** Port of this host that leads to the guest's communicator; not set where nothing is forwarded. */
export const hostPortKey = stateKey<number>("host_port");
/** A guest on a bridge: its network card, and the first address that was found for it. */
export const guestAddressKey = stateKey<{ readonly address: string; readonly mac: string }>("guest_address");
