/** `amazon-ebs` → `AmazonEbs`; `source_ami_filter` → `SourceAmiFilter`. */
export function pascalCase(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const joined = words.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`).join("");
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

/** A property as it is written in an interface: quoted where it has to be. */
export function propertyKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** Two spaces before every line. */
export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

/** The names that a module has given to its interfaces: each once. */
export class InterfaceNames {
  readonly #taken = new Set<string>();

  /** The wanted name, or, where it is taken, the first of the others that is free, or the name with a number. */
  take(wanted: string, ...others: readonly string[]): string {
    for (const name of [wanted, ...others]) {
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      return name;
    }
    let number = 2;
    while (this.#taken.has(`${wanted}${number}`)) number++;
    return this.take(`${wanted}${number}`);
  }
}
