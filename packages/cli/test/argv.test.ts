import { test } from "uvu";
import * as assert from "uvu/assert";
import { type FlagDefinitions, parseArguments, UsageError } from "../src/argv.ts";

const group = "Flags";
const flags = {
  var: { kind: "list", value: "NAME=VALUE", group, summary: "" },
  only: { kind: "list", value: "a,b", split: true, group, summary: "" },
  force: { kind: "switch", group, summary: "" },
  color: { kind: "switch", group, summary: "" },
  "no-warn": { kind: "switch", group, summary: "" },
  "parallel-builds": { kind: "number", value: "N", group, summary: "" },
  "on-error": { kind: "choice", choices: ["cleanup", "abort"], group, summary: "" },
  template: { kind: "text", value: "NAME", group, summary: "" },
} as const satisfies FlagDefinitions;

const parse = (...words: string[]) => parseArguments(words, flags);

function fails(words: readonly string[], message: RegExp): UsageError {
  try {
    parse(...words);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    assert.match(error.message, message);
    return error;
  }
  return assert.unreachable(`${words.join(" ")} was accepted`) as never;
}

test("one dash and two, attached and separate values mean the same", () => {
  for (const words of [["-template", "x"], ["-template=x"], ["--template", "x"], ["--template=x"]]) {
    assert.is(parse(...words).flags.template, "x");
  }
});

test("a value keeps its own equal signs, dashes, blanks and may be empty", () => {
  assert.equal(parse("-var", "a=b=c", "-var=d=", "-var", "-e=f g").flags.var, ["a=b=c", "d=", "-e=f g"]);
  assert.is(parse("-template=").flags.template, "");
});

test("a switch is set by its name and turned off by =false alone", () => {
  assert.is(parse("-force").flags.force, true);
  assert.is(parse("-force=false").flags.force, false);
  assert.is(parse("-force=0").flags.force, false);
  assert.is(parse().flags.force, undefined);
  const { flags: values, positionals } = parse("-color", "false");
  assert.is(values.color, true);
  assert.equal(positionals, ["false"]);
  fails(["-force=maybe"], /-force is on or off, not "maybe"/);
});

test("repeated lists add up in order, and split at commas where they say so", () => {
  assert.equal(parse("-only=a,b", "-only", " c ,, d").flags.only, ["a", "b", "c", "d"]);
  assert.equal(parse("-var", "x=1,2", "-var=y=3").flags.var, ["x=1,2", "y=3"]);
  assert.equal(parse().flags.only, []);
});

test("flags stand before and after the template, and -- ends them", () => {
  const { flags: values, positionals } = parse("-force", "image.ts", "-only=a", "--", "-force=false", "-x");
  assert.is(values.force, true);
  assert.equal(values.only, ["a"]);
  assert.equal(positionals, ["image.ts", "-force=false", "-x"]);
  assert.equal(parse("-").positionals, ["-"]);
});

test("a flag whose name begins with no- is that flag", () => {
  assert.is(parse("--no-warn").flags["no-warn"], true);
});

test("an unknown flag is refused with the names it may have meant", () => {
  assert.equal(
    fails(["-forec"], /no flag -forec/).unknown?.candidates,
    Object.keys(flags).map((name) => `-${name}`),
  );
  assert.match(fails(["--no-color"], /no flag -no-color/).hint ?? "", /-color=false/);
  fails(["-constructor"], /no flag -constructor/);
});

test("numbers and choices are checked", () => {
  assert.is(parse("-parallel-builds=-1").flags["parallel-builds"], -1);
  assert.is(parse("-parallel-builds", "3").flags["parallel-builds"], 3);
  fails(["-parallel-builds=two"], /whole number, not "two"/);
  assert.is(parse("-on-error=abort").flags["on-error"], "abort");
  fails(["-on-error=clean"], /takes cleanup, abort, not "clean"/);
});

test("a missing value is an error that shows what to write", () => {
  assert.match(fails(["-var"], /-var needs a value/).hint ?? "", /-var=NAME=VALUE/);
});

test("help is found among other flags, in every spelling", () => {
  for (const word of ["-h", "-help", "--help"]) assert.is(parse("-force", word).isHelpAsked, true);
  assert.is(parse("-force").isHelpAsked, false);
});

test.run();
