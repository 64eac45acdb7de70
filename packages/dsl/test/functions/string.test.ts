import { test } from "uvu";
import * as assert from "uvu/assert";
import { graphemesOf } from "../../src/functions/graphemes.ts";
import { regexFunctions } from "../../src/functions/regex.ts";
import { stringFunctions } from "../../src/functions/string.ts";
import { Calls } from "./calls.ts";

const calls = new Calls([...stringFunctions, ...regexFunctions]);

test("examples hold", () => calls.checkExamples());

test("positions count grapheme clusters", () => {
  calls.check([
    ['substr("abc", 1, -1)', '"bc"'],
    ['substr("abc", -2, 1)', '"b"'],
    ['substr("abc", -5, 2)', '"ab"'],
    ['substr("abc", 1, -2)', '"bc"'],
    ['substr("abc", 5, 1)', '""'],
    ['substr("abc", 0, 100)', '"abc"'],
    ['substr("abc", 0, 0)', '""'],
    ['substr("abc", "1", 1)', '"b"'],
    ['substr("é👨‍👩‍👧b", 1, 1)', '"👨‍👩‍👧"'],
    ['substr("abc", 0.5, 1)', /offset must be a whole number, not 0.5/],
    ['substr("abc", 1e30, 1)', /64 bits/],
    ['strrev("ab👨‍👩‍👧é")', '"é👨‍👩‍👧ba"'],
    ['split("", "aé👩‍👧")', '["a","é","👩","\u200d","👧"]'],
  ]);
});

test("long texts are taken apart as short ones are, in linear time", () => {
  const piece = ["🇩🇪", "🇫🇷", "👨‍👩‍👧", "é", "\r\n", "한", "국", "e\u0301", "a"];
  const pieces = Array.from({ length: 2_000 }, () => piece).flat();
  for (const lead of ["", "x", "xy", "xyz"]) assert.equal(graphemesOf(lead + pieces.join("")), [...lead, ...pieces]);
  assert.is(graphemesOf(`e${"\u0301".repeat(20_000)}`).length, 1);
});

test("letter case goes by code points, in no language", () => {
  calls.check([
    ['upper("straße ŉ ﬁ i ı ᾳ ΐ")', '"STRAßE ŉ ﬁ I I ᾼ ΐ"'],
    ['lower("İSTANBUL ΑΣ")', '"istanbul ασ"'],
    ['title("ǆ ßa 3ab a-b _x x_y a.b o\'neil")', '"ǅ ßa 3ab A-B _x X_y A.B O\'Neil"'],
    ['title("hello world-foo_bar")', '"Hello World-Foo_bar"'],
  ]);
});

test("pieces are taken apart and put together", () => {
  calls.check([
    ['split(",", "a,b,,c")', '["a","b","","c"]'],
    ['split(",", "")', '[""]'],
    ['join(",", [1, 2, true])', '"1,2,true"'],
    ['join("-", ["a"], ["b", "c"])', '"a-b-c"'],
    ['join(",", [])', '""'],
    ['join(",")', /at least one list/],
    ['join(",", ["a", null])', /element 1 is null/],
    ['join(",", [["a"]])', /element 0 must be a string/],
    ['join(",", "a")', /list of strings/],
    ['join(",", {a = "b"})', /list of strings/],
    ['join(",", ["a"], null)', /null/],
    ['replace("aXbX", "X", "$&")', '"a$&b$&"'],
    ['replace("a😀", "", "-")', '"-a-😀-"'],
    ['replace("abc", "/b/", "x")', '"abc"'],
  ]);
  assert.is(calls.type('split(",", "a")'), "list(string)");
});

test("ends are taken off", () => {
  calls.check([
    ['chomp("a\\r\\n\\n")', '"a"'],
    ['chomp("a\\n\\r")', '"a"'],
    ['chomp("\\na")', '"\\na"'],
    ['trim("abc", "")', '"abc"'],
    ['trim("--", "-")', '""'],
    ['trimspace(" \\t\\n\\u00a0x\\u2003 \\u200b\\ufeff ")', '"x\u2003 \u200b\ufeff"'],
    ['trimspace("\\u0085x")', '"x"'],
    ['trimprefix("aab", "a")', '"ab"'],
    ['trimsuffix("baa", "a")', '"ba"'],
    ['trimsuffix("a", "")', '"a"'],
    ['indent(4, "a\\n\\nb\\r\\nc")', '"a\\n    \\n    b\\r\\n    c"'],
    ['indent(0, "a\\nb")', '"a\\nb"'],
    ['indent(-1, "a\\nb")', /must not be negative/],
    ['indent(1000000000000, "a\\nb")', /longer than/],
  ]);
});

test("arguments are converted and counted", () => {
  calls.check([
    ["upper(1)", '"1"'],
    ["upper(true)", '"TRUE"'],
    ["upper([])", /string/],
    ["upper(null)", /null/],
    ['startswith("abc", "")', "true"],
    ['endswith("abc", "x")', "false"],
    ['strcontains("abc", "ac")', "false"],
  ]);
});

test("regex tells a match by its groups", () => {
  calls.check([
    ['regex("b", "abc")', '"b"'],
    ['regex("a(b)(x)?c", "abc")', '["b",null]'],
    ['regex("(?P<x>b)(?P<constructor>z)?", "abc")', '{"constructor":null,"x":"b"}'],
    ['regex("x*", "abc")', '""'],
    ['regex("(?s)a.c", "a\\nc")', '"a\\nc"'],
    ['regex("\\\\p{Greek}+", "abγδ")', '"γδ"'],
    ['regex("z", "abc")', /matches nothing/],
    ['regex("(?P<x>a)(b)", "ab")', /mixes/],
    ['regex("(", "a")', /not valid: error parsing regexp: missing closing \)/],
    ['regex("(?=h)", "h")', /invalid or unsupported Perl syntax/],
    ['regexall("a*", "baac")', '["","aa",""]'],
    ['regexall("(a)(b)?", "aba")', '[["a","b"],["a",null]]'],
    ['regexall("z", "abc")', "[]"],
    ['regexall("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")', "[]"],
  ]);
  assert.is(calls.type('regexall("(?P<x>z)", "abc")'), "list(object({x=string}))");
});

test("regex_replace expands groups as Go does", () => {
  calls.check([
    ['regex_replace("abc", "(b)", "[$1]")', '"a[b]c"'],
    ['regex_replace("abc", "(b)", "[$1x]")', '"a[]c"'],
    ['regex_replace("abc", "(?P<n>b)", "$${n}x")', '"abxc"'],
    ['regex_replace("foo bar", "(?P<first>\\\\w+) (\\\\w+)", "$2 $first $${first}s $1s $$ $0 $9 $")', '"bar foo foos  $ foo bar  $"'],
    ['regex_replace("hello", "l", "$$")', '"he$$o"'],
    ['regex_replace("hello", "l", "$é")', '"heo"'],
    ['regex_replace("hello", "(?i)L", "$${1")', '"he${1${1o"'],
    ['regex_replace("aaa", "a*", "x")', '"x"'],
    ['regex_replace("baaac", "a*", "x")', '"xbxcx"'],
    ['regex_replace("a😀", "", "-")', '"-a-😀-"'],
    ['regex_replace("aab", "^a", "X")', '"Xab"'],
    ['regex_replace("ab ab", "\\\\bab", "X")', '"X X"'],
  ]);
});

test.run();
