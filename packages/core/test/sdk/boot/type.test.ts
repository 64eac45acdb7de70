import { rejects, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { TspackError } from "../../../src/diagnostics/error.ts";
import type { BootKey } from "../../../src/sdk/boot/key.ts";
import { keysymOf, qcodeOf } from "../../../src/sdk/boot/key.ts";
import type { Keyboard, KeyEvent, ScreenWaits } from "../../../src/sdk/boot/keyboard.ts";
import { parseBootCommand } from "../../../src/sdk/boot/parse.ts";
import { scancodeKeyboard } from "../../../src/sdk/boot/scancode-keyboard.ts";
import { createTypist, typeBootCommand } from "../../../src/sdk/boot/type.ts";
import { type UsbReport, usbKeyboard } from "../../../src/sdk/boot/usb-keyboard.ts";

const { signal } = new AbortController();
const hex = (value: number): string => value.toString(16);
const named = (key: BootKey): string => ("special" in key ? key.special : key.character);
const shown = (events: readonly KeyEvent[], name: (key: BootKey) => string): string =>
  events.map(({ key, down }) => `${down ? "+" : "-"}${name(key)}`).join(" ");

/** Types on a keyboard that records what it is sent: one text for each send. */
async function typed(text: string, strokes: Keyboard["strokes"], name: (key: BootKey) => string): Promise<string[]> {
  const sends: string[] = [];
  const keyboard: Keyboard = { strokes, intervalMs: 0, send: async (events) => void sends.push(shown(events, name)) };
  await typeBootCommand(parseBootCommand(text).actions, keyboard, { signal });
  return sends;
}

/** Seen by a VNC server that Packer 1.6.6 typed at, but for the keys after the bar, which only newer versions know. */
const asPacker: readonly [string, string][] = [
  ["aB<enter>", "+61 -61 +ffe1 +42 -42 -ffe1 +ff0d -ff0d"],
  [
    "<bs><del><down><end><enter><esc><home><insert><left>",
    "+ff08 -ff08 +ffff -ffff +ff54 -ff54 +ff57 -ff57 +ff0d -ff0d +ff1b -ff1b +ff50 -ff50 +ff63 -ff63 +ff51 -ff51",
  ],
  [
    "<leftAlt><leftCtrl><leftShift><leftSuper><rightAlt><rightCtrl><rightShift><rightSuper>",
    "+ffe9 -ffe9 +ffe3 -ffe3 +ffe1 -ffe1 +ffeb -ffeb +ffea -ffea +ffe4 -ffe4 +ffe2 -ffe2 +ffec -ffec",
  ],
  [
    "<pageDown><pageUp><return><right><spacebar><tab><up>",
    "+ff56 -ff56 +ff55 -ff55 +ff0d -ff0d +ff53 -ff53 +20 -20 +ff09 -ff09 +ff52 -ff52",
  ],
  ["<f1><f2><f9><f10><f11><f12>", "+ffbe -ffbe +ffbf -ffbf +ffc6 -ffc6 +ffc7 -ffc7 +ffc8 -ffc8 +ffc9 -ffc9"],
  ["<leftShiftOn>aA<leftShiftOff>b", "+ffe1 +61 -61 +ffe1 +41 -41 -ffe1 -ffe1 +62 -62"],
  ["<1on><1off>~?-`", "+31 -31 +ffe1 +7e -7e -ffe1 +ffe1 +3f -3f -ffe1 +2d -2d +60 -60"],
  ["é€😀É", "+e9 -e9 +20ac -20ac +1f600 -1f600 +ffe1 +c9 -c9 -ffe1"],
  ["<f13>", "+ffe1 +3c -3c -ffe1 +66 -66 +31 -31 +33 -33 +ffe1 +3e -3e -ffe1"],
  ["<en" + "ter>", "+ff0d -ff0d"],
  ["<menu><leftCommand><rightCommand><leftOption><rightOption>", "+ff67 -ff67 +ffe9 -ffe9 +ffea -ffea +ffe7 -ffe7 +ffe8 -ffe8"],
];

for (const [text, events] of asPacker) {
  test(`VNC gets the key events for ${text} that Packer sends`, async () => {
    assert.is((await typed(text, "separate", (key) => hex(keysymOf(key)))).join(" "), events);
  });
}

test("where strokes are sent together, shift goes with its character", async () => {
  assert.equal(await typed("aB<leftCtrlOn>c", "together", named), [
    "+a -a",
    "+leftShift +B -B -leftShift",
    "+leftCtrl",
    "+c -c",
    "-leftCtrl",
  ]);
});

test("keys that are held are released in reverse when typing is given up, and typing stops", async () => {
  const abort = new AbortController();
  const sends: string[] = [];
  const keyboard: Keyboard = {
    strokes: "separate",
    intervalMs: 0,
    async send(events) {
      sends.push(shown(events, named));
      if (sends.length === 3) abort.abort();
    },
  };
  const typing = typeBootCommand(parseBootCommand("<leftCtrlOn><leftAltOn>xyz").actions, keyboard, { signal: abort.signal });
  await rejects(typing, { code: "TPK6009" });
  assert.equal(sends, ["+leftCtrl", "+leftAlt", "+x", "-x", "-leftAlt", "-leftCtrl"]);
});

test("a keyboard that hangs, and a wait, end when typing is cancelled", async () => {
  for (const text of ["a", "<wait1h>"]) {
    const abort = new AbortController();
    const keyboard: Keyboard = { strokes: "together", intervalMs: 0, send: () => new Promise(() => queueMicrotask(() => abort.abort())) };
    if (text !== "a") queueMicrotask(() => abort.abort());
    const typist = createTypist(keyboard, { signal: abort.signal });
    await rejects(typist.type(parseBootCommand(text).actions), { code: "TPK6009" });
  }
});

test("a typist keeps keys held from one command to the next", async () => {
  const sends: string[] = [];
  const keyboard: Keyboard = { strokes: "together", intervalMs: 0, send: async (events) => void sends.push(shown(events, named)) };
  const typist = createTypist(keyboard, { signal });
  for (const step of ["<leftAltOn>", "x"]) await typist.type(parseBootCommand(step).actions);
  assert.equal(sends, ["+leftAlt", "+x -x"]);
  await typist.release();
  assert.equal(sends.slice(2), ["-leftAlt"]);
});

/** Types with a screen that records what is asked of it. `answers` says what a wait does. */
async function withScreen(text: string, answers: Partial<ScreenWaits>): Promise<string[]> {
  const log: string[] = [];
  const keyboard: Keyboard = {
    strokes: "together",
    intervalMs: 0,
    send: async ([event]) => void log.push(event === undefined ? "" : named(event.key)),
  };
  const waits: ScreenWaits = {
    text: async (wanted, source) => void log.push(`text ${wanted} ${source}`),
    still: async (durationMs) => void log.push(`still ${durationMs}`),
    snapshot: async () => {
      log.push("snapshot");
      return `picture ${log.length}`;
    },
    change: async (snapshot) => void log.push(`change from ${snapshot}`),
    ...answers,
  };
  await typeBootCommand(parseBootCommand(text, { extensions: true }).actions, keyboard, { signal, waits });
  return log;
}

test("waits for the machine stand between the keys around them", async () => {
  const seen = await withScreen('a<waitText "x" 1s><waitSerial "y">b<waitStill 2s>c', {});
  assert.equal(seen, ["a", "text x any", "text y serial", "b", "still 2000", "c"]);
});

test("a change is waited for from before the last key on, so that a quick one is not missed", async () => {
  assert.equal(await withScreen("ab<wait1ms><waitChange>c<waitChange><waitChange>", {}), [
    "a",
    "snapshot",
    "b",
    "change from picture 2",
    "snapshot",
    "c",
    "change from picture 5",
    "snapshot",
    "change from picture 8",
  ]);
});

test("a limit that passes is an error that says what was waited for", async () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const texts: readonly [string, RegExp][] = [
    ['<waitText "login:" 2ms>', /^the boot command waited 2 milliseconds for the text "login:" on the screen or the serial console$/],
    ["<waitStill 1ms 2ms>", /for a screen that stays as it is for 1 millisecond$/],
    ["<waitChange 2ms>", /for the screen to change$/],
  ];
  for (const [text, message] of texts) {
    const error = await rejects(withScreen(text, { text: never, still: never, change: never }), { code: "TPK6005", message });
    assert.is(TspackError.is(error) && error.option, "boot_command");
  }
});

test("a screen that cannot be looked at keeps nobody from cancelling", async () => {
  const cancel = new AbortController();
  const keyboard: Keyboard = { strokes: "separate", intervalMs: 0, send: async () => undefined };
  const never = (): Promise<never> => new Promise(() => undefined);
  const snapshot = (): Promise<never> => {
    setImmediate(() => cancel.abort());
    return never();
  };
  // The last keys were sent, and sending what is left takes until after the cancellation.
  const flush = async (): Promise<void> => cancel.abort();
  const waits = { text: never, still: never, change: never, snapshot };
  for (const [text, typedOn] of [
    ["a<waitChange>", keyboard],
    ["<waitStill 1s>", { ...keyboard, flush }],
  ] as const) {
    const { actions } = parseBootCommand(text, { extensions: true });
    await within(20_000, () => rejects(typeBootCommand(actions, typedOn, { signal: cancel.signal, waits }), { code: "TPK6009" }));
  }
});

test("a wait that fails by itself keeps its own error", async () => {
  await rejects(withScreen('<waitText "a">', { text: () => Promise.reject(new Error("the monitor closed")) }), {
    message: /^the monitor closed$/,
  });
});

test("scan codes are collected, sent in chunks, and flushed at waits and at the end", async () => {
  const sends: string[] = [];
  const keyboard = scancodeKeyboard({
    send: async (codes) => void sends.push(codes.map((code) => hex(code).padStart(2, "0")).join(" ")),
    chunkSize: 5,
    groupIntervalMs: 0,
  });
  await typeBootCommand(parseBootCommand("aBéÉ<up><wait1ms><leftAltOn>c").actions, keyboard, { signal });
  assert.equal(sends, ["1e 9e", "2a 30 b0 aa", "e0 48 e0 c8", "38 2e ae", "b8"]);
});

test("a USB keyboard reports modifiers as bits, and the keys that are down", async () => {
  const reports: string[] = [];
  const keyboard = usbKeyboard(
    async ({ modifiers, usages }: UsbReport) => void reports.push(`${hex(modifiers)}:${usages.map(hex).join(",")}`),
  );
  await typeBootCommand(parseBootCommand("<rightCtrlOn>0<rightCtrlOff>A").actions, keyboard, { signal, keyIntervalMs: 0 });
  assert.equal(reports, ["10:", "10:27", "10:", "0:", "2:", "2:4", "2:", "0:"]);
});

test("every key of a US keyboard has a name in QEMU, and other characters have none", () => {
  const names = new Set(Array.from({ length: 95 }, (_, index) => qcodeOf({ character: String.fromCharCode(0x20 + index) })));
  assert.is(names.size, 48);
  assert.not(names.has(undefined));
  for (const character of ["é", "\n", "\t", "\u007f"]) assert.is(qcodeOf({ character }), undefined);
});

test.run();
