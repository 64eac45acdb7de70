import { lab, rejects } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { errorText } from "../../../src/diagnostics/error.ts";
import type { Keyboard } from "../../../src/sdk/boot/keyboard.ts";
import { parseBootCommand } from "../../../src/sdk/boot/parse.ts";
import { qmpKeyboard } from "../../../src/sdk/boot/qmp-keyboard.ts";
import { scancodeKeyboard } from "../../../src/sdk/boot/scancode-keyboard.ts";
import { typeBootCommand } from "../../../src/sdk/boot/type.ts";
import { connectVnc } from "../../../src/sdk/boot/vnc.ts";
import { startTypingMachine, type TypingMachine } from "./typing-machine.ts";

const labTest = lab(test, "qemu-system-x86_64");
const { signal } = new AbortController();
const PASSWORD = "s3cretpw";
let machine: TypingMachine | undefined;

async function started(): Promise<TypingMachine> {
  machine ??= await startTypingMachine(PASSWORD);
  return machine;
}

test.after(() => machine?.stop());

const everyCharacter = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)).join("");
const specials = "<leftCtrlOn>c<leftCtrlOff><up><f1><del><leftAltOn>x<leftAltOff><bs><tab><esc><enter>";
const specialsSeen = "[^3][48][3b][53][2d][^8][^9][^27][^13]";

/** Types pieces that are small enough for the keyboard controller (16 bytes), each when the machine has got the last: however slow it is. */
async function typeSlowly(keyboard: Keyboard, pieces: readonly string[]): Promise<string> {
  const { nextKeys } = await started();
  let seen = "";
  for (const piece of pieces) {
    const { actions } = parseBootCommand(piece);
    await typeBootCommand(actions, keyboard, { signal, keyIntervalMs: 0 });
    seen += await nextKeys(piece.startsWith("<") && piece.length > 2 ? 1 : piece.length);
  }
  return seen;
}

labTest("every character and the special keys arrive through QEMU's monitor", async () => {
  const { qmp, keysUntil } = await started();
  const { actions } = parseBootCommand(everyCharacter + specials);
  await typeBootCommand(actions, qmpKeyboard(qmp), { signal });
  assert.is(await keysUntil("[^13]"), everyCharacter + specialsSeen);
});

labTest("every character and the special keys arrive over VNC", async () => {
  const { vncPath } = await started();
  const vnc = await connectVnc({ address: { path: vncPath }, signal });
  assert.is(await typeSlowly(vnc, everyCharacter.match(/.{1,2}/g) ?? []), everyCharacter);
  assert.is(await typeSlowly(vnc, specials.match(/<\w+On>.*?Off>|<\w+>/g) ?? []), specialsSeen);
  vnc.close();
});

labTest("scan codes are those of the machine's keyboard", async () => {
  const { qmp } = await started();
  const keyboard = scancodeKeyboard({
    send: async (codes) => void (await qmp("input-send-event", { events: asNumbers(codes) })),
    groupIntervalMs: 0,
  });
  assert.is(await typeSlowly(keyboard, everyCharacter.match(/.{1,2}/g) ?? []), everyCharacter);
  assert.is(await typeSlowly(keyboard, specials.match(/<\w+On>.*?Off>|<\w+>/g) ?? []), specialsSeen);
});

/** QEMU takes scan codes as numbers, with bit 7 in place of the prefix E0. */
function asNumbers(codes: readonly number[]): object[] {
  return codes.flatMap((code, index) => {
    if (code === 0xe0) return [];
    const data = (code & 0x7f) | (codes[index - 1] === 0xe0 ? 0x80 : 0);
    return [{ type: "key", data: { down: code < 0x80, key: { type: "number", data } } }];
  });
}

labTest("a VNC server with a password is typed at, and a wrong or missing password is refused", async () => {
  const { vncPort: port } = await started();
  const address = { host: "127.0.0.1", port };
  const vnc = await connectVnc({ address, password: PASSWORD, signal });
  assert.is(await typeSlowly(vnc, ["H", "i", "<enter>"]), "Hi[^13]");
  vnc.close();
  const wrong = await rejects(connectVnc({ address, password: "other", signal }), { code: "TPK5002" });
  assert.match(errorText(wrong), /no VNC connection to 127\.0\.0\.1:\d+ could be made: the VNC server refuses the password/);
  const missing = await rejects(connectVnc({ address, signal }), { code: "TPK5002" });
  assert.match(errorText(missing), /asks for a password, and there is none/);
});

labTest("keys that a boot command leaves held are released at its end", async () => {
  const { qmp, keysUntil } = await started();
  const keyboard = qmpKeyboard(qmp);
  await typeBootCommand(parseBootCommand("<leftShiftOn>a").actions, keyboard, { signal });
  await typeBootCommand(parseBootCommand("b<enter>").actions, keyboard, { signal });
  assert.is(await keysUntil("[^13]"), "Ab[^13]");
});

labTest("a USB keyboard is typed on at the pace at which it is asked for keys", async () => {
  const usb = await startTypingMachine(PASSWORD, ["-device", "qemu-xhci", "-device", "usb-kbd"]);
  await typeBootCommand(parseBootCommand("Usb<enter>").actions, qmpKeyboard(usb.qmp), { signal });
  assert.is(await usb.keysUntil("[^13]"), "Usb[^13]");
  await usb.stop();
});

labTest("a machine that ends is noticed while typing", async () => {
  const { vncPath, stop } = await started();
  const vnc = await connectVnc({ address: { path: vncPath }, signal });
  const typing = typeBootCommand(parseBootCommand("x".repeat(100_000)).actions, vnc, { signal });
  await Promise.all([stop(), rejects(typing, { code: "TPK5004", message: /connection to .* was lost/ })]);
});

test.run();
