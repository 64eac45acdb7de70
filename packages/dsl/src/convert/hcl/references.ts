// What HCL's references become: identifiers of the module, and values that core provides.
import { dynamicType, objectOf, stringType, type Type } from "../../hcl/eval/type.ts";
import type { Expression } from "../../hcl/syntax/tree.ts";
import type { Findings } from "../conversion.ts";
import { type Code, code, type ExpressionContext } from "../expression/code.ts";
import { convertExpression } from "../expression/convert-expression.ts";
import type { Imports } from "../expression/imports.ts";
import type { NameScope } from "../expression/names.ts";
import { keyText } from "../module/pieces.ts";
import type { Identifiers } from "./identifiers.ts";

/** What is known of a template's names and expressions without running it. */
export interface Knowledge {
  /** Static type of an expression that uses root names alone. */
  typeOf(expression: Expression): Type;
}

/** Values of the run that a list of steps uses: it then is a function of them. */
export interface RunUse {
  readonly used: Set<"build" | "source">;
  /** The build's name, as `build.name` has it. */
  readonly buildName: Code;
}

/** Names that exist only where something stands. */
export interface Place {
  /** In steps: `source` and `build` are parameters of the list's function. */
  readonly run?: RunUse | undefined;
  /** In the options of a source: its own name and type. */
  readonly source?: { readonly type: string; readonly name: string; readonly onUse?: (() => void) | undefined } | undefined;
  /** Iterations of `dynamic` blocks around it, by their name. */
  readonly iterations?: ReadonlyMap<string, Iteration> | undefined;
  /** In a validation: the variable's value. */
  readonly self?: { readonly name: string; readonly value: Code } | undefined;
  /** Names in reach, where parameters of functions are among them. */
  readonly names?: NameScope | undefined;
}

export interface Iteration {
  readonly key: Code;
  readonly value: Code;
}

/** Makes the contexts in which expressions are converted, and remembers what was used. */
export class References {
  readonly identifiers: Identifiers;
  readonly imports: Imports;
  readonly knowledge: Knowledge;
  readonly findings: Findings;
  /** Identifiers of constants whose type must be said, because they are compared with other values. */
  readonly widened = new Set<string>();
  /** Code of what was declared so far, by identifier. */
  readonly #declared = new Map<string, Code>();
  readonly #wholes = new Map<"var" | "local", Code>();
  /** The template's folder seen from the program's, where that is another. */
  readonly #templateFolder: string | undefined;
  #rootConstant: string | undefined;
  /** True once all locals are declared. */
  areLocalsDeclared = false;
  /** Module that an identifier comes from, unless it is this one. */
  readonly #elsewhere = new Map<string, string>();

  constructor(given: {
    identifiers: Identifiers;
    imports: Imports;
    knowledge: Knowledge;
    findings: Findings;
    templateFolder?: string | undefined;
  }) {
    this.identifiers = given.identifiers;
    this.imports = given.imports;
    this.knowledge = given.knowledge;
    this.findings = given.findings;
    this.#templateFolder = given.templateFolder;
  }

  /** Notes what an identifier stands for, and the module that declares it if it is another. */
  declare(identifier: string, value: Omit<Code, "text" | "precedence">, module?: string): void {
    this.#declared.set(identifier, code(identifier, value.type, value));
    if (module !== undefined) this.#elsewhere.set(identifier, module);
  }

  /** Constants that have to stand in front of the sources and builds, as they are found to be needed. */
  readonly hoisted: { readonly identifier: string; readonly value: string; readonly after: "variables" | "constants" }[] = [];

  /**
   * The value of a Ref, asked for while the program loads. Only a statement of the module may wait, so it becomes a constant; inside an
   * iteration, whose values it may depend on, there is no other place for it.
   */
  settled(wish: string, over: Code, place: Place): Code {
    const call = `await ${this.imports.use("resolved")}(${over.text})`;
    const value = { isRef: false, untyped: over.untyped };
    if (place.iterations !== undefined) return code(`(${call})`, over.type, value);
    const identifier = this.identifiers.scope.fresh(`${wish}-list`);
    this.hoisted.push({ identifier, value: call, after: "constants" });
    return code(identifier, over.type, value);
  }

  /** `path.root` of a template that stands in another folder than the program. */
  #root(folder: string): Code {
    if (this.#rootConstant === undefined) {
      this.#rootConstant = this.identifiers.scope.fresh("templateFolder");
      const value = `${this.imports.use("resolve", "node:path")}(${this.imports.use("path")}.root, ${JSON.stringify(folder)})`;
      this.hoisted.push({ identifier: this.#rootConstant, value, after: "variables" });
      this.findings.simplified(`path.root of the template is its folder, ${folder} from here: the constant ${this.#rootConstant}.`);
    }
    return code(this.#rootConstant, stringType);
  }

  /**
   * A text for the inside of a function, where nothing may wait: answers of services that it awaits become constants. Undefined when a
   * call depends on what is known in the function alone.
   */
  withoutAwait(text: string): string | undefined {
    const settled = text.replace(
      /await (fn\.(\w+)\((?:(?:"[^"\\]*"|null|undefined|\d+)(?:, )?)*\))/g,
      (_match, call: string, name: string) => {
        const known = this.hoisted.find(({ value }) => value === `await ${call}`);
        if (known !== undefined) return known.identifier;
        const identifier = this.identifiers.scope.fresh(name);
        this.hoisted.push({ identifier, value: `await ${call}`, after: "variables" });
        return identifier;
      },
    );
    return /\bawait /.test(settled) ? undefined : settled;
  }

  /** All variables, or all locals, as one object: what `var` is without a name behind it. */
  #everything(root: "var" | "local"): Code {
    const known = this.#wholes.get(root);
    if (known !== undefined) return known;
    const entries = [...(root === "var" ? this.identifiers.variables : this.identifiers.locals)].map(([name, identifier]) => {
      return [name, this.use(identifier)] as const;
    });
    const text = entries.map(([name, value]) => (name === value.text ? name : `${keyText(name)}: ${value.text}`));
    const identifier = this.identifiers.scope.fresh(root === "var" ? "variables" : "locals");
    this.hoisted.push({ identifier, value: `{ ${text.join(", ")} }`, after: root === "var" ? "variables" : "constants" });
    const members = new Map(entries);
    const whole = code(identifier, objectOf(new Map(entries.map(([name, { type }]) => [name, type]))), {
      members,
      ...([...members.values()].some(({ isRef, holdsRefs }) => isRef || holdsRefs === true) ? { holdsRefs: true } : {}),
    });
    this.#wholes.set(root, whole);
    return whole;
  }

  /** The code of an identifier; imports it where another module declares it. */
  use(identifier: string): Code {
    const module = this.#elsewhere.get(identifier);
    if (module !== undefined) this.imports.use(identifier, module);
    return this.#declared.get(identifier) ?? code(identifier, dynamicType);
  }

  /** Converts an expression; single values to the type that is wanted, as HCL does it. */
  convert(expression: Expression, place: Place = {}, wanted?: Type): Code {
    return convertExpression(expression, this.context(place), wanted);
  }

  context(place: Place = {}): ExpressionContext {
    return {
      resolve: (root, path) => this.#resolve(root, path, place),
      imports: this.imports,
      names: place.names ?? this.identifiers.scope,
      typeOf: (expression) => this.knowledge.typeOf(expression),
      attention: (node, message) => this.findings.attention(message, { subject: node.source.range(node.start, node.end) }),
      widen: (root, path) => {
        const identifier = this.#identifier(root, path);
        if (identifier !== undefined) this.widened.add(identifier);
      },
    };
  }

  #identifier(root: string, [first = "", second = ""]: readonly string[]): string | undefined {
    const { variables, locals, datasources } = this.identifiers;
    if (root === "var") return variables.get(first);
    if (root === "local") return locals.get(first);
    return root === "data" ? datasources.get(`${first}.${second}`) : undefined;
  }

  #resolve(root: string, path: readonly string[], place: Place): { readonly code: Code; readonly consumed: number } | undefined {
    const [first, second] = path;
    if ((root === "var" || (root === "local" && this.areLocalsDeclared)) && first === undefined) {
      return { code: this.#everything(root), consumed: 0 };
    }
    const iteration = place.iterations?.get(root);
    if (iteration !== undefined) {
      if (first !== "key" && first !== "value") return undefined;
      return { code: iteration[first], consumed: 1 };
    }
    switch (root) {
      case "var":
        if (first !== undefined && place.self?.name === first) return { code: place.self.value, consumed: 1 };
        break;
      case "path":
        if (first !== "root" && first !== "cwd") return undefined;
        if (first === "root" && this.#templateFolder !== undefined) return { code: this.#root(this.#templateFolder), consumed: 1 };
        return { code: code(`${this.imports.use("path")}.${first}`, stringType), consumed: 1 };
      case "packer":
        return first === "version" ? { code: code(this.imports.use("packerVersion"), stringType), consumed: 1 } : undefined;
      case "source":
        return first === undefined ? undefined : this.#source(first, place);
      case "build":
        return first === undefined ? undefined : this.#build(first, second, place);
    }
    const identifier = this.#identifier(root, path);
    return identifier === undefined ? undefined : { code: this.use(identifier), consumed: root === "data" ? 2 : 1 };
  }

  #source(name: string, { run, source }: Place): { readonly code: Code; readonly consumed: number } | undefined {
    if (name !== "name" && name !== "type") return undefined;
    if (source !== undefined) {
      if (name === "name") source.onUse?.();
      return { code: code(JSON.stringify(source[name]), stringType, { literal: true }), consumed: 1 };
    }
    if (run === undefined) return undefined;
    run.used.add("source");
    return { code: code(`source.${name}`, stringType), consumed: 1 };
  }

  #build(name: string, _second: string | undefined, { run }: Place): { readonly code: Code; readonly consumed: number } | undefined {
    if (run === undefined) return undefined;
    if (name === "name") return { code: run.buildName, consumed: 1 };
    run.used.add("build");
    const isCommon = Object.hasOwn(commonBuildValues, name);
    const type = isCommon ? (commonBuildValues[name] ?? dynamicType) : dynamicType;
    return {
      code: code(isCommon ? `build.${name}` : `build.get(${JSON.stringify(name)})`, type, { isRef: true, declared: true }),
      consumed: 1,
    };
  }
}

// --- internal ---

/** Values that every builder announces, which `build` has as fields (rows GEN-01 to GEN-06). */
export const commonBuildValues: { readonly [name: string]: Type } = {
  ID: stringType,
  Host: stringType,
  Port: { kind: "number" },
  User: stringType,
  Password: stringType,
  ConnType: stringType,
  PackerRunUUID: stringType,
  PackerHTTPIP: stringType,
  PackerHTTPPort: { kind: "number" },
  PackerHTTPAddr: stringType,
  SSHPublicKey: stringType,
  SSHPrivateKey: stringType,
  WinRMPassword: stringType,
};
