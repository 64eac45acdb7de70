// The one place where secrets are removed (rows SEC). Everything a run emits passes through `Redactor.event`.
import type { RunEvent } from "./event.ts";
import { literalsPattern } from "./literals-pattern.ts";
import { secretForms } from "./secret-forms.ts";

/** Fields whose values are words of the event format: a secret that happens to be `error` must not break consumers. */
const structural: ReadonlySet<string> = new Set(["kind", "phase", "stream", "level", "outcome", "severity", "code"]);

/** What stands in place of a secret (row SEC-01). */
export const SENSITIVE = "<sensitive>";

/**
 * Replaces secrets in text, in every form they may be written in (see secret-forms.ts). Secrets can be added at any time and are
 * never forgotten. The pattern is compiled when it is next needed, so adding many at once costs one compilation.
 */
export class Redactor {
  readonly #forms = new Set<string>();
  readonly #known = new Set<string>();
  #pattern: RegExp | undefined;

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.add(secret);
  }

  add(secret: string): void {
    if (secret === "" || this.#known.has(secret)) return;
    this.#known.add(secret);
    for (const form of secretForms(secret)) this.#forms.add(form);
    this.#pattern = undefined;
  }

  /** The text without secrets; secrets that overlap are hidden together. */
  text(text: string): string {
    if (this.#forms.size === 0 || text === "") return text;
    const pattern = this.#compiled();
    pattern.lastIndex = 0;
    let match = pattern.exec(text);
    if (match === null) return text;
    let result = "";
    let done = 0;
    while (match !== null) {
      const start = match.index;
      let end = start + match[0].length;
      // Another secret may begin inside this one and reach further.
      pattern.lastIndex = start + 1;
      match = pattern.exec(text);
      while (match !== null && match.index < end) {
        end = Math.max(end, match.index + match[0].length);
        pattern.lastIndex = match.index + 1;
        match = pattern.exec(text);
      }
      result += text.slice(done, start) + SENSITIVE;
      done = end;
    }
    return result + text.slice(done);
  }

  /** An event with every text in it redacted; the same object when nothing was found. */
  event(event: RunEvent): RunEvent {
    return this.data(event);
  }

  /** The same for other data that leaves a run: diagnostics, with their source lines, and results. */
  data<T>(value: T): T {
    return this.#forms.size === 0 ? value : (this.#walk(value) as T);
  }

  /**
   * How many characters at the end of `text` may be the beginning of a secret that goes on in the next piece of a stream.
   * Looked for in the last `limit` characters.
   */
  openTail(text: string, limit = 4096): number {
    let longest = 0;
    const from = Math.max(0, text.length - limit);
    for (const form of this.#forms) {
      for (let length = Math.min(form.length - 1, text.length - from); length > longest; length--) {
        if (text.endsWith(form.slice(0, length))) {
          longest = length;
          break;
        }
      }
    }
    return longest;
  }

  #compiled(): RegExp {
    this.#pattern ??= new RegExp(literalsPattern(this.#forms), "g");
    return this.#pattern;
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
      if (structural.has(name)) continue;
      const walked = this.#walk(item);
      if (walked === item) continue;
      copy ??= { ...value };
      copy[name] = walked;
    }
    return copy ?? value;
  }
}
