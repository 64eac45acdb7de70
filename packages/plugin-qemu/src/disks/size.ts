// Sizes of disks (rows QM-22, QM-23).

/** An image of so many bytes is copied or converted in a moment: nobody waits for progress or for the end of it. */
export const SMALL = 256 * 1024 * 1024;

/** `40G`, `40960`, `512k`, any case; a letter b, k, m, g or t may end it. */
const pattern = /^(\d+)([bkmgt]?)$/i;

/** The size of the main disk as qemu-img takes it: 40960M when nothing or 0 was said, MiB without a letter. Undefined for a text that is none. */
export function diskSize(text: string | undefined): string | undefined {
  if (text === undefined || text === "" || text === "0") return "40960M";
  const match = pattern.exec(text);
  if (match === null) return undefined;
  return match[2] === "" ? `${text}M` : text;
}

/** The size in bytes of what qemu-img takes, such as `1.5G`; undefined for a text that is none. A number alone is bytes. */
export function sizeInBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([bkmgtpe]?)$/i.exec(text);
  if (match === null) return undefined;
  const power = ["b", "k", "m", "g", "t", "p", "e"].indexOf((match[2] ?? "").toLowerCase());
  return Number(match[1]) * 1024 ** Math.max(0, power);
}
