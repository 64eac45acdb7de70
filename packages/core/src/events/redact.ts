// The one place where secrets are removed (rows SEC). Everything a run emits passes through `Redactor.event`.
import type { RunEvent } from "./event.ts";
import { type LiteralMatch, LiteralTree } from "./literal-tree.ts";
import { secretForms } from "./secret-forms.ts";

/** Fields whose values are words of the event format: a secret that happens to be `error` must not break consumers. */
const structural: ReadonlySet<string> = new Set(["kind", "phase", "stream", "level", "outcome", "severity", "code"]);

/** What stands in place of a secret (row SEC-01). */
export const SENSITIVE = "<sensitive>";

/**
 * Replaces secrets in text, in every form they may be written in (see secret-forms.ts). Secrets can be added at any time and are
 * never forgotten.
 */
export class Redactor {
  readonly #forms = new LiteralTree();
  readonly #known = new Set<string>();

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.add(secret);
  }

  add(secret: string): void {
    if (secret === "" || this.#known.has(secret)) return;
    this.#known.add(secret);
    for (const form of secretForms(secret)) this.#forms.add(form);
  }

  /** The text without secrets; secrets that overlap are hidden together. */
  text(text: string): string {
    let result = "";
    let done = 0;
    for (const { start, end } of this.#spans(text)) {
      result += text.slice(done, start) + SENSITIVE;
      done = end;
    }
    return done === 0 ? text : result + text.slice(done);
  }

  /** An event with every text in it redacted; the same object when nothing was found. */
  event(event: RunEvent): RunEvent {
    return this.data(event);
  }

  /** The same for other data that leaves a run: diagnostics, with their source lines, and results. */
  data<T>(value: T): T {
    return this.#known.size === 0 ? value : (this.#walk(value) as T);
  }

  /**
   * How many characters at the end of `text` may be the beginning of a secret that goes on in the next piece of a stream. A
   * secret that is whole is never cut by that: it belongs to the end altogether.
   */
  openTail(text: string): number {
    const open = this.#forms.findOpen(text);
    if (open === text.length) return 0;
    for (const { start, end } of this.#spans(text)) if (start < open && open < end) return text.length - start;
    return text.length - open;
  }

  // --- internal ---

  /** Where secrets stand, each with all that overlap it. */
  *#spans(text: string): Generator<LiteralMatch> {
    let match = this.#forms.find(text);
    while (match !== undefined) {
      const { start } = match;
      let { end } = match;
      // Another secret may begin inside this one and reach further.
      match = this.#forms.find(text, start + 1);
      while (match !== undefined && match.start < end) {
        end = Math.max(end, match.end);
        match = this.#forms.find(text, match.start + 1);
      }
      yield { start, end };
    }
  }

  #walk(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) {
      let changed = false;
      const items = value.map((item) => {
        const walked = this.#walk(item);
        changed ||= walked !== item;
        return walked;
      });
      return changed ? items : value;
    }
    if (typeof value !== "object" || value === null) return value;
    let copy: { [name: string]: unknown } | undefined;
    for (const [name, item] of Object.entries(value)) {
      if (structural.has(name) || (name === "file" && isRange(value))) continue;
      const walked = this.#walk(item);
      if (walked === item) continue;
      copy ??= { ...value };
      copy[name] = walked;
    }
    return copy ?? value;
  }
}

/**
 * The place of a mistake in the user's own file. Its path is no secret, also where it holds the same word as a weak one: the password
 * `ubuntu` would otherwise hide which file of `ubuntu/` is wrong.
 */
function isRange(value: object): boolean {
  return "start" in value && "end" in value && typeof value.start === "object" && typeof value.end === "object";
}
