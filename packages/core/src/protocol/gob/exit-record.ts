import { malformed } from "../malformed.ts";
import { decodeGob } from "./decode.ts";
import { encodeGob } from "./encode.ts";
import { type GobType, isGobStruct } from "./type.ts";

/** How a command ended, as sent on its response stream (plugin-protocol section 7.9). */
export function encodeExitRecord(exitStatus: number): Buffer {
  return encodeGob(commandFinished, { struct: { ExitStatus: exitStatus } });
}

/** Exit status of a command from everything that came on its response stream. Throws a PluginError if that is no exit record. */
export function decodeExitRecord(bytes: Buffer): number {
  const record = decodeGob(bytes);
  // A zero is left out.
  const status = isGobStruct(record) ? (record.struct.ExitStatus ?? 0) : undefined;
  if (typeof status !== "number") throw malformed("the record of a command's end has no exit status");
  return status;
}

// --- internal ---

const commandFinished: GobType = {
  kind: "struct",
  name: "CommandFinished",
  fields: [{ name: "ExitStatus", type: { kind: "int" } }],
};
