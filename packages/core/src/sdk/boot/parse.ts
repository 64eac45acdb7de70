// The boot command language (rows BOOT-01..14), and our tags beside it. Every character that is no part of a tag is typed.
import { suggest } from "../../diagnostics/suggest.ts";
import { parseDuration } from "../config/duration.ts";
import type { BootAction, BootProblem, KeyAction, Stretch } from "./action.ts";
import { type BootKey, findSpecialKey, specialKeyNames } from "./key.ts";
import { LONGEST_WAIT_MS, readScreenTag } from "./screen-tag.ts";

/** How a boot command is read. */
export interface ParseBootOptions {
  /** Whether `<waitText …>`, `<waitSerial …>`, `<waitStill …>` and `<waitChange …>` mean something. Packer types them. */
  readonly extensions?: boolean | undefined;
}

/** A boot command that was read, with what is wrong with it. */
export interface ParsedBootCommand {
  /** What to do, in order. Not to be used when there are problems of severity `error`. */
  readonly actions: readonly BootAction[];
  readonly problems: readonly BootProblem[];
}

/**
 * Parses a rendered boot command. As in Packer a tag that nobody knows is typed as it stands; a warning says so where it looks
 * like a slip. Errors are waits that are not longer than zero, or too long, and our own tags written wrongly. Takes time in
 * proportion to the text.
 */
export function parseBootCommand(text: string, { extensions = false }: ParseBootOptions = {}): ParsedBootCommand {
  const actions: BootAction[] = [];
  const problems: BootProblem[] = [];
  let position = 0;
  while (position < text.length && problems.length < MOST_PROBLEMS) {
    const tag = text[position] === "<" ? readTag(text, position, extensions) : undefined;
    if (tag === undefined) {
      const character = characterAt(text, position);
      const end = position + character.length;
      if (character === "<") addSlip(text, position, extensions, problems);
      actions.push({ kind: "key", key: { character }, motion: "tap", at: { start: position, end } });
      position = end;
      continue;
    }
    if (tag.action !== undefined) actions.push(tag.action);
    if (tag.problem !== undefined) problems.push(tag.problem);
    position = tag.end;
  }
  return { actions, problems };
}

// --- internal ---

interface Tag {
  readonly action?: BootAction | undefined;
  readonly problem?: BootProblem | undefined;
  readonly end: number;
}

// Bounded repetition, so that no text makes the patterns slow.
const waitTag = /<wait((?:-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?(?:ns|us|µs|ms|s|m|h)){1,20}|0|[1-9]\d{0,30})?>/y;
const characterTag = /<(.)(on|off)>/isuy;
const nameTag = /<([a-z\d]{2,20})>/iy;
const likeTag = /<([a-z\d.]{2,20})( [a-z\d.]{1,20})?>/iy;

function readTag(text: string, start: number, extensions: boolean): Tag | undefined {
  const wait = matchAt(waitTag, text, start);
  if (wait !== undefined) return readWait(wait[1], stretchOf(start, wait));
  const held = matchAt(characterTag, text, start);
  if (held !== undefined) {
    return keyTag({ character: held[1] ?? "" }, motionOf(held[2]), stretchOf(start, held));
  }
  const named = matchAt(nameTag, text, start);
  if (named !== undefined) {
    const found = readName(named[1] ?? "");
    if (found !== undefined) return keyTag({ special: found.special }, found.motion, stretchOf(start, named));
  }
  return extensions ? readScreenTag(text, start) : undefined;
}

function readWait(amount: string | undefined, at: Stretch): Tag {
  // As in Packer 1.6.6, where a plain 0 is as good as nothing: one second.
  const written = amount === undefined || amount === "0" ? "1" : amount;
  const durationMs = /^\d+$/.test(written) ? Number(written) * 1000 : parseDuration(written);
  if (durationMs === undefined) {
    const hint = "Write it like <wait5>, <wait500ms> or <wait1m20s>.";
    return { problem: { severity: "error", message: `${JSON.stringify(written)} is not a duration`, hint, at }, end: at.end };
  }
  if (durationMs <= 0) {
    const hint = "Leave it out, or write <wait> for one second.";
    return { problem: { severity: "error", message: "a wait has to be longer than zero", hint, at }, end: at.end };
  }
  if (durationMs > LONGEST_WAIT_MS) {
    return { problem: { severity: "error", message: "a wait may last 24 days at most", at }, end: at.end };
  }
  return { action: { kind: "pause", durationMs, at }, end: at.end };
}

/** Nobody reads more of them. */
const MOST_PROBLEMS = 100;

/** A key's name, with or without `on` or `off`. Names that end so themselves (`leftOption` does) go first. */
function readName(
  name: string,
): (Pick<KeyAction, "motion"> & { readonly special: NonNullable<ReturnType<typeof findSpecialKey>> }) | undefined {
  const whole = findSpecialKey(name);
  if (whole !== undefined) return { special: whole, motion: "tap" };
  const held = /^(.+?)(on|off)$/i.exec(name);
  const special = findSpecialKey(held?.[1] ?? "");
  return special === undefined ? undefined : { special, motion: motionOf(held?.[2]) };
}

function keyTag(key: BootKey, motion: KeyAction["motion"], at: Stretch): Tag {
  return { action: { kind: "key", key, motion, at }, end: at.end };
}

function motionOf(suffix: string | undefined): "down" | "up" {
  return suffix?.toLowerCase() === "on" ? "down" : "up";
}

/** Warns of what is typed as text but was hardly meant so: `<enterr>`, `<wait 5>`, `<WAIT5>`. */
function addSlip(text: string, start: number, extensions: boolean, problems: BootProblem[]): void {
  if (problems.length >= MOST_WARNINGS) return;
  const match = matchAt(likeTag, text, start);
  if (match === undefined) return;
  const [source, word = "", rest = ""] = match;
  const meant = meantBy(word, rest.trim(), extensions);
  if (meant === undefined) return;
  problems.push({
    severity: "warning",
    message: `${source} is no key that is known, so it is typed as text`,
    hint: `Did you mean <${meant}>?`,
    at: stretchOf(start, match),
  });
}

const MOST_WARNINGS = 20;

function meantBy(word: string, rest: string, extensions: boolean): string | undefined {
  const wait = `${word}${rest}`.toLowerCase();
  if (matchAt(waitTag, `<${wait}>`, 0) !== undefined) return wait;
  if (rest !== "") return undefined;
  const words = extensions ? ["wait", "waitText", "waitSerial", "waitStill", "waitChange"] : ["wait"];
  // Short words are near to everything.
  if (word.length < 5) return undefined;
  const [, stem = "", suffix] = /^(.{4,})(on|off)$/i.exec(word) ?? [];
  const held = suggest(stem, specialKeyNames());
  return held === undefined ? suggest(word, [...specialKeyNames(), ...words]) : `${held}${suffix}`;
}

function matchAt(pattern: RegExp, text: string, start: number): RegExpExecArray | undefined {
  pattern.lastIndex = start;
  return pattern.exec(text) ?? undefined;
}

function stretchOf(start: number, match: RegExpExecArray): Stretch {
  return { start, end: start + match[0].length };
}

/** One code point, which takes two units of a string when it is above U+FFFF. */
function characterAt(text: string, position: number): string {
  return String.fromCodePoint(text.codePointAt(position) ?? 0);
}
