import { test } from "uvu";
import * as assert from "uvu/assert";
import { csvFunctions } from "../../src/functions/csv.ts";
import { jsonFunctions } from "../../src/functions/json.ts";
import { textEncodingFunctions } from "../../src/functions/text-encoding.ts";
import { Calls } from "./calls.ts";

const calls = new Calls([...csvFunctions, ...jsonFunctions, ...textEncodingFunctions]);

test("examples hold", () => calls.checkExamples());

test("jsonencode sorts keys, keeps digits and escapes what HTML minds", () => {
  assert.is(
    calls.json('jsonencode({a = "<>&\\u2028", b = 1.5, c = 1e30, d = null, e = true, f = [], g = {}, "ü" = "ü"})'),
    '"{\\"a\\":\\"\\\\u003c\\\\u003e\\\\u0026\\\\u2028\\",\\"b\\":1.5,\\"c\\":1000000000000000000000000000000,\\"d\\":null,\\"e\\":true,\\"f\\":[],\\"g\\":{},\\"ü\\":\\"ü\\"}"',
  );
  calls.check([
    ["jsonencode(12345678901234567890)", '"12345678901234567890"'],
    ["jsonencode(1.0)", '"1"'],
    ["jsonencode(1e-10)", '"0.0000000001"'],
    ["jsonencode(null)", '"null"'],
    ['jsonencode("\\u0001\\u007f\\t\\"\\\\/")', '"\\"\\\\u0001\u007f\\\\t\\\\\\"\\\\\\\\/\\""'],
    ["jsonencode(1/0)", /infinity/],
  ]);
});

test("jsondecode keeps digits, and says where the text is wrong", () => {
  calls.check([
    ['jsondecode("[1, 2.50, 1e3, null, true, \\"x\\"]")', '[1,2.5,1000,null,true,"x"]'],
    ['jsondecode("{\\"a\\":1,\\"b\\":{},\\"a\\":\\"x\\"}")', '{"a":"x","b":{}}'],
    ['jsondecode("12345678901234567890.5")', "12345678901234567890.5"],
    ['jsondecode(" \\"a\\" \\n")', '"a"'],
    ['jsondecode("\\"\\\\ud800 \\\\ud83d\\\\ude00\\"")', '"\ufffd 😀"'],
    ['jsondecode("\\"e\\\\u0301\\"")', '"é"'],
    ['jsondecode("")', /line 1, column 1, the text ends where a value is expected/],
    ['jsondecode("{")', /column 2, the text ends where a key/],
    ['jsondecode("1 2")', /column 3, "2" stands behind the value/],
    ['jsondecode("{\\"a\\":}")', /"}" stands where a value/],
    ['jsondecode("[1,\\n ]")', /line 2, column 2, "]" stands where a value/],
    ['jsondecode("nul")', /where a value/],
    ['jsondecode("01")', /behind the value/],
    ['jsondecode("{a:1}")', /key in quotes/],
    ['jsondecode("\\"a\\nb\\"")', /text that has no end/],
    ['jsondecode("1e99999")', /too many digits/],
    [`jsondecode("${"[".repeat(100_000)}")`, /nested deeper than 500/],
  ]);
  assert.is(calls.type('jsondecode("[1,{\\"a\\":null}]")'), "tuple([number,object({a=any})])");
});

test("csvdecode reads what Go reads", () => {
  calls.check([
    ['csvdecode("a,b\\n\\"x, y\\",\\"q\\"\\"r\\"\\n")', '[{"a":"x, y","b":"q\\"r"}]'],
    ['csvdecode("a,b\\n\\n1,2\\r\\n\\n")', '[{"a":"1","b":"2"}]'],
    ['csvdecode("a\\n\\"x\\ny\\"")', '[{"a":"x\\ny"}]'],
    ['csvdecode(" a, b\\n1 , 2")', '[{" a":"1 "," b":" 2"}]'],
    ['csvdecode("a,b\\n,")', '[{"a":"","b":""}]'],
    ['csvdecode("a,b")', "[]"],
    ['csvdecode("")', /names of the columns/],
    ['csvdecode("a,a\\n1,2")', /two columns with the name "a"/],
    ['csvdecode("a,b\\n\\"1\\n\\",2\\n3")', /line 4 has 1 fields, but there are 2 columns/],
    ['csvdecode("a,b\\n1,2,3")', /line 2 has 3 fields/],
    ['csvdecode("a\\nx\\"y")', /line 2, a quote stands in a field/],
    ['csvdecode("a\\n\\"x\\"y")', /line 2, a quoted field does not end/],
    ['csvdecode("a\\n\\"x")', /line 2, a quoted field does not end/],
  ]);
  assert.is(calls.type('csvdecode("a,b")'), "list(object({a=string,b=string}))");
});

test("Base64 and URLs", () => {
  calls.check([
    ['base64encode("é")', '"w6k="'],
    ['base64decode("w6\\nk=")', '"é"'],
    ['base64decode("")', '""'],
    ['base64decode("w6k")', /standard Base64 with padding/],
    ['base64decode("w6 k=")', /standard Base64/],
    ['base64decode("_-8=")', /standard Base64/],
    ['base64decode("/w==")', /not UTF-8/],
    ['urlencode("a b&c/ü~*-_.!\'()+,:;=?@[]%")', '"a+b%26c%2F%C3%BC~%2A-_.%21%27%28%29%2B%2C%3A%3B%3D%3F%40%5B%5D%25"'],
  ]);
});

test("character sets go both ways", () => {
  calls.check([
    ['textencodebase64("é€", "UTF-8")', '"w6nigqw="'],
    ['textencodebase64("a", "UTF-16")', '"/v8AYQ=="'],
    ['textencodebase64("a", "utf-16be")', '"AGE="'],
    ['textdecodebase64("/v8AYQ==", "UTF-16")', '"a"'],
    ['textdecodebase64("//5hAA==", "UTF-16")', '"a"'],
    ['textencodebase64("é\\u0080", "ISO-8859-1")', '"6YA="'],
    ['textencodebase64("€", "windows-1252")', '"gA=="'],
    ['textencodebase64("Ğ", "latin5")', '"0A=="'],
    ['textdecodebase64("0A==", "ISO-8859-9")', '"Ğ"'],
    ['textencodebase64("日本", "Shift_JIS")', '"k/qWew=="'],
    ['textdecodebase64("k/qWew==", "Shift_JIS")', '"日本"'],
    ['textencodebase64("中", "GBK")', '"1tA="'],
    ['textencodebase64("Ж", "KOI8-R")', '"9g=="'],
    ['textdecodebase64("6Q==", "US-ASCII")', '"\ufffd"'],
    ['textencodebase64("é", "US-ASCII")', /characters that US-ASCII does not have/],
    ['textencodebase64("😀", "windows-1252")', /characters that windows-1252 does not have/],
    ['textencodebase64("a", "EBCDIC")', /no character set "EBCDIC"/],
    ['textdecodebase64("a", "UTF-8")', /standard Base64/],
  ]);
});

test.run();
