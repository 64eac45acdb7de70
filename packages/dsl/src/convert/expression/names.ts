/** Identifiers in use. A child scope is a function's: it sees the names around it and hides none of them. */
export class NameScope {
  readonly #parent: NameScope | undefined;
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = [], parent?: NameScope) {
    this.#taken = new Set(taken);
    this.#parent = parent;
  }

  /** Takes a legal name near the wish, which may be any text: `disk-size` becomes `diskSize`, a second one `diskSize2`. */
  fresh(wish: string): string {
    const base = identifier(wish);
    let name = base;
    for (let count = 2; this.has(name); count++) name = `${base}${count}`;
    this.#taken.add(name);
    return name;
  }

  /** A name for one of many, in a function's parameters: where `subnetFilter` is taken, `filter`, and where `image` is, `eachImage`. */
  parameter(wish: string): string {
    const base = identifier(wish);
    if (!this.has(base)) return this.fresh(base);
    const lastWord = /[\p{Ll}\d](\p{Lu}\p{Ll}+)$/u.exec(base)?.[1];
    const short = lastWord === undefined ? base : identifier(lastWord);
    return this.fresh(this.has(short) ? `each${upperFirst(base)}` : short);
  }

  /** True if the name is taken, here or further out. */
  has(name: string): boolean {
    return this.#taken.has(name) || (this.#parent?.has(name) ?? false);
  }

  child(): NameScope {
    return new NameScope([], this);
  }
}

/** A legal identifier in camelCase for a name of HCL: `ssh_username` becomes `sshUsername`, `2nd-disk` `_2ndDisk`. */
export function identifier(name: string): string {
  const words = name.split(/[^\p{ID_Continue}$]+|_+/u).filter((word) => word !== "");
  const camel = words
    .map((word, index) => {
      // Names in capitals (`DISTRO_NAME`) are words like others; `vCPU` keeps its form.
      const plain = /^[A-Z0-9]+$/.test(word) && word.length > 1 ? word.toLowerCase() : word;
      return index === 0 ? lowerFirst(plain) : upperFirst(plain);
    })
    .join("");
  const legal = camel === "" ? "value" : /^\p{ID_Start}/u.test(camel) ? camel : `_${camel}`;
  return reserved.has(legal) ? `${legal}Value` : legal;
}

/** True if a key needs no quotes in an object literal, and may stand behind a dot. */
export function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);
}

/** A name for one of several: `images` becomes `image`; `item` where that does not work. */
export function singular(text: string): string {
  const last = /([\p{ID_Start}_][\p{ID_Continue}]*)[^\p{ID_Continue}]*$/u.exec(text)?.[1] ?? "";
  if (/ies$/.test(last) && last.length > 4) return `${last.slice(0, -3)}y`;
  if (/(s|x|z|ch|sh)es$/.test(last)) return last.slice(0, -2);
  return /[^s]s$/.test(last) && last.length > 2 ? last.slice(0, -1) : "item";
}

// --- internal ---

const lowerFirst = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1);
const upperFirst = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Words that cannot be names in a module, and globals that generated code relies on. */
const reserved: ReadonlySet<string> = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for
   function if implements import in instanceof interface let new null package private protected public return static super switch this
   throw true try typeof undefined var void while with yield Infinity Array Math NaN Number Object Record Set String exports module
   process require`
    .split(/\s+/)
    .filter((word) => word !== ""),
);
