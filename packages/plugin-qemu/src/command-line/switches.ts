// QEMU's command line as switches with their values, before it becomes words.

/** A switch and what it is given, one entry for each time it stands on the command line; `""` is a switch without a value. */
export type Switches = ReadonlyMap<string, readonly string[]>;

/** Collects switches. They keep the order in which they first came, so that two logs can be compared (row QM-167). */
export class SwitchList {
  readonly #values = new Map<string, string[]>();

  /** Adds a value. `undefined` adds nothing. */
  add(name: string, value: string | undefined): void {
    if (value === undefined) return;
    const values = this.#values.get(name);
    if (values === undefined) this.#values.set(name, [value]);
    else values.push(value);
  }

  switches(): Switches {
    return this.#values;
  }
}

/** The words of a command line. */
export function wordsOf(switches: Switches): string[] {
  return [...switches].flatMap(([name, values]) => values.flatMap((value) => (value === "" ? [name] : [name, value])));
}

/** Escapes a text for a value of QEMU's, where a comma ends an entry and two stand for one. */
export function inOption(text: string): string {
  return text.replaceAll(",", ",,");
}
