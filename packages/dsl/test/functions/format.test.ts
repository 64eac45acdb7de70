import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatFunctions } from "../../src/functions/format.ts";
import { Calls } from "./calls.ts";

const calls = new Calls(formatFunctions);

test("examples hold", () => calls.checkExamples());

test("numbers in all verbs, exact to their 512 bits", () => {
  calls.check([
    ['format("%v", 1000000)', '"1e+06"'],
    ['format("%v", 123456789)', '"1.23456789e+08"'],
    ['format("%v", 12345678901234567890)', '"1.234567890123456789e+19"'],
    ['format("%v", 0.000001)', '"1e-06"'],
    ['format("%v", 0.1)', '"0.1"'],
    ['format("%v", 0)', '"0"'],
    ['format("%v", -0)', '"-0"'],
    ['format("%v %v", 1/0, -1/0)', '"+Inf -Inf"'],
    ['format("%g", 100000)', '"100000"'],
    ['format("%g", 123456)', '"123456"'],
    ['format("%g", 1234567)', '"1.234567e+06"'],
    ['format("%g", 1234567.5)', '"1.2345675e+06"'],
    ['format("%g", 123456.789)', '"123456.789"'],
    ['format("%g", 0.0001)', '"0.0001"'],
    ['format("%g", 0.00001)', '"1e-05"'],
    ['format("%.3g", 1234.5678)', '"1.23e+03"'],
    ['format("%.0g", 15)', '"2e+01"'],
    ['format("%.20g", 15)', '"15"'],
    ['format("%#g", 1234)', '"1234"'],
    ['format("%G", 1e-9)', '"1E-09"'],
    ['format("%s", 1e21)', '"1000000000000000000000"'],
    ['format("%s", 1.50)', '"1.5"'],
    ['format("%d", 1000000)', '"1000000"'],
    ['format("%d", "5")', '"5"'],
    ['format("%f", 1000000)', '"1000000.000000"'],
    ['format("%f", "1.5")', '"1.500000"'],
    ['format("%f", 1e30)', '"1000000000000000000000000000000.000000"'],
    ['format("%f", 1/0)', '"+Inf"'],
    ['format("%.40f", 0.1)', '"0.1000000000000000000000000000000000000000"'],
    ['format("%e", 1000000)', '"1.000000e+06"'],
    ['format("%e", 0)', '"0.000000e+00"'],
    ['format("%E", 1000000.5)', '"1.000000E+06"'],
    ['format("%.3e", 1234.5678)', '"1.235e+03"'],
    ['format("%.0e", 15)', '"2e+01"'],
    ['format("%.2e", 999.9)', '"1.00e+03"'],
    ['format("%.f %.0f %5.f|", 3.5, 0.5, 2.5)', '"4 0     2|"'],
    ['format("%.1f %.1f %.2f", 0.05, 0.25, 0.001)', '"0.1 0.2 0.00"'],
    ['format("%b %o %x %X", 5, 8, 255, 255)', '"101 10 ff FF"'],
    ['format("%#x %#X %#o %#b %#d", 255, 255, 8, 8, 1)', '"0xff 0XFF 010 0b1000 1"'],
    ['format("%x", -255)', '"-ff"'],
    ['format("%x", "255")', '"ff"'],
  ]);
});

test("width, precision and flags", () => {
  calls.check([
    ['format("%5.2f|%-10.2f|%010.2f|%05.1f", 1.5, -1.5, -1.5, -2.25)', '" 1.50|-1.50     |-000001.50|-02.2"'],
    ['format("[%10d][%-10d][%+d][% d][%010d]", 5, 5, 5, 5, -5)', '"[         5][5         ][+5][ 5][-000000005]"'],
    ['format("[%.3d][%10.3d][%010.3d][%.0d]", 5, 5, 5, 0)', '"[005][       005][       005][]"'],
    ['format("%-+5d|%+05d|", 5, 5)', '"+5   |+0005|"'],
    ['format("%+f % f", 1, 1)', '"+1.000000  1.000000"'],
    ['format("%05d|%-5s|%5s|%x|%t", 42, "a", "b", 255, true)', '"00042|a    |    b|ff|true"'],
    ['format("%5.1s|%05s|%-05s|%+s|", "abc", "a", "a", "a")', '"    a|0000a|a0000|a|"'],
    ['format("%5s|%.1s|", "👨‍👩‍👧", "👨‍👩‍👧b")', '"    👨‍👩‍👧|👨‍👩‍👧|"'],
    [
      'format("%10.3v|%.3v|%010v|%-10v|%10v|", "abcdef", 1.23456, 1, 1, ["a"])',
      '"    abcdef|1.23456|0000000001|1         |     [\\"a\\"]|"',
    ],
    ['format("%5t|%-7t|%10v|", true, true, true)', '"true|true|      true|"'],
    ['format("%10.2q|%-10q|", "abcdef", "a")', '"      \\"ab\\"|\\"a\\"       |"'],
  ]);
});

test("text and whole values", () => {
  calls.check([
    ['format("%s %d%% of %5.1f", "a", 3, 2.25)', '"a 3% of   2.2"'],
    ['format("%q", "a\\"b<ü\\n\\t日")', '"\\"a\\\\\\"b\\\\u003cü\\\\n\\\\t日\\""'],
    ['format("%q %q", 1, true)', '"\\"1\\" \\"true\\""'],
    ['format("%#v %v", {a = 1, b = ["x", null]}, {a = 1})', '"{\\"a\\":1,\\"b\\":[\\"x\\",null]} {\\"a\\":1}"'],
    ['format("%#v", "a")', '"\\"a\\""'],
    ['format("%v %#v", null, null)', '"null null"'],
    ['format("%t", "true")', '"true"'],
    ['format("%s", true)', '"true"'],
    ['format("%%")', '"%"'],
    ['format("")', '""'],
  ]);
});

test("arguments by number", () => {
  calls.check([
    ['format("%[2]s %[1]s", "a", "b")', '"b a"'],
    ['format("%[2]s %s", "a", "b", "c")', '"b c"'],
    ['format("%5[1]d|%.2[1]f|", 3)', '"    3|3.00|"'],
    ['format("%[3]s", "a", "b")', /needs value 3, but there are 2/],
    ['format("%[2]s", "a", "b", "c")', /uses only 2/],
    ['format("a%sb%s", "x")', /"%s" at offset 4 needs value 2/],
    ['format("a%s", "x", "y")', /uses only 1/],
    ['format("a", "y")', /no directives/],
  ]);
});

test("what cty refuses is refused", () => {
  for (const format of ["%*d", "%.*f", "%[1]5d", "%[0]s", "%5 d", "%5%", "%😀"])
    calls.check([[`format("${format}", 1)`, /is unexpected in/]]);
  for (const verb of [..."cUTzOFip"]) calls.check([[`format("%${verb}", 1)`, /there is no verb/]]);
  calls.check([
    ['format("%", 1)', /ends within a directive/],
    ['format("%s", null)', /cannot show null/],
    ['format("%d", 1.5)', /whole number/],
    ['format("%d", 1/0)', /whole number/],
    ['format("%x", "abc")', /needs a value of type number/],
    ['format("%d", true)', /type number/],
    ['format("%t", 1)', /type bool/],
    ['format("%s", ["a"])', /type string, not tuple/],
    ['format("%#v", 1/0)', /infinity/],
    ['format("%1000000000d", 1)', /larger than 1000000/],
  ]);
});

test("formatlist goes round its lists together", () => {
  calls.check([
    ['formatlist("%s-%s", ["a", "b"], "x")', '["a-x","b-x"]'],
    ['formatlist("%s-%v", ["a", "b"], [1, true])', '["a-1","b-true"]'],
    ['formatlist("%s", "x")', '["x"]'],
    ['formatlist("x")', '["x"]'],
    ['formatlist("%s", [])', "[]"],
    ['formatlist("%s %v", ["a"], {a = 1})', '["a {\\"a\\":1}"]'],
    ['formatlist("%v", [null])', '["null"]'],
    ['formatlist("%s-%s", ["a", "b"], ["x"])', /value 2 has 1 elements, but value 1 has 2/],
    ['formatlist("%s", [["a"]])', /type string/],
    ['formatlist("%s", [null])', /null/],
    ['formatlist("%s")', /needs value 1/],
  ]);
  assert.is(calls.type('formatlist("%s", [])'), "list(string)");
});

test.run();
