// One directive of `format`: `%-10.3f`. Verbs, flags and refusals are cty's, which are fewer than Go's: no `*`, no `%c`, no `%T`.
import { FunctionError } from "./function.ts";

/** A directive as it was written. */
export interface Directive {
  readonly kind: "directive";
  readonly verb: string;
  /** The argument it shows, from 0. */
  readonly argument: number;
  readonly width: number;
  readonly precision: number | undefined;
  readonly left: boolean;
  readonly plus: boolean;
  readonly space: boolean;
  readonly sharp: boolean;
  readonly zero: boolean;
  /** The directive itself, and its offset in the format. */
  readonly text: string;
  readonly offset: number;
}

/** What a format is made of. */
export type FormatPart = { readonly kind: "literal"; readonly text: string } | Directive;

/** Takes a format apart. Throws `FunctionError` for what is no directive. */
export function parseFormat(format: string): FormatPart[] {
  const parts: FormatPart[] = [];
  let position = 0;
  let next = 0;
  for (;;) {
    const percent = format.indexOf("%", position);
    if (percent === -1) break;
    if (percent > position) parts.push({ kind: "literal", text: format.slice(position, percent) });
    if (format[percent + 1] === "%") {
      parts.push({ kind: "literal", text: "%" });
      position = percent + 2;
      continue;
    }
    const directive = parseDirective(format, percent, next);
    parts.push(directive);
    next = directive.argument + 1;
    position = percent + directive.text.length;
  }
  if (position < format.length) parts.push({ kind: "literal", text: format.slice(position) });
  return parts;
}

// --- internal ---

const verbs = "vtdboxXeEfgGsq";
/** Wider than anybody reads. */
const MOST_WIDTH = 1_000_000;

function parseDirective(format: string, offset: number, next: number): Directive {
  const pattern = /%([-+ #0]*)([1-9]\d*)?(?:\.(\d*))?(?:\[([1-9]\d*)\])?/y;
  pattern.lastIndex = offset;
  const [start = "%", flags = "", width, precision, index] = pattern.exec(format) ?? [];
  const end = offset + start.length;
  if (end >= format.length) throw new FunctionError("the format ends within a directive; write %% for a percent sign", 0);
  const verb = String.fromCodePoint(format.codePointAt(end) ?? 0);
  const text = start + verb;
  if (!/[A-Za-z]/.test(verb))
    throw new FunctionError(`"${verb}" is unexpected in the directive "${text}" at offset ${offset} of the format`, 0);
  if (!verbs.includes(verb)) throw new FunctionError(`there is no verb "${verb}": "${text}" at offset ${offset} of the format`, 0);
  for (const size of [width, precision, index]) {
    if (Number(size ?? 0) > MOST_WIDTH) throw new FunctionError(`a number in "${text}" is larger than ${MOST_WIDTH}`, 0);
  }
  return {
    kind: "directive",
    verb,
    argument: index === undefined ? next : Number(index) - 1,
    width: Number(width ?? 0),
    precision: precision === undefined ? undefined : Number(precision),
    left: flags.includes("-"),
    plus: flags.includes("+"),
    space: flags.includes(" "),
    sharp: flags.includes("#"),
    zero: flags.includes("0"),
    text,
    offset,
  };
}
