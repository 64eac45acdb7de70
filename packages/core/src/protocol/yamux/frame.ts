// Frames of a multiplexed connection (plugin-protocol section 3.1, yamux specification "Framing").

/** Bytes of the header that every frame begins with. */
export const FRAME_HEADER_LENGTH = 12;

/** What each direction of a stream may carry before the reader gives new credit, in bytes. Nothing negotiates it. */
export const STREAM_WINDOW = 262_144;

/** Kinds of frame. */
export const frameType = { data: 0, windowUpdate: 1, ping: 2, goAway: 3 } as const;

/** Bits of a frame's flags. SYN opens a stream, ACK accepts it, FIN closes the sender's half, RST ends it. */
export const frameFlag = { syn: 1, ack: 2, fin: 4, rst: 8 } as const;

/** Why a peer wants no more streams. */
export const goAwayReason = { normal: 0, protocolError: 1, internalError: 2 } as const;

/** What the header of a frame says. */
export interface FrameHeader {
  readonly version: number;
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  /** Bytes that follow (data), credit (window update), value (ping) or reason (go away). */
  readonly length: number;
}

/** The bytes of a header; the version is always 0. */
export function encodeHeader(header: Omit<FrameHeader, "version">): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_LENGTH);
  bytes[0] = 0;
  bytes[1] = header.type;
  bytes.writeUInt16BE(header.flags, 2);
  bytes.writeUInt32BE(header.streamId, 4);
  bytes.writeUInt32BE(header.length, 8);
  return bytes;
}

/** What a frame reader finds, in order: a header, then for a data frame its payload in as many pieces as it came in, then its end. */
export interface FrameListener {
  header(header: FrameHeader): void;
  payload(piece: Buffer): void;
  payloadEnd(): void;
}

/** Takes frames out of a byte stream that is cut anywhere. Payload is handed on without a copy, and never collected. */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #partial = Buffer.alloc(FRAME_HEADER_LENGTH);
  #partialLength = 0;
  #payloadLeft = 0;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /** True between a frame's first and last byte. */
  get isInsideFrame(): boolean {
    return this.#partialLength > 0 || this.#payloadLeft > 0;
  }

  /** Takes the next bytes. `isStopped` is asked after each frame part: a listener may have found that it wants no more. */
  push(bytes: Buffer, isStopped: () => boolean): void {
    let offset = 0;
    while (offset < bytes.length && !isStopped()) {
      if (this.#payloadLeft > 0) {
        const end = Math.min(bytes.length, offset + this.#payloadLeft);
        this.#payloadLeft -= end - offset;
        this.#listener.payload(bytes.subarray(offset, end));
        if (this.#payloadLeft === 0) this.#listener.payloadEnd();
        offset = end;
      } else if (this.#partialLength === 0 && bytes.length - offset >= FRAME_HEADER_LENGTH) {
        this.#start(bytes, offset);
        offset += FRAME_HEADER_LENGTH;
      } else {
        const taken = bytes.copy(this.#partial, this.#partialLength, offset, offset + FRAME_HEADER_LENGTH - this.#partialLength);
        offset += taken;
        this.#partialLength += taken;
        if (this.#partialLength < FRAME_HEADER_LENGTH) return;
        this.#partialLength = 0;
        this.#start(this.#partial, 0);
      }
    }
  }

  #start(bytes: Buffer, offset: number): void {
    const header = {
      version: bytes.readUInt8(offset),
      type: bytes.readUInt8(offset + 1),
      flags: bytes.readUInt16BE(offset + 2),
      streamId: bytes.readUInt32BE(offset + 4),
      length: bytes.readUInt32BE(offset + 8),
    };
    if (header.type === frameType.data) this.#payloadLeft = header.length;
    this.#listener.header(header);
    if (header.type === frameType.data && header.length === 0) this.#listener.payloadEnd();
  }
}
