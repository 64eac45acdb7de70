// What data sources answer (plugin-protocol sections 9.2 and 10.4).
import type { Config } from "../../program/program.ts";
import type { ConfigSpec, OptionSpec } from "../../sdk/config/spec.ts";
import { malformed } from "../malformed.ts";
import type { WireForm } from "../spec/codec.ts";
import { decodeTypedGob, encodeTypedGob } from "./gob-value.ts";
import { decodeTypedMsgpack, encodeTypedMsgpack } from "./msgpack.ts";
import { typeConfig } from "./typed-config.ts";

/**
 * The value of `Datasource.Execute` as plain data: null is kept; a number that JavaScript cannot hold exactly is its decimal text.
 * Throws a PluginError (TPK4002) for bytes that are no value, or not an object.
 */
export function decodeDatasourceValue(bytes: Buffer, form: WireForm): { readonly [name: string]: unknown } {
  const value = form === "protobuf" ? decodeTypedMsgpack(bytes) : decodeTypedGob(bytes);
  if (!isRecord(value)) throw malformed("the data source answered something that is no object");
  return value;
}

/**
 * The bytes of the answer that a data source of ours gives. What the output's specification names and the value does not have is null.
 * Throws a PluginError (TPK4002) naming what does not fit the specification: a fault of the data source, not of its user.
 */
export function encodeDatasourceValue(answer: Config, output: ConfigSpec, form: WireForm): Buffer {
  const options = Object.entries(output.options).map(([name, option]): [string, OptionSpec] => [name, { ...option, required: false }]);
  const { value, diagnostics } = typeConfig(answer, { options: Object.fromEntries(options) });
  if (value === undefined) {
    throw malformed(`the answer does not fit what the data source promises: ${diagnostics.map(({ detail }) => detail).join(" ")}`);
  }
  return form === "protobuf" ? encodeTypedMsgpack(value) : encodeTypedGob(value);
}

// --- internal ---

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
