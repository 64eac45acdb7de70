// Random damage to a text: what a slip of the keyboard, a broken disk or an attacker would do.
import type { Random } from "./random.ts";

const pieces = [
  "{",
  "}",
  "[",
  "]",
  "(",
  ")",
  '"',
  "${",
  "%{",
  "~}",
  "<<EOT\n",
  "EOT\n",
  "\n",
  "\r",
  "\u0000",
  "\uFEFF",
  "#",
  "/*",
  "*/",
  "=",
  ",",
  "...",
  "\\",
  "é",
  "{{",
  "}}",
  "`",
];

/** JSON with a value put in the place of another; other text is damaged. */
export function mutateJson(text: string, random: Random): string {
  const values: unknown[] = [];
  let at = 0;
  let wanted = -1;
  const change = (_key: string, value: unknown): unknown => {
    if (wanted < 0) values.push(value);
    else if (at++ === wanted)
      return random.chance(0.5) ? random.pick(values) : random.pick<unknown>([null, [], {}, "", "{{", 0, true, [[]]]);
    return value;
  };
  try {
    const parsed: unknown = JSON.parse(text, change);
    wanted = random.below(values.length);
    return JSON.stringify(parsed, change);
  } catch {
    // Not JSON, or not any more: a value in itself.
    return mutate(text, random);
  }
}

/** The text with a few random changes. */
export function mutate(text: string, random: Random): string {
  let result = text;
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(result.length + 1);
    const length = random.below(Math.min(20, result.length - at + 1));
    switch (random.below(6)) {
      case 0:
        result = result.slice(0, at) + result.slice(at + length);
        break;
      case 1:
        result = result.slice(0, at) + random.pick(pieces) + result.slice(at);
        break;
      case 2:
        result = result.slice(0, at) + result.slice(at, at + length).repeat(1 + random.below(4)) + result.slice(at + length);
        break;
      case 3:
        result = result.slice(0, at);
        break;
      case 4: {
        const other = random.below(result.length + 1);
        result = result.slice(0, at) + result.slice(other, other + length) + result.slice(at);
        break;
      }
      default:
        result = result.slice(0, at) + String.fromCodePoint(random.pick([0x20, 0x7f, 0xd7, 0x301, 0x1f469, 0xfffd])) + result.slice(at + 1);
    }
  }
  return result;
}
