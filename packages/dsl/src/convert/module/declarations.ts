// The statements that a converted template consists of, made from code pieces. They know nothing of HCL or JSON.
import type { Imports } from "../expression/imports.ts";
import { type Entry, objectText, type Remarks, type Statement } from "./pieces.ts";

/** What every declared `const` has. */
export interface Declared extends Remarks {
  readonly identifier: string;
  /** The `const` is exported whether something in the module uses it or not. */
  readonly exported?: boolean | undefined;
  readonly blankBefore?: boolean | undefined;
}

/** `const release = variable("release", …)`. */
export interface VariableDeclarationText extends Declared {
  readonly name: string;
  /** Type arguments, where the default does not say the type: `string[]`. */
  readonly typeArguments?: string | undefined;
  /** A schema in code. */
  readonly schema?: string | undefined;
  readonly default?: string | undefined;
  readonly defaultRemarks?: Remarks | undefined;
  readonly description?: string | undefined;
  readonly sensitive?: boolean | undefined;
  /** Comments of the block that belong to nothing in it. */
  readonly dangling?: Remarks["leading"];
}

export function variableStatement(imports: Imports, given: VariableDeclarationText): Statement {
  const entries: Entry[] = [];
  if (given.default !== undefined) entries.push({ key: "default", value: given.default, ...given.defaultRemarks });
  if (given.schema !== undefined) entries.push({ key: "schema", value: given.schema });
  if (given.description !== undefined) entries.push({ key: "description", value: given.description });
  if (given.sensitive === true) entries.push({ key: "sensitive", value: "true" });
  const isSchemaAlone = entries.length === 1 && given.schema !== undefined && (given.dangling ?? []).length === 0;
  const rest = isSchemaAlone
    ? `, ${given.schema}`
    : entries.length === 0 && (given.dangling ?? []).length === 0
      ? ""
      : `, ${objectText(entries, { open: false, dangling: given.dangling ?? [] })}`;
  const types = given.typeArguments === undefined ? "" : `<${given.typeArguments}>`;
  return declared(given, `${imports.use("variable")}${types}(${JSON.stringify(given.name)}${rest})`);
}

/** `const name = value`, with an annotation where the inferred type is too narrow. */
export function constStatement(given: Declared & { readonly value: string; readonly annotation?: string | undefined }): Statement {
  return declared(given, given.value, given.annotation);
}

/** `const latest = data("http", "latest", { … })`. */
export function dataStatement(
  imports: Imports,
  given: Declared & { readonly type: string; readonly name: string; readonly config: string },
): Statement {
  return declared(given, `${imports.use("data")}(${JSON.stringify(given.type)}, ${JSON.stringify(given.name)}, ${given.config})`);
}

/** `const debian = source("qemu", "debian", { … })`. */
export function sourceStatement(
  imports: Imports,
  given: Declared & { readonly type: string; readonly name: string; readonly config: string },
): Statement {
  return declared(given, `${imports.use("source")}(${JSON.stringify(given.type)}, ${JSON.stringify(given.name)}, ${given.config})`);
}

/** A step: `provision("shell", { … })`, `postProcess("manifest", { … })`. */
export function stepText(imports: Imports, call: "provision" | "postProcess", type: string, config: string): string {
  return `${imports.use(call)}(${type}, ${config})`;
}

/** A list that may need values of the run: then it is a function of them. */
export function runList(list: string, used: readonly ("build" | "source")[]): string {
  return used.length === 0 ? list : `({ ${[...used].sort().join(", ")} }) => ${list}`;
}

/** `build({ … })`, from its entries in the order in which they are to stand. */
export function buildText(imports: Imports, entries: readonly Entry[], dangling: Remarks["leading"] = []): string {
  return `${imports.use("build")}(${objectText(entries, { dangling })})`;
}

/** `export default …`. */
export function exportDefault(value: string, remarks: Remarks = {}): Statement {
  return { ...remarks, text: `export default ${value};`, blankBefore: true };
}

/** Tells what the program needs of tspack and plugins: `packer({ … })`. */
export function packerStatement(
  imports: Imports,
  entries: readonly Entry[],
  remarks: Remarks,
  dangling: Remarks["leading"] = [],
): Statement {
  return { ...remarks, text: `${imports.use("packer")}(${objectText(entries, { dangling })});`, blankBefore: true };
}

// --- internal ---

function declared({ identifier, exported, blankBefore, leading, trailing }: Declared, value: string, annotation?: string): Statement {
  const type = annotation === undefined ? "" : `: ${annotation}`;
  return {
    leading,
    trailing,
    blankBefore,
    declares: identifier,
    text: `${exported === true ? "export " : ""}const ${identifier}${type} = ${value};`,
  };
}
