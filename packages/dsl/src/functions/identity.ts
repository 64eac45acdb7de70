// UUIDs (row FUN-09, RFC 9562).
import { createHash } from "node:crypto";
import { stringType } from "../hcl/eval/type.ts";
import { stringValue } from "../hcl/eval/value.ts";
import { FunctionError, type HclFunction } from "./function.ts";
import { define, lift, text, textResult } from "./lift.ts";

/**
 * The UUID of a name in a namespace: `dns`, `url`, `oid`, `x500`, or a UUID. The same for the same arguments.
 *
 * @example uuidv5("dns", "www.example.com") // "2ed6657d-e927-568b-95e1-2665a8aea6a2"
 */
export function uuidv5(namespace: string, name: string): string {
  const space = namespaces.get(namespace) ?? readUuid(namespace);
  if (space === undefined) throw new FunctionError(`"${namespace}" is neither dns, url, oid or x500, nor a UUID`, 0);
  const digest = createHash("sha1").update(Buffer.from(space, "hex")).update(name).digest();
  return uuidText(digest, 5);
}

export const identityFunctions: readonly HclFunction[] = [
  define({
    name: "uuidv4",
    parameters: [],
    impure: true,
    returns: stringType,
    summary: "A random UUID: another one in every call.",
    examples: [["uuidv4()", '"c9b2c5bd-8988-42fc-ab06-6a16698a0941"']],
    call: (_args, environment) => stringValue(uuidText(environment.randomBytes(16), 4)),
  }),
  lift({
    name: "uuidv5",
    parameters: [text("namespace"), text("name")],
    result: textResult,
    summary: "The UUID of a name in a namespace: dns, url, oid, x500, or a UUID.",
    examples: [['uuidv5("dns", "www.example.com")', '"2ed6657d-e927-568b-95e1-2665a8aea6a2"']],
    body: uuidv5,
  }),
];

// --- internal ---

const namespaces: ReadonlyMap<string, string> = new Map([
  ["dns", "6ba7b8109dad11d180b400c04fd430c8"],
  ["url", "6ba7b8119dad11d180b400c04fd430c8"],
  ["oid", "6ba7b8129dad11d180b400c04fd430c8"],
  ["x500", "6ba7b8149dad11d180b400c04fd430c8"],
]);

/** The digits of a UUID: with dashes, in braces, as a URN, or bare. */
function readUuid(text: string): string | undefined {
  const dashed = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
  const isUuid = new RegExp(`^(?:(?:urn:uuid:)?${dashed}|\\{${dashed}\\}|[0-9a-f]{32})$`, "i").test(text);
  return isUuid ? text.slice(text.toLowerCase().startsWith("urn:uuid:") ? 9 : 0).replace(/[-{}]/g, "") : undefined;
}

/** Sixteen bytes as a UUID of a version. */
function uuidText(bytes: Uint8Array, version: number): string {
  const own = Buffer.from(bytes.subarray(0, 16));
  own.writeUInt8((own.readUInt8(6) & 0x0f) | (version << 4), 6);
  own.writeUInt8((own.readUInt8(8) & 0x3f) | 0x80, 8);
  return own.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
