// Generated data on the wire (plugin-protocol section 7.6).
import type { GeneratedData } from "../../sdk/hook.ts";

/** Generated data as it came: a map with names as keys; anything else counts as none. */
export function readGeneratedData(value: unknown): GeneratedData {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array || value instanceof Map) return {};
  return { ...value };
}

/**
 * Generated data as it may be sent. Packer fails a build from HCL over anything but texts, numbers and truth values, and gives up over
 * nil: other values are left out, unless the other end is one of ours.
 */
export function sendableData(data: GeneratedData, isExtended: boolean | undefined): GeneratedData {
  const entries = Object.entries(data).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(isExtended === true ? entries : entries.filter(([, value]) => isScalar(value)));
}

// --- internal ---

function isScalar(value: unknown): boolean {
  return (
    typeof value === "string" ||
    typeof value === "boolean" ||
    typeof value === "bigint" ||
    (typeof value === "number" && Number.isFinite(value))
  );
}
