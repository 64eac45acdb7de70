// Go-style flags, as Packer's users type them (rows INV-01..03), before citty sees a word: citty reads `-var` as three flags,
// keeps the last of a repeated one and takes unknown ones for switches.

/**
 * What a flag takes: `switch` nothing or `=false`, `list` may be repeated and with `split` also cut at commas. `files` are the
 * endings of the files that it names, for shell completion.
 */
export type FlagDefinition = {
  /** One sentence for the help text. */
  readonly summary: string;
  /** Heading of the help text under which the flag is listed. */
  readonly group: string;
} & (
  | { readonly kind: "switch" }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "list"; readonly value: string; readonly split?: boolean; readonly files?: readonly string[] }
  | { readonly kind: "number"; readonly value: string }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
);

/** Flags of a command by name, without dashes. */
export type FlagDefinitions = { readonly [name: string]: FlagDefinition };

/** The value of one flag, as its definition says. */
export type FlagValue<F extends FlagDefinition> = F extends { readonly kind: "switch" }
  ? boolean | undefined
  : F extends { readonly kind: "text" }
    ? string | undefined
    : F extends { readonly kind: "list" }
      ? readonly string[]
      : F extends { readonly kind: "number" }
        ? number | undefined
        : F extends { readonly choices: readonly (infer Choice)[] }
          ? Choice | undefined
          : never;

export type FlagValues<F extends FlagDefinitions> = { readonly [name in keyof F]: FlagValue<F[name]> };

/** The words of a command line, told apart. */
export interface ParsedArguments<F extends FlagDefinitions> {
  readonly flags: FlagValues<F>;
  readonly positionals: readonly string[];
  /** `-h`, `-help` or `--help` was among them (row INV-04). */
  readonly isHelpAsked: boolean;
}

/** A command line that cannot be understood. Printed with code TPK8001. */
export class UsageError extends Error {
  /** An unknown word and what it may have been meant to be: the suggestion is worked out only when the error is printed. */
  readonly unknown: { readonly word: string; readonly candidates: readonly string[] } | undefined;
  readonly hint: string | undefined;
  /** Name of a flag that the command does not have. */
  readonly unknownFlag: string | undefined;
  constructor(message: string, options: Pick<Partial<UsageError>, "unknown" | "hint" | "unknownFlag"> = {}) {
    super(message);
    this.name = "UsageError";
    this.unknown = options.unknown;
    this.hint = options.hint;
    this.unknownFlag = options.unknownFlag;
  }
}

const helpWords = new Set(["-h", "-help", "--help", "--h"]);

/**
 * Reads flags in one- and two-dash spelling, before and after positional words (Packer stops at the first one, row INV-02:
 * accepting more harms nobody). `--` ends the flags; a lone `-` is a positional word. Throws `UsageError`.
 */
export function parseArguments<F extends FlagDefinitions>(words: readonly string[], definitions: F): ParsedArguments<F> {
  const values: { [name: string]: unknown } = {};
  for (const [name, definition] of Object.entries(definitions)) values[name] = definition.kind === "list" ? [] : undefined;
  const positionals: string[] = [];
  let isHelpAsked = false;

  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "--") {
      positionals.push(...words.slice(index + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      positionals.push(word);
      continue;
    }
    if (helpWords.has(word)) {
      isHelpAsked = true;
      continue;
    }
    const { name, attached } = splitFlag(word);
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    if (definition === undefined) throw unknownFlag(name, definitions);
    if (definition.kind === "switch") {
      values[name] = attached === undefined ? true : parseBoolean(name, attached);
      continue;
    }
    const text = attached ?? words[++index];
    if (text === undefined) throw new UsageError(`the flag -${name} needs a value`, { hint: `Write -${name}=${placeholder(definition)}.` });
    values[name] = addValue(name, definition, values[name], text);
  }
  // The loop above fills each name with the type that its definition says; the compiler cannot follow it over a record.
  return { flags: values as FlagValues<F>, positionals, isHelpAsked };
}

/** What stands for a flag's value in help texts: `PATH`, `cleanup|abort`. */
export function placeholder(definition: FlagDefinition): string {
  if (definition.kind === "choice") return definition.choices.join("|");
  return definition.kind === "switch" ? "" : definition.value;
}

function splitFlag(word: string): { readonly name: string; readonly attached: string | undefined } {
  const bare = word.replace(/^--?/, "");
  const equals = bare.indexOf("=");
  return equals === -1 ? { name: bare, attached: undefined } : { name: bare.slice(0, equals), attached: bare.slice(equals + 1) };
}

function addValue(name: string, definition: FlagDefinition, before: unknown, text: string): unknown {
  switch (definition.kind) {
    case "list":
      return [...(Array.isArray(before) ? before : []), ...(definition.split === true ? splitList(text) : [text])];
    case "number":
      if (!/^[+-]?\d+$/.test(text)) throw new UsageError(`the flag -${name} takes a whole number, not "${text}"`);
      return Number(text);
    case "choice":
      if (!definition.choices.includes(text)) {
        throw new UsageError(`the flag -${name} takes ${definition.choices.join(", ")}, not "${text}"`, {
          unknown: { word: text, candidates: definition.choices },
        });
      }
      return text;
    default:
      return text;
  }
}

function splitList(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** The spellings that Go's `flag` package takes. */
function parseBoolean(name: string, text: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  throw new UsageError(`the flag -${name} is on or off, not "${text}"`, { hint: `Write -${name} or -${name}=false.` });
}

function unknownFlag(name: string, definitions: FlagDefinitions): UsageError {
  const positive = name.startsWith("no-") ? name.slice(3) : "";
  if (definitions[positive]?.kind === "switch") {
    return new UsageError(`there is no flag -${name}`, { hint: `A switch is turned off with =false: -${positive}=false.` });
  }
  return new UsageError(`there is no flag -${name}`, {
    unknownFlag: name,
    unknown: { word: `-${name}`, candidates: Object.keys(definitions).map((candidate) => `-${candidate}`) },
    hint: "Flags of Packer commands that tspack does not have yet are listed in docs/parity.md.",
  });
}
