import { test } from "uvu";
import * as assert from "uvu/assert";
import type { BootAction } from "../../../src/sdk/boot/action.ts";
import { specialKeyNames } from "../../../src/sdk/boot/key.ts";
import { parseBootCommand } from "../../../src/sdk/boot/parse.ts";

/** Actions in a short form: `a`, `enter`, `enter down`, `5000 ms`. */
function short(action: BootAction): string {
  switch (action.kind) {
    case "key": {
      const name = "special" in action.key ? action.key.special : action.key.character;
      return action.motion === "tap" ? name : `${name} ${action.motion}`;
    }
    case "pause":
      return `${action.durationMs} ms`;
    case "wait-text":
      return `${action.source} ${JSON.stringify(action.text)} ${action.limitMs}`;
    case "wait-still":
      return `still ${action.durationMs} ${action.limitMs}`;
    default:
      return `change ${action.limitMs}`;
  }
}

function parse(text: string, extensions = false): readonly string[] {
  const { actions, problems } = parseBootCommand(text, { extensions });
  assert.equal(
    problems.filter(({ severity }) => severity === "error"),
    [],
    text,
  );
  return actions.map(short);
}

const understood: readonly [string, readonly string[]][] = [
  ["", []],
  ["aB ", ["a", "B", " "]],
  ["é😀\n", ["é", "😀", "\n"]],
  ["<enter><ENTER><pageup><PageUp>", ["enter", "enter", "pageUp", "pageUp"]],
  ["<f1><f10><f12><return><spacebar>", ["f1", "f10", "f12", "return", "spacebar"]],
  ["<leftCtrlOn>x<leftctrlOFF>", ["leftCtrl down", "x", "leftCtrl up"]],
  ["<leftOption><leftOptionOn><leftOptionOff>", ["leftOption", "leftOption down", "leftOption up"]],
  ["<aOn><AOFF><<on><<off>", ["a down", "A up", "< down", "< up"]],
  ["<😀on>", ["😀 down"]],
  ["<wait><wait0><wait5><wait10>", ["1000 ms", "1000 ms", "5000 ms", "10000 ms"]],
  ["<wait1m20s><wait1.5s><wait250ms><wait2us><wait1h>", ["80000 ms", "1500 ms", "250 ms", "0.002 ms", "3600000 ms"]],
];

for (const [text, expected] of understood) {
  test(`${JSON.stringify(text)} is understood`, () => assert.equal(parse(text), expected));
}

test("every special key is understood by itself and held", () => {
  assert.is(specialKeyNames().length, 41);
  for (const name of specialKeyNames()) {
    assert.equal(parse(`<${name}><${name}On><${name.toUpperCase()}OFF>`), [name, `${name} down`, `${name} up`]);
  }
});

const typedAsText = [
  "<",
  ">",
  "<>",
  "<foo>",
  "<enter",
  "< enter>",
  "<wait05>",
  "<wait1.5>",
  "<wait1m20>",
  "<wait-5>",
  "<f13>",
  "<enter on>",
  "<WAIT>",
];

for (const text of typedAsText) {
  test(`${JSON.stringify(text)} is typed as it stands`, () => assert.equal(parse(text), [...text]));
}

test("our own tags are typed as they stand unless extensions are on", () => {
  const text = '<waitText "a" 2m><waitStill 3s><waitChange><waitSerial "b">';
  assert.equal(parse(text), [...text]);
  assert.equal(parse(text, true), ['any "a" 120000', "still 3000 300000", "change 300000", 'serial "b" 300000']);
});

const ours: readonly [string, readonly string[]][] = [
  ['<WAITTEXT  "a > b"\t90s >x', ['any "a > b" 90000', "x"]],
  ['<waitText "\\"\\\\\\n\\t\\u007b" 5>', ['any "\\"\\\\\\n\\t{" 5000']],
  ["<waitStill 3s 1m><waitStill 10m>", ["still 3000 60000", "still 600000 1200000"]],
  ["<waitTexts><waitText", [..."<waitTexts><waitText"]],
];

for (const [text, expected] of ours) {
  test(`${text} is understood with extensions`, () => assert.equal(parse(text, true), expected));
}

/** Text, what the problem covers, and what it says. */
const wrong: readonly [string, string, RegExp][] = [
  ["ab<wait0s>", "<wait0s>", /longer than zero/],
  ["<wait-5s>", "<wait-5s>", /longer than zero/],
  ["<wait1m-20s>", "<wait1m-20s>", /"1m-20s" is not a duration/],
  ["<wait577h>", "<wait577h>", /24 days/],
  ["<waitText>", "<waitText>", /one text in quotes/],
  ['x<waitText 2m "a">', '<waitText 2m "a">', /one text in quotes/],
  ['<waitText "">', '<waitText "">', /empty/],
  ['<waitText "a" soon>', '<waitText "a" soon>', /"soon" is not a duration/],
  ['<waitText "a" 1m 2m>', '<waitText "a" 1m 2m>', /too many/],
  ['<waitText "a>', '"', /quote is not closed/],
  ['<waitText "a\\q">', "\\q", /no escape/],
  ['<waitText "a" 2m', "", /">" is missing/],
  ["<waitStill>", "<waitStill>", /is missing/],
  ["<waitStill 1m 3s>", "<waitStill 1m 3s>", /limit is shorter/],
  ['<waitChange "a">', '<waitChange "a">', /no text/],
  ["<waitChange 0s>", "<waitChange 0s>", /longer than zero/],
];

for (const [text, marked, message] of wrong) {
  test(`${text} is refused with its place`, () => {
    const { problems } = parseBootCommand(text, { extensions: true });
    assert.is(problems.length, 1);
    assert.is(problems[0]?.severity, "error");
    assert.match(problems[0]?.message ?? "", message);
    assert.is(text.slice(problems[0]?.at.start, problems[0]?.at.end), marked);
  });
}

const slips: readonly [string, string | undefined][] = [
  ["<enterr>", "Did you mean <enter>?"],
  ["<wait 5>", "Did you mean <wait5>?"],
  ["<WAIT5>", "Did you mean <wait5>?"],
  ["<leftCntrlOn>", "Did you mean <leftCtrlOn>?"],
  ["<html><a>", undefined],
];

for (const [text, hint] of slips) {
  test(`${text} is typed, ${hint === undefined ? "without a word" : "with a warning"}`, () => {
    const { actions, problems } = parseBootCommand(text);
    assert.is(actions.length, text.length);
    assert.is(problems[0]?.hint, hint);
    assert.ok(problems.every(({ severity }) => severity === "warning"));
  });
}

test("texts of any size are parsed in time in proportion to them", () => {
  for (const piece of ["<", "<wait", "<wait1", "<waitText ", '<waitText "', "1s", "<a", "<1.1m"]) {
    const text = piece.repeat(Math.ceil(300_000 / piece.length));
    const { problems } = parseBootCommand(`<wait${text}`, { extensions: true });
    assert.ok(problems.length <= 100);
  }
});

test.run();
