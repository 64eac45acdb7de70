// The wire format of protobuf (https://protobuf.dev/programming-guides/encoding/), as much as specifications need.
import { malformed } from "../malformed.ts";

/** The fields of a message that hold bytes or integers, as they stand; fields of other kinds are skipped. */
export function* readFields(message: Buffer): Generator<{ readonly field: number; readonly value: Buffer | number }> {
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = message[position++];
      if (byte === undefined) throw cutOff();
      // No field that is understood needs more than 32 bits.
      if (shift < 35) value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw malformed("protobuf: an integer is too long");
  };
  const bytes = (length: number): Buffer => {
    if (length > message.length - position) throw cutOff();
    position += length;
    return message.subarray(position - length, position);
  };
  while (position < message.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { field, value: varint() };
        break;
      case 1:
        bytes(8);
        break;
      case 2:
        yield { field, value: bytes(varint()) };
        break;
      case 5:
        bytes(4);
        break;
      default:
        throw malformed("protobuf: a field has an unknown kind");
    }
  }
}

/** A field that holds a message or a text. */
export function bytesField(field: number, content: string | readonly Buffer[]): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : Buffer.concat(content);
  return Buffer.concat([varintBytes(field * 8 + 2), varintBytes(bytes.length), bytes]);
}

/** A field that holds true; false is the default and is not sent. */
export function boolField(field: number, value: boolean): readonly Buffer[] {
  return value ? [varintBytes(field * 8), Buffer.of(1)] : [];
}

// --- internal ---

function varintBytes(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Buffer.from([...bytes, left]);
}

function cutOff(): Error {
  return malformed("protobuf: the data is cut off, or a length in it is wrong");
}
