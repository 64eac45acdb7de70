// Address prefixes, IPv4 and IPv6, as Go's net package reads and prints them (RFC 4632, RFC 4291, RFC 5952).
import { isIPv4, isIPv6 } from "node:net";

/** A network: its first address, and how many bits of it are fixed. */
export interface Prefix {
  readonly address: bigint;
  readonly length: number;
  /** 32 or 128. */
  readonly bits: number;
}

/** Reads `10.1.2.3/8`; the bits behind the prefix are cleared. Undefined for anything else: no zones, no leading zeros in IPv4. */
export function parsePrefix(text: string): Prefix | undefined {
  const [, address = "", lengthText = ""] = /^([0-9A-Fa-f.:]+)\/(\d{1,4})$/.exec(text) ?? [];
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  const length = Number(lengthText);
  if (bits === 0 || length > bits) return undefined;
  const value = bits === 32 ? parseV4(address) : parseV6(address);
  return { address: value & maskOf(length, bits), length, bits };
}

/** `10.0.0.0/8`. */
export function prefixText({ address, length, bits }: Prefix): string {
  return `${addressText(address, bits)}/${length}`;
}

/** The address in its usual form: of IPv6 the longest run of zeros is left out. */
export function addressText(address: bigint, bits: number): string {
  if (bits === 32) return pieces(address, 4, 8).join(".");
  const hex = pieces(address, 8, 16).map((piece) => piece.toString(16));
  // The first of the longest runs of two zeros or more.
  let best = { start: -1, length: 1 };
  for (let start = 0; start < hex.length; start += 1) {
    let end = start;
    while (hex[end] === "0") end += 1;
    if (end - start > best.length) best = { start, length: end - start };
  }
  if (best.start < 0) return hex.join(":");
  return `${hex.slice(0, best.start).join(":")}::${hex.slice(best.start + best.length).join(":")}`;
}

/** The bits of a mask: as many ones as the prefix is long. */
export function maskOf(length: number, bits: number): bigint {
  const all = (1n << BigInt(bits)) - 1n;
  return all ^ (all >> BigInt(length));
}

// --- internal ---

function parseV4(address: string): bigint {
  return address.split(".").reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseV6(address: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  if (dotted !== null) {
    const [, head = "", tail = ""] = dotted;
    return parseV6(`${head}0:0`) | parseV4(tail);
  }
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = new Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].reduce((value, part) => (value << 16n) | BigInt(`0x${part}`), 0n);
}

/** The parts of an address from the first to the last. */
function pieces(address: bigint, count: number, size: number): number[] {
  return Array.from({ length: count }, (_, index) => Number(BigInt.asUintN(size, address >> BigInt((count - 1 - index) * size))));
}
