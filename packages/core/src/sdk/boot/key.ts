// The keys that a boot command can name, and what they are called where keys are typed: X11 keysyms (VNC, RFC 6143 §7.5.4), scan
// codes of set 1 (PC keyboards), usages of the USB HID keyboard page (HID usage tables, page 7) and QEMU's QKeyCode names.

/** The keys with a name of their own (rows BOOT-02..06), spelled as the documentation spells them. */
export type SpecialKey = keyof typeof specialKeys;

/** One key: a character of the text, or a key with a name. `A` and `a` are two keys here; shift is added when typing. */
export type BootKey = { readonly character: string } | { readonly special: SpecialKey };

/** One key as hardware knows it. */
export interface HardwareKey {
  /** Name in QEMU's monitor (`input-send-event`, `send-key`). */
  readonly qcode: string;
  /** Make code of scan code set 1; 0xe0XX for keys with that prefix. The break code has bit 7 of the last byte set. */
  readonly scancode: number;
  /** Usage on the HID keyboard page. */
  readonly usage: number;
}

/** All names, for parsers and suggestions. */
export function specialKeyNames(): readonly SpecialKey[] {
  return specialNames;
}

/** The key of a name in any spelling of upper and lower case (row BOOT-12). */
export function findSpecialKey(name: string): SpecialKey | undefined {
  return byLowerCase.get(name.toLowerCase());
}

/** True for characters typed with shift held (row BOOT-01): upper case letters, and what stands above the digits and signs. */
export function needsShift(key: BootKey): boolean {
  return "character" in key && (shiftedSigns.includes(key.character) || /^\p{Lu}$/u.test(key.character));
}

/**
 * The keysym of a key. Characters are their code points, as in Packer: right up to U+00FF (X11 protocol, appendix A), and what QEMU's
 * keymaps expect above.
 */
export function keysymOf(key: BootKey): number {
  return "special" in key ? specialKeys[key.special][0] : (key.character.codePointAt(0) ?? 0);
}

/** The key of a US keyboard; undefined for characters that it does not have, such as `é` and line breaks. */
export function hardwareKeyOf(key: BootKey): HardwareKey | undefined {
  if ("character" in key) return characterKeys.get(key.character);
  const [, qcode, scancode, usage] = specialKeys[key.special];
  return { qcode, scancode, usage };
}

/** QEMU's name of a key; undefined for characters that a US keyboard does not have. */
export function qcodeOf(key: BootKey): string | undefined {
  return hardwareKeyOf(key)?.qcode;
}

/** The bytes of pressing or releasing a key in scan code set 1; undefined for characters that a US keyboard does not have. */
export function scancodesOf(key: BootKey, down: boolean): readonly number[] | undefined {
  const code = hardwareKeyOf(key)?.scancode;
  if (code === undefined) return undefined;
  const last = (code & 0xff) | (down ? 0 : 0x80);
  return code > 0xff ? [code >> 8, last] : [last];
}

/** The usage of a key on the HID keyboard page; 0xe0 to 0xe7 are the modifiers. Undefined as for `qcodeOf`. */
export function usageOf(key: BootKey): number | undefined {
  return hardwareKeyOf(key)?.usage;
}

// --- internal ---

/** Name: keysym, qcode, scan code, usage. The keysyms of Apple's names are those of Alt and Meta, as Macs want them (row BOOT-06). */
const specialKeys = {
  bs: [0xff08, "backspace", 0x0e, 0x2a],
  del: [0xffff, "delete", 0xe053, 0x4c],
  down: [0xff54, "down", 0xe050, 0x51],
  end: [0xff57, "end", 0xe04f, 0x4d],
  enter: [0xff0d, "ret", 0x1c, 0x28],
  esc: [0xff1b, "esc", 0x01, 0x29],
  f1: [0xffbe, "f1", 0x3b, 0x3a],
  f2: [0xffbf, "f2", 0x3c, 0x3b],
  f3: [0xffc0, "f3", 0x3d, 0x3c],
  f4: [0xffc1, "f4", 0x3e, 0x3d],
  f5: [0xffc2, "f5", 0x3f, 0x3e],
  f6: [0xffc3, "f6", 0x40, 0x3f],
  f7: [0xffc4, "f7", 0x41, 0x40],
  f8: [0xffc5, "f8", 0x42, 0x41],
  f9: [0xffc6, "f9", 0x43, 0x42],
  f10: [0xffc7, "f10", 0x44, 0x43],
  f11: [0xffc8, "f11", 0x57, 0x44],
  f12: [0xffc9, "f12", 0x58, 0x45],
  home: [0xff50, "home", 0xe047, 0x4a],
  insert: [0xff63, "insert", 0xe052, 0x49],
  left: [0xff51, "left", 0xe04b, 0x50],
  leftAlt: [0xffe9, "alt", 0x38, 0xe2],
  leftCommand: [0xffe9, "meta_l", 0xe05b, 0xe3],
  leftCtrl: [0xffe3, "ctrl", 0x1d, 0xe0],
  leftOption: [0xffe7, "alt", 0x38, 0xe2],
  leftShift: [0xffe1, "shift", 0x2a, 0xe1],
  leftSuper: [0xffeb, "meta_l", 0xe05b, 0xe3],
  menu: [0xff67, "compose", 0xe05d, 0x65],
  pageDown: [0xff56, "pgdn", 0xe051, 0x4e],
  pageUp: [0xff55, "pgup", 0xe049, 0x4b],
  return: [0xff0d, "ret", 0x1c, 0x28],
  right: [0xff53, "right", 0xe04d, 0x4f],
  rightAlt: [0xffea, "alt_r", 0xe038, 0xe6],
  rightCommand: [0xffea, "meta_r", 0xe05c, 0xe7],
  rightCtrl: [0xffe4, "ctrl_r", 0xe01d, 0xe4],
  rightOption: [0xffe8, "alt_r", 0xe038, 0xe6],
  rightShift: [0xffe2, "shift_r", 0x36, 0xe5],
  rightSuper: [0xffec, "meta_r", 0xe05c, 0xe7],
  spacebar: [0x20, "spc", 0x39, 0x2c],
  tab: [0xff09, "tab", 0x0f, 0x2b],
  up: [0xff52, "up", 0xe048, 0x52],
} as const satisfies { readonly [name: string]: readonly [number, string, number, number] };

const specialNames = Object.keys(specialKeys) as readonly SpecialKey[];
const byLowerCase: ReadonlyMap<string, SpecialKey> = new Map(specialNames.map((name) => [name.toLowerCase(), name]));

const shiftedSigns = '~!@#$%^&*()_+{}|:"<>?';

/** A US keyboard: what a key types, what it types with shift, qcode, scan code, usage. Letters and digits follow below. */
const signKeys = [
  [" ", "", "spc", 0x39, 0x2c],
  ["-", "_", "minus", 0x0c, 0x2d],
  ["=", "+", "equal", 0x0d, 0x2e],
  ["[", "{", "bracket_left", 0x1a, 0x2f],
  ["]", "}", "bracket_right", 0x1b, 0x30],
  ["\\", "|", "backslash", 0x2b, 0x31],
  [";", ":", "semicolon", 0x27, 0x33],
  ["'", '"', "apostrophe", 0x28, 0x34],
  ["`", "~", "grave_accent", 0x29, 0x35],
  [",", "<", "comma", 0x33, 0x36],
  [".", ">", "dot", 0x34, 0x37],
  ["/", "?", "slash", 0x35, 0x38],
] as const;

/** Rows of letters and digits: the keys lie side by side, so their scan codes are consecutive. */
const rows = [
  ["1234567890", "!@#$%^&*()", 0x02],
  ["qwertyuiop", "QWERTYUIOP", 0x10],
  ["asdfghjkl", "ASDFGHJKL", 0x1e],
  ["zxcvbnm", "ZXCVBNM", 0x2c],
] as const;

const characterKeys: ReadonlyMap<string, HardwareKey> = new Map([
  ...signKeys.flatMap(([plain, shifted, qcode, scancode, usage]) => both(plain, shifted, { qcode, scancode, usage })),
  ...rows.flatMap(([plain, shifted, first]) =>
    [...plain].flatMap((character, index) =>
      both(character, shifted[index] ?? "", { qcode: character, scancode: first + index, usage: usageOfPlain(character) }),
    ),
  ),
]);

/** On the HID page letters are 0x04 to 0x1d in the order of the alphabet, then 1 to 9 and 0. */
function usageOfPlain(character: string): number {
  const position = "abcdefghijklmnopqrstuvwxyz1234567890".indexOf(character);
  return 0x04 + position;
}

function both(plain: string, shifted: string, key: HardwareKey): [string, HardwareKey][] {
  return shifted === "" ? [[plain, key]] : [plain, shifted].map((character) => [character, key]);
}
