// What a scalar of YAML means to the reference: the types of YAML 1.1 without octal, hexadecimal and sexagesimal numbers.
import { NumberError, negateNumber, numberFrom, parseNumber } from "../hcl/eval/number.ts";
import { boolValue, nullValue, numberValue, stringValue, type Value } from "../hcl/eval/value.ts";
import { FunctionError } from "./function.ts";
import { parseTime, timeText } from "./rfc3339.ts";

/** The value of a plain scalar without a tag. */
export function plainScalar(text: string): Value {
  return readNull(text) ?? readBool(text) ?? readNumber(text) ?? readTime(text) ?? stringValue(text);
}

/** The value of a scalar with a tag. Throws `FunctionError` for tags that are not known and for text that they do not fit. */
export function taggedScalar(text: string, tag: string): Value {
  const read = readers.get(tag);
  if (read === undefined) throw new FunctionError(`the YAML has a tag that is not supported: ${tag}`, 0);
  const value = read(text);
  if (value === undefined)
    throw new FunctionError(`the YAML has a value that is no !!${tag.slice(PREFIX.length)}: "${text.slice(0, 100)}"`, 0);
  return value;
}

// --- internal ---

const PREFIX = "tag:yaml.org,2002:";

const readers: ReadonlyMap<string, (text: string) => Value | undefined> = new Map<string, (text: string) => Value | undefined>([
  [`${PREFIX}str`, stringValue],
  [`${PREFIX}null`, () => nullValue()],
  [`${PREFIX}bool`, readBool],
  [`${PREFIX}int`, (text) => (/[.eE]/.test(text) ? undefined : readNumber(text))],
  [`${PREFIX}float`, readNumber],
  [`${PREFIX}timestamp`, readTime],
  // Bytes stay in Base64, as there is no type for them.
  [`${PREFIX}binary`, (text) => (/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text) ? stringValue(text) : undefined)],
]);

function readNull(text: string): Value | undefined {
  return ["", "~", "null", "Null", "NULL"].includes(text) ? nullValue() : undefined;
}

function readBool(text: string): Value | undefined {
  if (/^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/.test(text)) return boolValue(true);
  return /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/.test(text) ? boolValue(false) : undefined;
}

function readNumber(text: string): Value | undefined {
  try {
    if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return numberValue(numberFrom(text.startsWith("-") ? -Infinity : Infinity));
    if (/^\.(?:nan|NaN|NAN)$/.test(text))
      throw new FunctionError("the YAML has a value that is not a number (.nan), which HCL does not have", 0);
    if (/^[-+]?0b[01_]+$/.test(text)) {
      const value = numberFrom(BigInt(text.replace(/^[-+]/, "").replaceAll("_", "")));
      return numberValue(text.startsWith("-") ? negateNumber(value) : value);
    }
    // Underscores may stand in whole numbers alone.
    const plain = /^[-+]?\d[\d_]*$/.test(text) ? text.replaceAll("_", "") : text;
    const found = /^([-+]?)(\d*)(?:\.(\d*))?([eE][-+]?\d+)?$/.exec(plain);
    if (found === null) return undefined;
    const [, sign = "", whole = "", fraction = "", exponent = ""] = found;
    if (whole === "" && fraction === "") return undefined;
    const number = parseNumber(`${sign === "-" ? "-" : ""}${whole || "0"}.${fraction || "0"}${exponent}`);
    return number === undefined ? undefined : numberValue(number);
  } catch (error) {
    if (error instanceof NumberError) throw new FunctionError(`${error.message}: ${text.slice(0, 40)}`, 0);
    throw error;
  }
}

/** Times become text in RFC 3339, without a fraction; a day is its midnight in UTC. */
function readTime(text: string): Value | undefined {
  const found =
    /^(\d{4})-(\d\d?)-(\d\d?)$/.exec(text) ??
    /^(\d{4})-(\d\d?)-(\d\d?)[Tt](\d\d?):(\d\d?):(\d\d?)(?:\.\d+)?(Z|[-+]\d\d:\d\d)$/.exec(text) ??
    /^(\d{4})-(\d\d?)-(\d\d?) (\d\d?):(\d\d?):(\d\d?)(?:\.\d+)?$/.exec(text);
  if (found === null) return undefined;
  const [, year, month = "", day = "", hour = "0", minute = "0", second = "0", zone = "Z"] = found;
  const [shortMonth, shortDay, ...clock] = [month, day, hour, minute, second].map((part) => part.padStart(2, "0"));
  const time = parseTime(`${year}-${shortMonth}-${shortDay}T${clock.join(":")}${zone}`);
  return time === undefined ? undefined : stringValue(timeText(time));
}
