// The guest's end of the connection, as far as the options say it.
import type { QemuOptions } from "../options.ts";

/** Port of the guest that its communicator listens on; undefined without one. */
export function guestPort({ communicator, ssh_port, winrm_port, winrm_use_ssl }: QemuOptions): number | undefined {
  if (communicator === "none") return undefined;
  return communicator === "winrm" ? (winrm_port ?? (winrm_use_ssl ? 5986 : 5985)) : ssh_port;
}

/** The host that the user says the guest is reached at (row QM-132); empty or undefined when they say none. */
export function namedHost({ communicator, ssh_host, winrm_host }: QemuOptions): string | undefined {
  return communicator === "winrm" ? winrm_host : ssh_host;
}
