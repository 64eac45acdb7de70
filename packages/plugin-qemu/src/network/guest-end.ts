// The guest's end of the connection, as far as the options say it.
import { winrmPort } from "@tspack/core/sdk";
import type { QemuOptions } from "../options.ts";

/** Port of the guest that its communicator listens on; undefined without one. */
export function guestPort(config: QemuOptions): number | undefined {
  if (config.communicator === "none") return undefined;
  return config.communicator === "winrm" ? winrmPort(config) : config.ssh_port;
}

/** The host that the user says the guest is reached at (row QM-132); empty or undefined when they say none. */
export function namedHost({ communicator, ssh_host, winrm_host }: QemuOptions): string | undefined {
  return communicator === "winrm" ? winrm_host : ssh_host;
}
