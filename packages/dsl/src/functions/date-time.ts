// Functions on dates and times (row FUN-07). Everything is UTC but for what comes with an offset of its own.
import { formatGoTime, parseDuration, RFC3339, strftime } from "@tspack/core";
import { numberFrom } from "../hcl/eval/number.ts";
import { numberType, objectOf, stringType, type Type } from "../hcl/eval/type.ts";
import { numberValue, objectValue, stringValue, type Value } from "../hcl/eval/value.ts";
import { formatTime } from "./format-date.ts";
import { FunctionError, type HclFunction } from "./function.ts";
import { define, lift, readText, requireArgument, text, textResult, whole } from "./lift.ts";
import { dayNames, fieldsOf, monthNames, parseTime, type Time, timeText, unixSeconds } from "./rfc3339.ts";

/**
 * A time in RFC 3339 in another form: `YYYY`, `MM`, `DD`, `hh`, `mm`, `ss` and their like; text between single quotes stays.
 *
 * @example formatdate("YYYY-MM-DD", "2018-01-02T23:12:01Z") // "2018-01-02"
 */
export function formatdate(format: string, timestamp: string): string {
  return formatTime(format, requireTime(timestamp, 1));
}

/**
 * A time in RFC 3339 and a duration after it.
 *
 * @example timeadd("2017-11-22T00:00:00Z", "1h30m") // "2017-11-22T01:30:00Z"
 */
export function timeadd(timestamp: string, duration: string): string {
  const { nanoseconds, offsetMinutes } = requireTime(timestamp, 0);
  const milliseconds = /^\S+$/.test(duration) ? parseDuration(duration) : undefined;
  // Go's durations have 64 bits of nanoseconds.
  if (milliseconds === undefined || Math.abs(milliseconds) >= 2 ** 63 / 1e6) {
    throw new FunctionError(`"${duration}" is not a duration such as "1h30m", "-10s" or "500ms"`, 1);
  }
  return timeText({ nanoseconds: nanoseconds + BigInt(Math.round(milliseconds * 1e6)), offsetMinutes });
}

export const dateTimeFunctions: readonly HclFunction[] = [
  lift({
    name: "formatdate",
    parameters: [text("format"), text("time")],
    result: textResult,
    summary: "A time in another form.",
    examples: [
      ['formatdate("YYYYMMDD-hhmmss", "2018-01-02T23:12:01Z")', '"20180102-231201"'],
      [`formatdate("EEEE, DD MMM YYYY 'at' HH:mm AA", "2018-01-02T23:12:01Z")`, '"Tuesday, 02 Jan 2018 at 11:12 PM"'],
    ],
    body: formatdate,
  }),
  legacy("legacy_isotime", "layout", {
    summary: "The time when the run started, by a layout of Go's; RFC 3339 without one.",
    example: 'legacy_isotime("2006-01-02")',
    format: formatGoTime,
  }),
  legacy("legacy_strftime", "format", {
    summary: "The time when the run started, in strftime's notation; RFC 3339 without a format.",
    example: 'legacy_strftime("%Y-%m-%d")',
    format: strftime,
  }),
  define({
    name: "rfc3339_parse",
    parameters: [{ name: "timestamp", type: stringType }],
    returns: timeObject({ unix: numberType }),
    summary: "The parts of a time in RFC 3339.",
    examples: [
      [
        'rfc3339_parse("2018-01-02T23:12:01Z")',
        '{"day":2,"hour":23,"iso_week":1,"iso_year":2018,"minute":12,"month":1,"month_name":"January","second":1,"unix":1514934721,"weekday":2,"weekday_name":"Tuesday","year":2018,"year_day":2}',
      ],
    ],
    call(args) {
      const time = parseTime(readText(requireArgument(args, 0)), { isLoose: true });
      if (time === undefined) throw new FunctionError("the text is not a time in RFC 3339, as 2018-01-02T23:12:01Z is", 0);
      return partsOf(time, "unix", wholeNumber(unixSeconds(time)));
    },
  }),
  lift({
    name: "timeadd",
    parameters: [text("timestamp"), text("duration")],
    result: textResult,
    summary: "A time and a duration after it; the duration may be negative.",
    examples: [['timeadd("2017-11-22T00:00:00Z", "1h30m")', '"2017-11-22T01:30:00Z"']],
    body: timeadd,
  }),
  define({
    name: "timestamp",
    parameters: [],
    impure: true,
    returns: stringType,
    summary: "Now, in UTC: another one in every call.",
    examples: [["timestamp()", '"2018-01-02T23:12:01Z"']],
    call: (_args, environment) => stringValue(formatGoTime(environment.now(), RFC3339)),
  }),
  define({
    name: "unix_timestamp_parse",
    parameters: [whole("unix_timestamp")],
    returns: timeObject({ rfc3339: stringType }),
    summary: "The parts of a time given in seconds since 1970, in UTC.",
    examples: [
      [
        "unix_timestamp_parse(1514934721)",
        '{"day":2,"hour":23,"iso_week":1,"iso_year":2018,"minute":12,"month":1,"month_name":"January","rfc3339":"2018-01-02T23:12:01Z","second":1,"weekday":2,"weekday_name":"Tuesday","year":2018,"year_day":2}',
      ],
    ],
    call(args) {
      const seconds = whole("unix_timestamp").read(requireArgument(args, 0), 0);
      if (Math.abs(seconds) > MOST_SECONDS) throw new FunctionError("the time is too far away", 0);
      const time: Time = { nanoseconds: BigInt(seconds) * 1_000_000_000n, offsetMinutes: 0 };
      return partsOf(time, "rfc3339", stringValue(timeText(time)));
    },
  }),
];

// --- internal ---

/** As far as JavaScript's dates go. */
const MOST_SECONDS = 8.64e12;

function requireTime(timestamp: string, argument: number): Time {
  const time = parseTime(timestamp);
  if (time === undefined) throw new FunctionError(`"${timestamp}" is not a time in RFC 3339, as 2018-01-02T23:12:01Z is`, argument);
  return time;
}

interface Legacy {
  readonly summary: string;
  readonly example: string;
  format(milliseconds: number, layout: string): string;
}

/** The old template calls as functions: they show when the process started, not when they are called (row FUD-06). */
function legacy(name: string, parameter: string, { summary, example, format }: Legacy): HclFunction {
  return define({
    name,
    parameters: [],
    variadic: { name: parameter, type: stringType },
    impure: true,
    returns: stringType,
    summary,
    examples: [[example, '"2018-01-02"']],
    call([layout, ...others], { startedAt }) {
      if (others.length > 0) throw new FunctionError(`${name} takes no more than one argument`, 1);
      return stringValue(layout === undefined ? formatGoTime(startedAt, RFC3339) : format(startedAt, readText(layout)));
    },
  });
}

function timeObject(last: { readonly [name: string]: Type }): Type {
  const numbers = ["year", "year_day", "day", "month", "weekday", "hour", "minute", "second", "iso_year", "iso_week"];
  return objectOf(
    new Map([
      ...numbers.map((name) => [name, numberType] as const),
      ["month_name", stringType] as const,
      ["weekday_name", stringType] as const,
      ...Object.entries(last),
    ]),
  );
}

const wholeNumber = (value: number): Value => numberValue(numberFrom(value));

function partsOf(time: Time, lastName: string, last: Value): Value {
  const fields = fieldsOf(time);
  return objectValue(
    new Map([
      ["year", wholeNumber(fields.year)],
      ["year_day", wholeNumber(fields.yearDay)],
      ["day", wholeNumber(fields.day)],
      ["month", wholeNumber(fields.month)],
      ["month_name", stringValue(monthNames[fields.month - 1] ?? "")],
      ["weekday", wholeNumber(fields.weekday)],
      ["weekday_name", stringValue(dayNames[fields.weekday] ?? "")],
      ["hour", wholeNumber(fields.hour)],
      ["minute", wholeNumber(fields.minute)],
      ["second", wholeNumber(fields.second)],
      ["iso_year", wholeNumber(fields.isoYear)],
      ["iso_week", wholeNumber(fields.isoWeek)],
      [lastName, last],
    ]),
  );
}
