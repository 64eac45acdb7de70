// Our tags that wait for the machine instead of the clock: <waitText "login:" 2m>, <waitSerial "login:" 2m>, <waitStill 3s [limit]>,
// <waitChange [limit]>. Texts stand in quotes with the escapes of JSON.
import { parseDuration } from "../config/duration.ts";
import type { BootProblem, ScreenAction, Stretch } from "./action.ts";

/** Longest time that anything in a boot command may wait: 24 days, about as much as a timer of Node can. */
export const LONGEST_WAIT_MS = 24 * 24 * 3_600_000;

/** How long the machine is waited for when a tag has no limit: 5 minutes. */
export const DEFAULT_LIMIT_MS = 5 * 60_000;

/** What stands at a tag of ours: an action, or a problem. */
export interface ScreenTag {
  readonly action?: ScreenAction | undefined;
  readonly problem?: BootProblem | undefined;
  readonly end: number;
}

/** Reads the tag at `start`; undefined when none of ours begins there. */
export function readScreenTag(text: string, start: number): ScreenTag | undefined {
  tagStart.lastIndex = start;
  const match = tagStart.exec(text);
  if (match === null) return undefined;
  const name = (match[1] ?? "").toLowerCase();
  const words = readWords(text, start + match[0].length);
  const at = { start, end: words.end };
  if (words.problem !== undefined) return { problem: { severity: "error", ...words.problem }, end: words.end };
  const made = actionOf(name, words.words, at);
  if ("message" in made) return { problem: { severity: "error", at, hint: usage(name), ...made }, end: words.end };
  return { action: made, end: words.end };
}

// --- internal ---

const tagStart = /<wait(text|serial|still|change)(?=[\s>])/iy;

interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

interface Words {
  readonly words: readonly Word[];
  readonly problem?: Omit<BootProblem, "severity"> | undefined;
  readonly end: number;
}

const space = /\s{1,100}/y;
// The bound on quoted texts keeps an unclosed quote from being looked for to the end, again and again.
const quotedWord = /"((?:[^"\\]|\\.){0,1000})"/sy;
const plainWord = /[^\s"<>]{1,100}/y;
const MOST_WORDS = 5;

function readWords(text: string, start: number): Words {
  const words: Word[] = [];
  let position = start;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const found = pattern.exec(text);
    if (found !== null) position += found[0].length;
    return found;
  };
  for (;;) {
    match(space);
    if (text[position] === ">") return { words, end: position + 1 };
    const at = position;
    const quoted = match(quotedWord);
    if (quoted !== null) {
      const value = unescapeText(quoted[1] ?? "");
      if (typeof value !== "string") {
        const message = `there is no escape ${value.escape} in a quoted text`;
        const from = at + 1 + value.offset;
        return {
          words,
          problem: { message, hint: ESCAPES, at: { start: from, end: from + value.escape.length } },
          end: skipTag(text, position),
        };
      }
      words.push({ text: value, quoted: true });
      continue;
    }
    const plain = match(plainWord);
    if (plain === null || words.length >= MOST_WORDS) return { words, problem: unreadable(text, at), end: skipTag(text, at) };
    words.push({ text: plain[0], quoted: false });
  }
}

const ESCAPES = 'Escapes are \\" \\\\ \\n \\r \\t and \\u with four hexadecimal digits.';

function unreadable(text: string, at: number): Omit<BootProblem, "severity"> {
  const stretch = { start: at, end: Math.min(at + 1, text.length) };
  if (text[at] === '"') {
    return {
      message: "the quote is not closed, or its text is longer than 1000 characters",
      hint: 'Write \\" for a quote in the text.',
      at: stretch,
    };
  }
  return { message: 'a ">" is missing at the end of the tag', at: stretch };
}

/** Where parsing goes on after a mistake: behind the next `>`, or at once when it is far. */
function skipTag(text: string, from: number): number {
  const close = text.slice(from, from + 200).indexOf(">");
  return close === -1 ? Math.min(from + 1, text.length) : from + close + 1;
}

const escapes: { readonly [letter: string]: string } = { '"': '"', "\\": "\\", "/": "/", n: "\n", r: "\r", t: "\t" };

/** The text that a quoted text stands for, or the escape that means nothing. */
function unescapeText(written: string): string | { readonly escape: string; readonly offset: number } {
  let wrong: { escape: string; offset: number } | undefined;
  const text = written.replace(/\\(u[\da-f]{4}|.)/gis, (sequence: string, letter: string, offset: number) => {
    if (letter.length > 1) return String.fromCharCode(Number.parseInt(letter.slice(1), 16));
    const meant = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
    if (meant === undefined) wrong ??= { escape: sequence, offset };
    return meant ?? "";
  });
  return wrong ?? text;
}

type Refusal = Pick<BootProblem, "message">;

function actionOf(name: string, words: readonly Word[], at: Stretch): ScreenAction | Refusal {
  const quoted = words.filter((word) => word.quoted);
  const plain = words.filter((word) => !word.quoted);
  const takesText = name === "text" || name === "serial";
  const [text] = quoted;
  if (takesText && (text === undefined || quoted.length > 1 || words[0] !== text))
    return { message: "one text in quotes has to come first" };
  if (takesText && text?.text === "") return { message: "the text to wait for is empty" };
  if (!takesText && text !== undefined) return { message: "no text is expected here" };
  const durations = plain.map((word) => durationOf(word.text));
  const wrong = durations.find((one) => typeof one !== "number");
  if (typeof wrong === "object") return wrong;
  const numbers = durations.filter((one) => typeof one === "number");
  const most = name === "still" ? 2 : 1;
  if (numbers.length > most) return { message: "there are too many durations" };
  if (name === "still") {
    const [durationMs, limitMs] = numbers;
    if (durationMs === undefined) return { message: "the time that the screen has to stay as it is, is missing" };
    if (limitMs !== undefined && limitMs < durationMs)
      return { message: "the limit is shorter than the time that the screen has to stay as it is" };
    return { kind: "wait-still", durationMs, limitMs: limitMs ?? Math.max(DEFAULT_LIMIT_MS, 2 * durationMs), at };
  }
  const [limitMs = DEFAULT_LIMIT_MS] = numbers;
  if (text !== undefined) return { kind: "wait-text", text: text.text, source: name === "serial" ? "serial" : "any", limitMs, at };
  return { kind: "wait-change", limitMs, at };
}

/** Whole numbers are seconds, as in `<wait5>`. */
function durationOf(text: string): number | Refusal {
  const durationMs = /^\d{1,10}$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (durationMs === undefined) return { message: `${JSON.stringify(text)} is not a duration` };
  if (durationMs <= 0) return { message: "a wait has to be longer than zero" };
  if (durationMs > LONGEST_WAIT_MS) return { message: "a wait may last 24 days at most" };
  return durationMs;
}

function usage(name: string): string {
  switch (name) {
    case "text":
      return 'Write it like <waitText "login:" 2m>; the limit may be left out.';
    case "serial":
      return 'Write it like <waitSerial "login:" 2m>; the limit may be left out.';
    case "still":
      return "Write it like <waitStill 3s> or <waitStill 3s 2m>: how long nothing may change, and the limit.";
    default:
      return "Write it like <waitChange> or <waitChange 2m>.";
  }
}
