// What the helpers write is what the boot command language reads.
import { parseBootCommand } from "@tspack/core";
import { renderTemplate } from "@tspack/core/sdk";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { keys, press, typeText, wait, waitForScreenChange, waitForStillScreen, waitForText } from "../../src/program/boot.ts";
import { settle } from "../../src/program/ref.ts";
import { secret } from "../../src/program/secret.ts";

const test = suite("boot commands");

/** What is typed once the text has been rendered and parsed; keys that are held and released count as one character. */
function typed(text: string): string {
  const rendered = renderTemplate(text, { phase: "run", workingDirectory: "/", startedAtMs: 0, data: {} });
  const { actions, problems } = parseBootCommand(rendered, { extensions: true });
  assert.equal(problems, []);
  return actions
    .map((action) => {
      if (action.kind !== "key") return `[${action.kind}]`;
      if (action.motion === "up") return "";
      return "character" in action.key ? action.key.character : `[${action.key.special}]`;
    })
    .join("");
}

test("keys and combinations", () => {
  assert.is(`${keys.enter}${keys.pageUp}`, "<enter><pageUp>");
  assert.is(press("ctrl", "c"), "<leftCtrlOn>c<leftCtrlOff>");
  assert.is(press("ctrl", "alt", "DEL"), "<leftCtrlOn><leftAltOn><del><leftAltOff><leftCtrlOff>");
  assert.is(press("rightAlt", "f1"), "<rightAltOn><f1><rightAltOff>");
  assert.is(press("a", "b"), "<aOn>b<aOff>");
  assert.is(press("tab"), "<tab>");
  assert.is(typed(press("ctrl", "<")), "[leftCtrl]<");
});

test("waits", () => {
  assert.is(wait(), "<wait1s>");
  assert.is(wait("1m20s"), "<wait1m20s>");
  assert.is(waitForText("login:"), '<waitText "login:">');
  assert.is(waitForText("login:", { within: "2m", on: "serial" }), '<waitSerial "login:" 2m>');
  assert.is(waitForStillScreen("3s"), "<waitStill 3s>");
  assert.is(waitForStillScreen("3s", { within: "1m" }), "<waitStill 3s 1m>");
  assert.is(waitForScreenChange({ within: "1m" }), "<waitChange 1m>");
});

test("a text to wait for may hold anything", () => {
  for (const text of ['say "hi" \\ > <enter>', "{{ .Name }}", "{", "a\nb\u0007", "é😀"]) {
    const command = `{{/* before */}}${waitForText(text)}`;
    const rendered = renderTemplate(command, { phase: "run", workingDirectory: "/", startedAtMs: 0, data: {} });
    const [action] = parseBootCommand(rendered, { extensions: true }).actions;
    assert.is(action?.kind === "wait-text" ? action.text : undefined, text);
  }
});

test("texts are typed as they are, whatever stands beside them", () => {
  for (const text of ["plain", "<enter> <wait5> <<x>", '{{ .Name }} {"a": {"b": 1}}', "{{{", "a<", '<waitText "x">', "%{x}"]) {
    assert.is(typed(typeText(text)), text);
    assert.is(typed(`<${typeText(text)}enter>{${typeText(text)}{`), `<${text}enter>{${text}{`);
  }
  assert.is(typed(typeText("a\nb\r\nc\td")), "a[enter]b[enter]c[tab]d");
});

test("a secret is typed by way of map, and stays secret", () => {
  const password = secret("<x>").map(typeText);
  assert.is(settle(password, { value: () => undefined }), "<<On><<Off>x>");
});

const wrong: readonly [() => string, RegExp][] = [
  [() => press(), /needs a key/],
  [() => press("ctrl", "entr"), /there is no key "entr"/],
  [() => wait("soon"), /wait\("soon"\): this is not a duration/],
  [() => wait("-1s"), /longer than zero/],
  [() => wait("0"), /longer than zero/],
  [() => wait("1s><enter>"), /this is not a duration/],
  [() => waitForText(""), /the text to wait for is empty/],
  [() => waitForText("x".repeat(1001)), /longer than 1000/],
  [() => waitForText("x", { within: "soon" }), /"soon" is not a duration/],
  [() => waitForStillScreen("1m", { within: "1s" }), /limit is shorter/],
  [() => waitForScreenChange({ within: "0s" }), /longer than zero/],
  [() => typeText("a\u0007"), /cannot be typed/],
];

for (const [call, message] of wrong) {
  test(`what cannot be meant is refused: ${message.source}`, () => {
    assert.throws(call, (error: { code: string; message: string }) => error.code === "TPK1006" && message.test(error.message));
  });
}

test.run();
