/** No template is larger: more is a mistake, such as a disk image. */
const LARGEST_INPUT = 64 * 1024 * 1024;

/** All of standard input as text. Rejects when it is too large, or no valid UTF-8. */
export async function readInput(): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of process.stdin) {
    if (!Buffer.isBuffer(piece)) continue;
    size += piece.length;
    if (size > LARGEST_INPUT) throw new Error(`standard input is larger than ${LARGEST_INPUT / 1024 / 1024} MiB`);
    pieces.push(piece);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces));
  } catch {
    throw new Error("standard input is not text in UTF-8");
  }
}
