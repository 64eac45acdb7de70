import { test } from "uvu";
import { dateTimeFunctions } from "../../src/functions/date-time.ts";
import { Calls, type Cases } from "./calls.ts";

const calls = new Calls(dateTimeFunctions);
const at = (formats: readonly (readonly [format: string, expected: string | RegExp])[], time: string): Cases =>
  formats.map(([format, expected]) => [
    `formatdate("${format}", "${time}")`,
    typeof expected === "string" ? JSON.stringify(expected) : expected,
  ]);

test("examples hold", () => calls.checkExamples());

test("formatdate shows every field", () => {
  calls.check([
    ...at(
      [
        ["YY YYYY", "18 2018"],
        ["M MM MMM MMMM", "1 01 Jan January"],
        ["D DD", "2 02"],
        ["EEE EEEE", "Tue Tuesday"],
        ["h hh H HH", "13 13 1 01"],
        ["AA aa", "PM pm"],
        ["m mm s ss", "2 02 1 01"],
        ["Z ZZZ ZZZZ ZZZZZ", "Z UTC +0000 +00:00"],
        ["ééYYYY-_1", "éé2018-_1"],
        ["MMDDhhmm", "01021302"],
        ["'T'", "T"],
        ["hh 'o''clock' mm", "13 o'clock 02"],
        ["''", "'"],
        ["", ""],
      ],
      "2018-01-02T13:02:01.567Z",
    ),
    ...at([["h hh H HH AA", "0 00 12 12 AM"]], "2018-01-02T00:02:01Z"),
    ...at([["YYYY YY", "0018 18"]], "0018-01-02T00:02:01Z"),
    ...at([["hh Z ZZZ ZZZZ ZZZZZ", "13 +02:30 +0230 +0230 +02:30"]], "2018-01-02T13:02:01+02:30"),
    ...at([["DD hh ZZZZZ", "31 23 -08:00"]], "2018-12-31T23:00:00-08:00"),
    ...at([["ZZZ", "UTC"]], "2018-01-02T13:02:01-00:00"),
  ]);
});

test("formatdate refuses runs that mean nothing", () => {
  calls.check(
    at(
      [
        ["Y", /use YY or YYYY/],
        ["YYY", /YYYY/],
        ["MMMMM", /use M, MM/],
        ["DDD", /D or DD/],
        ["E", /EEE/],
        ["hhh", /h or hh/],
        ["A", /use AA/],
        ["mmm", /m or mm/],
        ["sss", /s or ss/],
        ["ZZ", /Z, ZZZ/],
        ["n", /"n" means nothing/],
        ["YYYY-MM-DDThh", /"T" means nothing .* single quotes/],
        ["'abc", /not closed/],
        ["'abc''", /not closed/],
      ],
      "2018-01-02T13:02:01Z",
    ),
  );
});

test("times are those of RFC 3339 that Go reads", () => {
  const good: Cases = ["2018-02-28T3:00:01Z", "2018-02-28T03:00:01,5Z", "2016-02-29T03:00:01+23:59"].map((time) => [
    `formatdate("hh", "${time}")`,
    '"03"',
  ]);
  const wrong: Cases = [
    ...["", "x", "2018-01-02", "2018-01-02 13:02:01Z", "2018-01-02t13:02:01Z", "2018-01-02T13:02:01z", "2018-13-02T13:02:01Z"],
    ...["2018-02-30T13:02:01Z", "2017-02-29T13:02:01Z", "2018-02-28T24:00:00Z", "2018-02-28T23:60:01Z", "2018-02-28T23:00:60Z"],
    ...[
      "2018-02-28T23:00:01",
      "2018-02-28T23:00:01+0200",
      "2018-2-28T23:00:01Z",
      "2018-02-28T23:00Z",
      "2018-02-28T23:00:01.Z",
      " 2018-02-28T23:00:01Z",
    ],
  ].map((time) => [`formatdate("hh", "${time}")`, /not a time in RFC 3339/]);
  calls.check([...good, ...wrong]);
});

test("timeadd keeps the offset and drops the fraction", () => {
  calls.check([
    ['timeadd("2017-11-22T00:00:00+02:00", "-1h")', '"2017-11-21T23:00:00+02:00"'],
    ['timeadd("2017-11-22T00:00:00.123Z", "900ms")', '"2017-11-22T00:00:01Z"'],
    ['timeadd("2017-11-22T00:00:00Z", "-1ns")', '"2017-11-21T23:59:59Z"'],
    ['timeadd("2017-11-22T00:00:00Z", "1.5h10us")', '"2017-11-22T01:30:00Z"'],
    ['timeadd("2017-11-22T00:00:00+00:00", "0")', '"2017-11-22T00:00:00Z"'],
    ['timeadd("9999-12-31T23:59:59Z", "1s")', '"10000-01-01T00:00:00Z"'],
    ['timeadd("0000-01-01T00:00:00Z", "-1s")', '"-0001-12-31T23:59:59Z"'],
    ['timeadd("2017-11-22T00:00:00Z", "1d")', /"1d" is not a duration/],
    ['timeadd("2017-11-22T00:00:00Z", "10")', /not a duration/],
    ['timeadd("2017-11-22T00:00:00Z", " 1h")', /not a duration/],
    ['timeadd("2017-11-22T00:00:00Z", "300000000h")', /not a duration/],
    ['timeadd("2017-11-22", "1h")', /RFC 3339/],
  ]);
});

test("clocks of the run", () => {
  calls.check([
    ["timestamp()", '"2018-01-02T23:12:01Z"'],
    ["legacy_isotime()", '"2018-01-02T23:12:01Z"'],
    ['legacy_isotime("02 Jan 06 15:04 MST")', '"02 Jan 18 23:12 UTC"'],
    ["legacy_strftime()", '"2018-01-02T23:12:01Z"'],
    ['legacy_strftime("%Y%m%d %H:%M %p %%")', '"20180102 23:12 PM %"'],
    ['legacy_isotime("2006", "01")', /no more than one argument/],
  ]);
});

test("times are taken apart", () => {
  calls.check([
    ['rfc3339_parse("2021-01-01 23:30:15.5+02:00").hour', "23"],
    ['rfc3339_parse("2021-01-01T23:30:15.5+02:00").unix', "1609536615"],
    ['[for t in [rfc3339_parse("2021-01-01T00:00:00Z")] : [t.iso_year, t.iso_week, t.year_day, t.weekday_name]]', '[[2020,53,1,"Friday"]]'],
    [
      '[for t in [rfc3339_parse("2024-12-31t00:00:00z")] : [t.iso_year, t.iso_week, t.year_day, t.month_name]]',
      '[[2025,1,366,"December"]]',
    ],
    ['rfc3339_parse("2021-01-01")', /RFC 3339/],
    ["unix_timestamp_parse(0).rfc3339", '"1970-01-01T00:00:00Z"'],
    ["unix_timestamp_parse(-1).rfc3339", '"1969-12-31T23:59:59Z"'],
    ["unix_timestamp_parse(1.5)", /whole number/],
    ["unix_timestamp_parse(1e15)", /too far away/],
    ['unix_timestamp_parse("2021-01-01T00:00:00Z")', /number/],
  ]);
});

test.run();
