import { Transform } from "node:stream";

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/**
 * Rewrites Windows line ends to Unix ones and sees to it that the last line has one (row SH-01). Streams: holds one byte at most
 * besides the chunk at hand.
 */
export function unixLines(): Transform {
  let heldReturn = false;
  let last: number | undefined;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const whole = heldReturn ? Buffer.concat([Buffer.of(CARRIAGE_RETURN), chunk]) : chunk;
      heldReturn = whole.at(-1) === CARRIAGE_RETURN;
      const converted = withoutReturns(heldReturn ? whole.subarray(0, -1) : whole);
      if (heldReturn) last = CARRIAGE_RETURN;
      else last = converted.at(-1) ?? last;
      done(null, converted);
    },
    flush(done) {
      // A return at the very end is half of a line end; the feed below completes it.
      done(null, last === undefined || last === LINE_FEED ? undefined : Buffer.of(LINE_FEED));
    },
  });
}

// --- internal ---

function withoutReturns(bytes: Buffer): Buffer {
  if (!bytes.includes("\r\n")) return bytes;
  return Buffer.from(bytes.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
}
