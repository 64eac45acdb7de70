// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of HCL
// The same calls in Packer's own console and here: results to the letter, and the same refusals.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { hclFunctions } from "../../src/functions/table.ts";
import { Calls } from "./calls.ts";

const words =
  "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua ut enim";
const numbers = [
  "0",
  "-0",
  "1",
  "-7",
  "0.1",
  "1/3",
  "2.5",
  "1e6",
  "1e21",
  "1.5e-7",
  "123456789",
  "12345678901234567890",
  "999999.5",
  "0.00001234",
  "-1e-5",
];
const directives = [
  "%v",
  "%g",
  "%G",
  "%e",
  "%.0e",
  "%.3e",
  "%f",
  "%.0f",
  "%.1f",
  "%.9f",
  "%8.3g",
  "%-12.2f|",
  "%+.1f",
  "%012.3f",
  "% g",
  "%.30g",
  "%s",
];
const integers = ["%d", "%b", "%o", "%x", "%X", "%#x", "%8d", "%-8d|", "%08d", "%+d", "%.5d", "%#o"];
const texts = [
  '""',
  '"abc"',
  '"yes"',
  '" a"',
  '"a "',
  '"a\\nb"',
  '"a\\nb\\n\\n"',
  '"\\n a"',
  '"a: b #c"',
  '"é€"',
  '"a\\tb"',
  `"${words}"`,
  `"${words}\\nx"`,
];
const times = ["2018-01-02T23:12:01Z", "2020-02-29T00:00:59+05:30", "0099-12-31T12:59:00-08:00", "1969-07-20T20:17:40.123Z"];

const results = [
  ...numbers.flatMap((number) => directives.map((directive) => `format("${directive}", ${number})`)),
  ...["0", "5", "-255", "1e20"].flatMap((number) => integers.map((directive) => `format("${directive}", ${number})`)),
  ...numbers.filter((number) => number !== "-0").flatMap((number) => [`abs(${number})`, `jsonencode(${number})`, `yamlencode(${number})`]),
  ...texts.flatMap((text) => [
    `yamlencode(${text})`,
    `yamlencode({a = [${text}, {b = ${text}}]})`,
    `yamldecode(yamlencode([${text}]))`,
    `jsonencode(${text})`,
  ]),
  ...texts.flatMap((text) => [
    `title(${text})`,
    `indent(3, ${text})`,
    `strrev(${text})`,
    `urlencode(${text})`,
    `split(" ", ${text})`,
    `sha1(${text})`,
  ]),
  ...times.flatMap((time) => [
    `formatdate("YYYY YY MMMM MMM MM M DD D EEEE EEE hh h HH H AA aa mm m ss s ZZZZZ ZZZZ ZZZ Z", "${time}")`,
    `timeadd("${time}", "-36h0.5s")`,
  ]),
  'yamlencode([[], {}, [[1, [2]], {a = {b = [true, null, {c = "d"}]}}]])',
  'yamldecode("a: &x {k: 0b11, l: [1_000, .5, 017, 0x1F]}\\nb:\\n  <<: *x\\n  t: 2001-1-1\\n  u: |\\n    x\\n    y\\n")',
  'regex_replace("foo bar", "(?P<first>\\\\w+) (\\\\w+)", "$2 $first $1s $$ $0 $9 $")',
  'regex_replace("baaac", "a*", "x")',
  'formatlist("%s-%03d", ["a", "b"], [1, 2])',
  'substr("hello", -3, 2)',
  'substr("hello", 1, -1)',
  'csvdecode("a,b\\n\\n\\"x, \\"\\"y\\",\\"2\\n3\\"\\n")',
  'uuidv5("url", "https://example.com/")',
  'cidrsubnets("10.1.0.0/16", 4, 8, 2, 8)',
  'cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)',
  'cidrhost("fd00::/8", -1)',
  'cidrnetmask("10.0.0.0/19")',
  "log(50, 10)",
  "pow(2, 0.5)",
  'parseint("zZ", 62)',
  'jsondecode("{\\"b\\":[1,2.50,null],\\"a\\":\\"\\\\ud83d\\\\ude00\\"}")',
  'base64decode("w6\\nk=")',
];

const refusals = [
  'format("%d", 1.5)',
  'format("%c", 65)',
  'format("%*d", 1, 2)',
  'format("%s", [])',
  'format("%s", null)',
  'format("a", 1)',
  'format("%[3]s", "a", "b")',
  'formatlist("%s%s", ["a"], ["b", "c"])',
  'join(",", ["a", null])',
  'join(",", "a")',
  "signum(0.5)",
  'parseint("12", 2)',
  'substr("a", 0.5, 1)',
  'regex_replace("a", "(", "b")',
  'csvdecode("a,b\\n1")',
  'jsondecode("[1,]")',
  'yamldecode("a: b: c")',
  'yamldecode("!foo bar")',
  'formatdate("YYY", "2018-01-02T23:12:01Z")',
  'formatdate("hh", "2018-01-02 23:12:01Z")',
  'timeadd("2018-01-02T23:12:01Z", "1d")',
  'cidrhost("10.0.0.0/30", 4)',
  'cidrhost("010.0.0.0/8", 1)',
  'cidrsubnets("10.0.0.0/30", 1, 1, 1)',
  'uuidv5("DNS", "x")',
  'bcrypt("x", 32)',
  'base64decode("w6k")',
];

lab(test, "packer")("functions give what Packer's console gives", () => {
  const folder = tmp("console");
  writeFileSync(join(folder, "empty.pkr.hcl"), "");
  const expressions = [...results, ...refusals.map((refusal) => `can(${refusal})`)];
  const theirs: unknown = JSON.parse(
    execFileSync("packer", ["console", "-config-type=hcl2", join(folder, "empty.pkr.hcl")], {
      // Text alone goes through JSON without losing digits.
      input: `jsonencode([${expressions.map((expression) => `jsonencode(${expression})`).join(", ")}])\n`,
      encoding: "utf8",
      env: { ...process.env, CHECKPOINT_DISABLE: "1", PACKER_CONFIG_DIR: folder, HOME: folder },
    }),
  );
  const calls = new Calls([...hclFunctions().values()], folder);
  const pairs = (answers: readonly unknown[]) => expressions.map((expression, index) => `${expression} = ${String(answers[index])}`);
  const ours = expressions.map((expression) => {
    const value = calls.value(`jsonencode(${expression})`);
    return value.kind === "string" ? value.value : undefined;
  });
  assert.equal(pairs(ours), pairs(Array.isArray(theirs) ? theirs : []));
});

test.run();
