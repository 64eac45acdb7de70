// Times as RFC 3339 writes them, with the offset they came with. Years from 0 to 9999, as cty reads them.

/** A point in time and the clock it was read from. */
export interface Time {
  /** Nanoseconds since 1970, in UTC. */
  readonly nanoseconds: bigint;
  /** Minutes that the clock is ahead of UTC. */
  readonly offsetMinutes: number;
}

/** How strict to be. */
export interface TimeSyntax {
  /** A blank, or a small `t` or `z`, will do (row FUD-07). */
  readonly isLoose?: boolean | undefined;
}

/** Reads a time. Undefined when the text is none. A comma will do for the point, and one digit for the hour, as in Go. */
export function parseTime(text: string, { isLoose = false }: TimeSyntax = {}): Time | undefined {
  const pattern = isLoose
    ? /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(Z|z|[-+]\d\d:\d\d)$/
    : /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[-+]\d\d:\d\d)$/;
  const found = pattern.exec(text);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const [, , , , , , , fraction = "", zone = "Z"] = found;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59) return undefined;
  const offsetMinutes =
    zone.toUpperCase() === "Z" ? 0 : Number(`${zone.charAt(0)}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4)));
  // Date.UTC takes the years up to 99 for those of the twentieth century.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute - offsetMinutes, second);
  return { nanoseconds: BigInt(date.getTime()) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0")), offsetMinutes };
}

/** The time in RFC 3339, in its own offset and without its fraction. */
export function timeText(time: Time): string {
  const { year, month, day, hour, minute, second } = fieldsOf(time);
  const digits = String(Math.abs(year)).padStart(4, "0");
  return `${year < 0 ? "-" : ""}${digits}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${offsetText(time, ":") ?? "Z"}`;
}

/** `+02:00`, with what stands between hours and minutes; undefined for UTC. */
export function offsetText({ offsetMinutes }: Time, separator: string): string | undefined {
  if (offsetMinutes === 0) return undefined;
  const minutes = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}${separator}${two(minutes % 60)}`;
}

/** What a clock and a calendar at the time's offset show. Months and days count from 1, weekdays from 0, which is Sunday. */
export interface TimeFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly weekday: number;
  readonly yearDay: number;
  /** Week and year by ISO 8601: the week belongs to the year that its Thursday is in. */
  readonly isoYear: number;
  readonly isoWeek: number;
}

/** The fields of a time. */
export function fieldsOf({ nanoseconds, offsetMinutes }: Time): TimeFields {
  const date = new Date(Number(floorDivide(nanoseconds, 1_000_000n)) + offsetMinutes * 60_000);
  const year = date.getUTCFullYear();
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * DAY_MS);
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    weekday: date.getUTCDay(),
    yearDay: dayOfYear(date),
    isoYear: thursday.getUTCFullYear(),
    isoWeek: Math.ceil(dayOfYear(thursday) / 7),
  };
}

/** Whole seconds since 1970, rounded down. */
export function unixSeconds({ nanoseconds }: Time): number {
  return Number(floorDivide(nanoseconds, 1_000_000_000n));
}

export const monthNames: readonly string[] = [
  ...["January", "February", "March", "April", "May", "June", "July"],
  ...["August", "September", "October", "November", "December"],
];
export const dayNames: readonly string[] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** A number with at least two digits. */
export function two(value: number): string {
  return String(value).padStart(2, "0");
}

// --- internal ---

const DAY_MS = 86_400_000;

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

function dayOfYear(date: Date): number {
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start.getTime()) / DAY_MS) + 1;
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}
