import { test } from "uvu";
import { numberFunctions } from "../../src/functions/number.ts";
import { Calls } from "./calls.ts";

const calls = new Calls(numberFunctions);

test("examples hold", () => calls.checkExamples());

test("512 bits are kept", () => {
  calls.check([
    ['abs("-3")', "3"],
    ["abs(-1e30 - 1)", "1000000000000000000000000000001"],
    ["ceil(-1.2)", "-1"],
    ["ceil(1e30)", "1000000000000000000000000000000"],
    ["floor(-1.5)", "-2"],
    ["floor(12345678901234567890.5)", "12345678901234567890"],
    ['max("3", 2.5, [7]...)', "7"],
    ["min(1, 9007199254740993, -0.5)", "-0.5"],
    ["max(9007199254740992, 9007199254740993)", "9007199254740993"],
    ["sum([0.1, 0.2])", "0.3"],
    ['sum(["1", 2])', "3"],
    ["max()", /at least one number/],
    ["min()", /at least one number/],
    ["min(1, null)", /null/],
    ["sum([])", /empty list/],
    ["sum([1, null])", /element 1 is not a number/],
    ['sum(["x"])', /element 0 is not a number/],
    ["sum([true])", /element 0 is not a number/],
    ["sum(1)", /list, set or tuple/],
  ]);
});

test("log and pow are those of 64-bit floats", () => {
  calls.check([
    ["log(50, 10)", "1.6989700043360185"],
    ["log(1000, 10)", "2.9999999999999996"],
    ["log(10, 0)", "0"],
    ["pow(2, 0.5)", "1.4142135623730951"],
    ["pow(2, -1)", "0.5"],
    ["pow(0, 0)", "1"],
    ["pow(1, 1/0)", "1"],
    ["pow(2, 10)", "1024"],
    ["pow(10, 400) == 1/0", "true"],
    ["log(0, 10) == -1/0", "true"],
    ["log(-1, 10)", /no such number/],
    ["log(1, 1)", /no such number/],
    ["pow(-8, 1/3)", /no such number/],
  ]);
});

test("signum takes whole numbers alone", () => {
  calls.check([
    ["signum(-5)", "-1"],
    ["signum(0)", "0"],
    ["signum(1.5)", /whole number, not 1.5/],
  ]);
});

test("parseint knows bases to 62", () => {
  calls.check([
    ['parseint("-ff", 16)', "-255"],
    ['parseint("+7", 10)', "7"],
    ['parseint("zz", 36)', "1295"],
    ['parseint("aA", 36)', "370"],
    ['parseint("zZ", 62)', "2231"],
    ['parseint("99999999999999999999", 10)', "99999999999999999999"],
    ['parseint("0x1f", 16)', /"0x1f" is no whole number in base 16/],
    ['parseint("1_000", 10)', /no whole number/],
    ['parseint("12", 2)', /no whole number/],
    ['parseint(" 1", 10)', /no whole number/],
    ['parseint("", 10)', /no whole number/],
    ['parseint("-", 10)', /no whole number/],
    ['parseint("1", 1)', /from 2 to 62/],
    ['parseint("1", 63)', /from 2 to 62/],
    ['parseint("1", 2.5)', /whole number, not 2.5/],
    ["parseint(12, 10)", /as text, not as number/],
    ["parseint(null, 10)", /null/],
    [`parseint("${"9".repeat(40_001)}", 10)`, /more than 40000 digits/],
    [`parseint("${"z".repeat(40_000)}", 36)`, /too many digits/],
  ]);
});

test.run();
