import type { ConfigSpec } from "../../sdk/config/spec.ts";
import { readGobSpec, writeGobSpec } from "./gob.ts";
import { readProtobufSpec, writeProtobufSpec } from "./protobuf.ts";
import { fromWireSpec, toWireSpec } from "./wire-spec.ts";

/** How specifications and values of data sources travel: protobuf with `--protobuf`, else gob (plugin-protocol section 8 and 10). */
export type WireForm = "protobuf" | "gob";

/**
 * What a component takes or answers, from the bytes of `ConfigSpec` or `OutputSpec`. Options are in the order of the wire; Go sends
 * them in none. Throws a PluginError (TPK4002) for bytes that are no specification.
 */
export function decodeSpec(bytes: Buffer, form: WireForm): ConfigSpec {
  return fromWireSpec(form === "protobuf" ? readProtobufSpec(bytes) : readGobSpec(bytes));
}

/**
 * The bytes of `ConfigSpec` or `OutputSpec`. Both forms say the same: what only one of them could say is put in terms of the other
 * (see `toWireSpec`). Throws a ConfigError (TPK1006) naming the option for a type that cannot be sent at all.
 */
export function encodeSpec(spec: ConfigSpec, form: WireForm): Buffer {
  const wire = toWireSpec(spec);
  return form === "protobuf" ? writeProtobufSpec(wire) : writeGobSpec(wire);
}
