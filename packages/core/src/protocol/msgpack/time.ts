// Extension -1 of msgpack: a point in time as seconds and nanoseconds, in one of three forms.
import { PluginError } from "../../diagnostics/error.ts";

/** Type of the extension that holds a time (MessagePack specification, "Timestamp extension type"). */
export const TIME_EXTENSION = -1;

/** The data of the extension in its shortest form. JavaScript knows time to the millisecond. */
export function encodeTime(time: Date): Buffer {
  const milliseconds = time.getTime();
  const seconds = Math.floor(milliseconds / 1000);
  const nanoseconds = (milliseconds - seconds * 1000) * 1_000_000;
  if (nanoseconds === 0 && seconds >= 0 && seconds < 2 ** 32) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(seconds);
    return bytes;
  }
  if (seconds >= 0 && seconds < 2 ** 34) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE((BigInt(nanoseconds) << 34n) | BigInt(seconds));
    return bytes;
  }
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(nanoseconds);
  bytes.writeBigInt64BE(BigInt(seconds), 4);
  return bytes;
}

/** Throws a PluginError for another extension, another form, or a time beyond what a Date holds. */
export function decodeTime(extension: number, bytes: Buffer): Date {
  if (extension !== TIME_EXTENSION) throw new PluginError(`a plugin sent a value of the unknown msgpack extension ${extension}`);
  const time = new Date(toMilliseconds(bytes));
  if (Number.isNaN(time.getTime())) throw new PluginError("a plugin sent a time that does not exist");
  return time;
}

// --- internal ---

function toMilliseconds(bytes: Buffer): number {
  if (bytes.length === 4) return bytes.readUInt32BE() * 1000;
  if (bytes.length === 8) {
    const both = bytes.readBigUInt64BE();
    return join(Number(both & 0x3_ffff_ffffn), Number(both >> 34n));
  }
  return bytes.length === 12 ? join(Number(bytes.readBigInt64BE(4)), bytes.readUInt32BE()) : Number.NaN;
}

function join(seconds: number, nanoseconds: number): number {
  return nanoseconds < 1_000_000_000 ? seconds * 1000 + Math.floor(nanoseconds / 1_000_000) : Number.NaN;
}
