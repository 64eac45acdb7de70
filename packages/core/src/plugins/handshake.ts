// The line with which a plugin says where it listens (plugin-protocol section 2.5).
import { PluginError } from "../diagnostics/error.ts";

/** Where a plugin listens. `isExtended`: it is one of ours, and saw that its host is tspack. */
export type PluginAddress = { readonly isExtended?: boolean } & (
  | { readonly network: "unix"; readonly path: string }
  | { readonly network: "tcp"; readonly host: string; readonly port: number }
);

/**
 * Tells a plugin that its host is tspack: the number of the host's process. A plugin that another host started below us has another
 * parent, and takes no notice.
 */
export const HOST_VARIABLE = "TSPACK_PLUGIN_HOST";

/** The last field of the handshake between two programs of ours. */
export const EXTENDED = "tspack";

/** Proves to a plugin that it was started by Packer's kind of program, not by hand. */
export const MAGIC_COOKIE = {
  name: "PACKER_PLUGIN_MAGIC_COOKIE",
  value: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
};

const MAJOR = "5";
/** Compared as text, as Packer does. */
const MINOR = "0";

/**
 * Reads the line: `5|0|unix|PATH`, or without the minor version as Packer 1.6 wrote it. Throws a PluginError (TPK4001) when the plugin
 * speaks another protocol, or none.
 */
export function parseHandshake(line: string): PluginAddress {
  const given = line.trim().split("|");
  const isExtended = given.length === 5 && given[4] === EXTENDED;
  const fields = isExtended ? given.slice(0, 4) : given;
  const isShort = fields.length === 3;
  if (fields.length !== 4 && !isShort) throw refused(`it said ${JSON.stringify(line.trim().slice(0, 100))} where its address belongs`);
  const [major = "", minor = ""] = fields;
  const [network = "", address = ""] = fields.slice(-2);
  if (major !== MAJOR) throw refused(`it speaks version ${major} of the protocol, and tspack version ${MAJOR}`);
  if (!isShort && minor > MINOR) throw refused(`it needs version ${major}.${minor} of the protocol, and tspack speaks ${MAJOR}.${MINOR}`);
  const extended = isExtended ? { isExtended } : {};
  if (network === "unix" && address !== "") return { network, path: address, ...extended };
  const tcp = network === "tcp" ? /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(address) : null;
  if (tcp?.[1] !== undefined && Number(tcp[2]) <= 65_535) return { network: "tcp", host: tcp[1], port: Number(tcp[2]), ...extended };
  throw refused(`it listens at ${JSON.stringify(`${network}|${address}`.slice(0, 100))}, which is no address`);
}

// --- internal ---

function refused(why: string): PluginError {
  return new PluginError(`the plugin cannot be used: ${why}`, {
    code: "TPK4001",
    hint: "A newer version of the plugin, or of tspack, may help.",
  });
}
