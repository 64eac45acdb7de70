import { createHash } from "node:crypto";
import { join } from "node:path";
import type { RunInfo } from "@tspack/core/sdk";
import type { QemuOptions } from "../options.ts";
import { LONGEST_SOCKET, type Place } from "../place.ts";

export interface MonitorSocketOptions {
  readonly config: QemuOptions;
  readonly place: Place;
  readonly run: RunInfo;
}

/**
 * The path of the monitor socket that the user asked for (rows QM-45, QM-46); undefined when there is to be none. A path that is too
 * long for the system is replaced by a short one among the temporary files.
 */
export function monitorSocket(options: MonitorSocketOptions): string | undefined {
  const { config, run } = options;
  if (!config.qmp_enable) return undefined;
  const wanted = wantedSocket(options);
  if (Buffer.byteLength(wanted) <= LONGEST_SOCKET) return wanted;
  return join(run.temporaryDirectory, `monitor-${createHash("sha256").update(wanted).digest("hex").slice(0, 8)}`);
}

/** The path that the user chose, or Packer's default, however long it is. */
export function wantedSocket({ config, place }: MonitorSocketOptions): string {
  return config.qmp_socket_path || join(place.outputDirectory, `${place.name}.monitor`);
}
