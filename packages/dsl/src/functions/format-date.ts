// `formatdate` (row FUN-07). The letters of its formats are cty's own: neither Go's layouts nor strftime.
import { FunctionError } from "./function.ts";
import { dayNames, fieldsOf, monthNames, offsetText, type Time, type TimeFields, two } from "./rfc3339.ts";

/**
 * The time as a format shows it. Runs of one letter are fields, text between single quotes and all that is no letter stays as it is.
 * Throws `FunctionError` for a run that means nothing.
 */
export function formatTime(format: string, time: Time): string {
  const fields = fieldsOf(time);
  return format.replace(/''|'((?:[^']|'')*)('?)|([A-Za-z])\3*/g, (run, literal: string | undefined, end: string | undefined) => {
    if (run === "''") return "'";
    if (!run.startsWith("'")) return field(run, fields, time);
    if (literal === undefined || end === "") throw new FunctionError("a quote in the format is not closed", 0);
    return literal.replaceAll("''", "'");
  });
}

// --- internal ---

function field(run: string, fields: TimeFields, time: Time): string {
  const { year, month, day, weekday, hour, minute, second } = fields;
  const fullYear = String(year).padStart(4, "0");
  const monthName = monthNames[month - 1] ?? "";
  const dayName = dayNames[weekday] ?? "";
  const hour12 = hour % 12 || 12;
  switch (run) {
    case "YYYY":
      return fullYear;
    case "YY":
      return fullYear.slice(-2);
    case "MMMM":
      return monthName;
    case "MMM":
      return monthName.slice(0, 3);
    case "MM":
      return two(month);
    case "M":
      return String(month);
    case "DD":
      return two(day);
    case "D":
      return String(day);
    case "EEEE":
      return dayName;
    case "EEE":
      return dayName.slice(0, 3);
    case "hh":
      return two(hour);
    case "h":
      return String(hour);
    case "HH":
      return two(hour12);
    case "H":
      return String(hour12);
    case "AA":
      return hour < 12 ? "AM" : "PM";
    case "aa":
      return hour < 12 ? "am" : "pm";
    case "mm":
      return two(minute);
    case "m":
      return String(minute);
    case "ss":
      return two(second);
    case "s":
      return String(second);
    case "ZZZZZ":
      return offsetText(time, ":") ?? "+00:00";
    case "ZZZZ":
      return offsetText(time, "") ?? "+0000";
    case "ZZZ":
      return offsetText(time, "") ?? "UTC";
    case "Z":
      return offsetText(time, ":") ?? "Z";
    default:
      throw new FunctionError(refusal(run), 0);
  }
}

const choices: { readonly [letter: string]: string } = {
  Y: "YY or YYYY",
  M: "M, MM, MMM or MMMM",
  D: "D or DD",
  E: "EEE or EEEE",
  h: "h or hh",
  H: "H or HH",
  A: "AA",
  a: "aa",
  m: "m or mm",
  s: "s or ss",
  Z: "Z, ZZZ, ZZZZ or ZZZZZ",
};

function refusal(run: string): string {
  const choice = choices[run.charAt(0)];
  return choice === undefined
    ? `"${run}" means nothing in a format of a date; put text between single quotes`
    : `"${run}" means nothing in a format of a date; use ${choice}`;
}
