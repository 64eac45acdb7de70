import type { CommunicatorConfig } from "../options.ts";

/** The port of the machine that the options mean: 5985, or 5986 with TLS, unless they name one (row WIN-04). */
export function winrmPort({ winrm_port, winrm_use_ssl }: Pick<CommunicatorConfig, "winrm_port" | "winrm_use_ssl">): number {
  return winrm_port || (winrm_use_ssl ? 5986 : 5985);
}
