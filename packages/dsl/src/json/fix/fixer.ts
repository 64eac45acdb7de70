// What a fixer works on: a template as plain data that it may change.

/** A value of a template. */
export type Fixable = string | number | boolean | null | ExactNumber | Fixable[] | Component;

/** The options of a builder, provisioner or post-processor, or any other object. */
export interface Component {
  [option: string]: Fixable;
}

/** A number that JavaScript cannot hold: it is printed as it was written. */
export class ExactNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The components of a template. Post-processors in chains are among the others; those written as a bare type have no options. */
export interface FixableTemplate {
  readonly builders: readonly Component[];
  readonly provisioners: readonly Component[];
  readonly postProcessors: readonly Component[];
}

/** Brings one outdated thing up to date. Fixers run in a fixed order, each on what those before it left. */
export interface Fixer {
  readonly name: string;
  /** What it does, for the list in the help. */
  readonly summary: string;
  /** Options that are outdated: a message about one that is unknown names `tspack fix`. */
  readonly options: readonly string[];
  /** Changes the template in place. Throws `FixError` for a value it cannot make sense of. */
  run(template: FixableTemplate): void;
}

/** A value that keeps a template from being fixed. The message is a sentence. */
export class FixError extends Error {}

/** True for an object that has options. */
export function isComponent(value: Fixable | undefined): value is Component {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

/** Whose components a fixer looks at: their exact types, or what their types begin with. */
export function ofType(components: readonly Component[], types: readonly string[], prefixes: readonly string[] = []): readonly Component[] {
  return components.filter(({ type }) => {
    return typeof type === "string" && (types.includes(type) || prefixes.some((prefix) => type.startsWith(prefix)));
  });
}

/**
 * Gives an option another name. Where both names are there, `keep` says whose value stays; values that `fits` refuses are left alone.
 */
export function rename(
  component: Component,
  from: string,
  to: string,
  { keep, fits = () => true }: { readonly keep: "old" | "new"; readonly fits?: (value: Fixable) => boolean },
): void {
  const value = component[from];
  if (value === undefined || !fits(value)) return;
  delete component[from];
  if (keep === "old" || component[to] === undefined) component[to] = value;
}

/** True for text. */
export function isText(value: Fixable | undefined): value is string {
  return typeof value === "string";
}

/** True for `true` and `false`. */
export function isBoolean(value: Fixable | undefined): value is boolean {
  return typeof value === "boolean";
}
