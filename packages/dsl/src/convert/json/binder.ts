// Values known later in what computes: written inside `ref.map((value) => …)`, or `all([…]).map(…)` for several.
import { stringType } from "../../hcl/eval/type.ts";
import { arrowBody, type Code, code, precedence, receiver } from "../expression/code.ts";
import type { NameScope } from "../expression/names.ts";
import type { TextWorld } from "./text.ts";

/** Gives each Ref that is read a name, and wraps what was made with the names. */
export class Binder {
  /** The world in which Refs are parameters. */
  readonly world: TextWorld;
  readonly #bound = new Map<string, { readonly ref: Code; readonly name: string }>();

  constructor(outer: TextWorld) {
    const names = outer.names.child();
    const calls = [...outer.calls].map(
      ([call, make]) =>
        [
          call,
          (...args: readonly string[]): Code | undefined => {
            const made = make(...args);
            return made?.isRef === true ? this.#parameter(made, names) : made;
          },
        ] as const,
    );
    const { folderConstant } = outer;
    this.world = {
      ...outer,
      names,
      calls: new Map([...calls, ...(folderConstant === undefined ? [] : [["template_dir", folderConstant] as const])]),
    };
    this.#imports = outer.imports;
  }

  readonly #imports: TextWorld["imports"];

  /** True if a Ref was read. */
  get isUsed(): boolean {
    return this.#bound.size > 0;
  }

  /** The body with the names declared; as it is where no Ref was read. */
  wrap(body: Code): Code {
    const bound = [...this.#bound.values()];
    const [only] = bound;
    if (only === undefined) return body;
    if (bound.length === 1) return mapped(receiver(only.ref), only.name, body);
    const refs = bound.map(({ ref }) => ref.text).join(", ");
    return mapped(`${this.#imports.use("all")}([${refs}])`, `[${bound.map(({ name }) => name).join(", ")}]`, body);
  }

  #parameter(ref: Code, names: NameScope): Code {
    const known = this.#bound.get(ref.text);
    const name = known?.name ?? names.fresh(wishFor(ref));
    this.#bound.set(ref.text, { ref, name });
    // What the run gives may be a number: Go's text functions would refuse it, and so would these.
    return code(name, stringType);
  }
}

/** `ref.map((value) => …)` for something made of one Ref. */
export function withParameter(ref: Code, build: (name: string) => Code, names: NameScope): Code {
  const name = names.child().fresh(wishFor(ref));
  return mapped(receiver(ref), name, build(name));
}

// --- internal ---

function mapped(list: string, parameters: string, body: Code): Code {
  return code(`${list}.map((${parameters}) => ${arrowBody(body)})`, stringType, { isRef: true, precedence: precedence.access });
}

function wishFor({ text }: Code): string {
  // A name of its own is taken.
  if (/^[\p{ID_Continue}$]+$/u.test(text)) return "value";
  return /(?:\.|get\(")([\p{ID_Continue}$]+)(?:"\))?$/u.exec(text)?.[1] ?? "value";
}
