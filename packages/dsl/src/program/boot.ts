// Pieces of boot commands. Each function returns text in Packer's boot command language, or with our tags that wait for the machine,
// for `boot_command` and `boot_steps`.
import { didYouMean, findSpecialKey, parseBootCommand, type SpecialKey, specialKeyNames, TspackError } from "@tspack/core";

/** A key with a name: those of the boot command language, and the four modifiers of the left side by their short names. */
export type BootKeyName = SpecialKey | keyof typeof modifiers;

/** Time as in `"5s"`, `"500ms"`, `"1m20s"`. */
export type BootDuration = string;

/** How long the machine is waited for, as in `"2m"`; 5 minutes unless given. */
export interface WaitLimit {
  readonly within?: BootDuration | undefined;
}

/**
 * The keys with names, as tags: `keys.enter` is `<enter>`.
 *
 * @example
 * source("qemu", "debian", { boot_command: [keys.esc, "auto url=http://{{ .HTTPIP }}:{{ .HTTPPort }}/preseed.cfg", keys.enter] });
 */
export const keys: { readonly [K in SpecialKey]: `<${K}>` } = Object.fromEntries(specialKeyNames().map((name) => [name, `<${name}>`])) as {
  readonly [K in SpecialKey]: `<${K}>`;
};

/**
 * Presses keys together: all but the last are held meanwhile. A key is a name or one character. Throws TPK1006 for what is neither.
 *
 * @example
 * press("ctrl", "x"); // <leftCtrlOn>x<leftCtrlOff>
 */
export function press(...combination: readonly (BootKeyName | (string & {}))[]): string {
  const names = combination.map(keyName);
  const last = names.at(-1);
  if (last === undefined) throw wrong("press() needs a key");
  const held = names.slice(0, -1);
  const down = held.map((name) => `<${name}On>`);
  const up = held.reverse().map((name) => `<${name}Off>`);
  return [...down, last.length > 1 && findSpecialKey(last) !== undefined ? `<${last}>` : characterText(last), ...up].join("");
}

/** Waits, 1 second unless a time is given. Throws TPK1006 for what is no time longer than zero. */
export function wait(duration: BootDuration = "1s"): string {
  // The language takes a plain 0 for one second.
  if (duration === "0") throw wrong('wait("0"): a wait has to be longer than zero', "Leave it out.");
  return checked(`<wait${duration}>`, `wait(${JSON.stringify(duration)})`);
}

/**
 * Types a text as it is: what would be a tag or a template string in it is typed like all else. Ends of lines become Enter. For a text
 * that is known only later, or secret: `password.map(typeText)`. Throws TPK1006 for control characters.
 */
export function typeText(text: string): string {
  return (text.match(/\r\n|./gsu) ?? []).map(characterText).join("");
}

/**
 * Waits until a text is there: on the screen in text mode, or on the serial console, or with `on: "serial"` only there. Builders that
 * see neither refuse it. Throws TPK1006 for an empty or very long text, or a limit that is no time.
 *
 * @example
 * boot_command: [waitForText("login:", { within: "2m" }), "root", keys.enter]
 */
export function waitForText(text: string, { within, on = "any" }: WaitLimit & { readonly on?: "serial" | "any" | undefined } = {}): string {
  const tag = on === "serial" ? "waitSerial" : "waitText";
  return checked(`<${tag} "${quoted(text)}"${limit(within)}>`, `waitForText(${JSON.stringify(text)})`);
}

/** Waits until the screen has not changed for some time. Throws TPK1006 for what is no time, or a limit shorter than it. */
export function waitForStillScreen(duration: BootDuration, { within }: WaitLimit = {}): string {
  return checked(`<waitStill ${duration}${limit(within)}>`, `waitForStillScreen(${JSON.stringify(duration)})`);
}

/** Waits until the screen shows something else than right before the last key was pressed. Throws TPK1006 for a limit that is no time. */
export function waitForScreenChange({ within }: WaitLimit = {}): string {
  return checked(`<waitChange${limit(within)}>`, "waitForScreenChange()");
}

// --- internal ---

const modifiers = { ctrl: "leftCtrl", alt: "leftAlt", shift: "leftShift", super: "leftSuper" } as const;

function isModifier(name: string): name is keyof typeof modifiers {
  return Object.hasOwn(modifiers, name);
}

/** The name in the boot command language, or the character itself. */
function keyName(name: string): string {
  if (isModifier(name)) return modifiers[name];
  const special = findSpecialKey(name);
  if (special !== undefined) return special;
  if ([...name].length === 1) return name;
  throw wrong(`there is no key ${JSON.stringify(name)}`, didYouMean(name, [...specialKeyNames(), ...Object.keys(modifiers)]));
}

/** One character, or end of line, as text that types just it. */
function characterText(character: string): string {
  if (character === "\n" || character === "\r" || character === "\r\n") return keys.enter;
  if (character === "\t") return keys.tab;
  // Together with what comes before or after it, this could begin a tag or a template string: hold and release cannot.
  if (character === "<" || character === "{") return `<${character}On><${character}Off>`;
  if (/^\p{Cc}$/u.test(character)) throw wrong(`the character ${JSON.stringify(character)} cannot be typed`);
  return character;
}

/** The inside of a quoted text. A brace is escaped, since template strings are rendered before the text is read. */
function quoted(text: string): string {
  return text.replace(/[\\"{\p{Cc}]/gu, (character) => {
    if (character === "\\" || character === '"') return `\\${character}`;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function limit(within: BootDuration | undefined): string {
  return within === undefined ? "" : ` ${within}`;
}

/** The tag, if it is one. */
function checked(tag: string, call: string): string {
  const { actions, problems } = parseBootCommand(tag, { extensions: true });
  const [problem] = problems;
  if (problem !== undefined) throw wrong(`${call}: ${problem.message}`, problem.severity === "error" ? problem.hint : undefined);
  if (actions.length !== 1) throw wrong(`${call}: this is not a duration`, 'Write a time like "5s", "500ms" or "1m20s".');
  return tag;
}

function wrong(message: string, hint?: string): TspackError {
  return new TspackError(message, { code: "TPK1006", hint });
}
