// What QEMU's words about the network mean, when it does not start.
import { BuildError, errorText } from "@tspack/core/sdk";
import { NETWORK } from "../command-line/defaults.ts";
import { networkDriverHint } from "../disks/network-driver.ts";
import type { QemuOptions } from "../options.ts";

/**
 * The error with what can be done about it, where QEMU's words tell: a bridge that may not be used, ports that are taken, an installation
 * medium that it lacks the driver for.
 */
export function networkExplained(error: unknown, config: QemuOptions): unknown {
  const said = errorText(error);
  if (config.net_bridge && /bridge helper/i.test(said)) return bridgeRefused(config.net_bridge, said, error);
  if (/vnc.*(address already in use|failed to (find an available port|bind))/i.test(said)) {
    const { vnc_port_min, vnc_port_max } = config;
    return new BuildError(`no port between ${vnc_port_min} and ${vnc_port_max} is free for VNC`, {
      option: "vnc_port_max",
      hint: "choose another range with vnc_port_min and vnc_port_max",
      cause: error,
    });
  }
  const rule = /could not set up host forwarding rule '([^']*)'/i.exec(said)?.[1];
  if (rule !== undefined) {
    return new BuildError(`a port that qemuargs forward to the machine is taken (${rule})`, {
      option: "qemuargs",
      hint: "choose another one; {{ .SSHHostPort }} stands for one that is free",
      cause: error,
    });
  }
  const hint = networkDriverHint(said);
  if (hint === undefined) return error;
  return new BuildError("the installation medium cannot be read over the network", { option: "iso_skip_cache", hint, cause: error });
}

/**
 * Words of the user's have taken away the network that a port could be forwarded to. Nobody would notice otherwise that the communicator talks to
 * this host.
 */
export function nothingLeads({ communicator }: QemuOptions, port: number): BuildError {
  return new BuildError(`nothing leads to port ${port} of the machine: no user network has the id ${NETWORK}`, {
    option: "qemuargs",
    hint: `give a -netdev row "user,id=${NETWORK}" in qemuargs, or say with ${communicator}_host where the machine is`,
  });
}

/** The port that `skip_nat_mapping` insists on is taken, or needs more rights. */
export function portTaken(port: number | undefined, cause: unknown): BuildError {
  return new BuildError(`port ${port} of this host cannot be used for reaching the machine`, {
    option: "skip_nat_mapping",
    hint: "leave out skip_nat_mapping, and a port that is free is found",
    cause,
  });
}

// --- internal ---

/** QEMU leaves bridges to a program of its own, which asks a list of what is allowed and needs root's rights (row QM-51). */
function bridgeRefused(bridge: string, said: string, cause: unknown): BuildError {
  return new BuildError(`the machine cannot be connected to the bridge ${bridge}`, {
    option: "net_bridge",
    hint: bridgeHint(bridge, said),
    cause,
  });
}

function bridgeHint(bridge: string, said: string): string {
  if (/acl/i.test(said)) return `allow it: the file bridge.conf in /etc/qemu needs the line "allow ${bridge}"`;
  if (/not permitted|permission denied|setuid|\/dev\/net\/tun/i.test(said)) {
    return "QEMU's bridge helper needs root's rights: chmod u+s /usr/lib/qemu/qemu-bridge-helper (on Fedora /usr/libexec/qemu-bridge-helper)";
  }
  if (/not supported|add interface/i.test(said)) return "choose an interface that is a bridge: ip link show type bridge lists them";
  return `QEMU's bridge helper has to be there, to have root's rights (chmod u+s), and to be allowed: the line "allow ${bridge}" in /etc/qemu/bridge.conf`;
}
