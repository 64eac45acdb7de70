// The text of the shared module: what is the same for all stands as it is, what needs a setting in a function.
import type { ts } from "ts-morph";
import { Imports } from "../expression/imports.ts";
import { indent } from "../expression/text.ts";
import { type Compiler, formatSource } from "../format/format-source.ts";
import { usedNames } from "../format/used-names.ts";
import { commentsText } from "./comments.ts";
import type { MergedStatement } from "./merge-statements.ts";
import type { Comment } from "./parsed-module.ts";
import type { NamedValue } from "./repeated-values.ts";
import type { FinishedSettings, Setting } from "./settings.ts";

/** Names of the shared module that must not be taken by what it holds. */
export interface SharedNames {
  /** The function that makes an image. */
  readonly function: string;
  readonly parameter: string;
  readonly interface: string;
}

/** What the shared module is made of. */
export interface SharedParts {
  readonly header: readonly Comment[];
  readonly dangling: readonly Comment[];
  /** Module by name. */
  readonly imports: ReadonlyMap<string, string>;
  readonly statements: readonly MergedStatement[];
  readonly settings: FinishedSettings;
  /** Constants that the files import. */
  readonly values: readonly NamedValue[];
  readonly names: SharedNames;
}

/** The shared module as text. */
export interface SharedModule {
  readonly text: string;
  /** How the files use it: they call a function, wait for one, or there is nothing to tell and they pass its builds on. */
  readonly use: "call" | "await" | "export";
}

/** Width of a line in a function's body. */
const BODY_WIDTH = 118;

/** Lays the module out. */
export function sharedModule(
  compiler: Compiler,
  { header, dangling, imports, statements, settings, values, names }: SharedParts,
): SharedModule {
  const dependent = dependentStatements(statements);
  const hasFunction = dependent.size > 0;
  const outside = statements.filter((statement) => !dependent.has(statement) && (statement.kind !== "default" || !hasFunction));
  const inside = statements.filter((statement) => !outside.includes(statement));
  const used = new Set(statements.flatMap(({ uses }) => [...uses]));
  const outsideText = outside.map((statement) => outsideStatement(statement, used)).join("");
  const insideText = settings.resolve(inside.map((statement) => insideStatement(statement, used)).join(""), names.parameter);
  const declared = new Imports();
  for (const [name, module] of imports) declared.use(name, module);
  const needed = usedNames(compiler, `${outsideText}\n${insideText}`);
  const head = commentsText(header);
  const top = `${head === "" ? "" : `${head}\n`}${declared.declarations(needed).join("\n")}\n\n${outsideText}`;
  const rest = commentsText(dangling);
  if (!hasFunction) return { text: formatSource(compiler, `${top}${rest === "" ? "" : `\n${rest}`}`), use: "export" };
  const body = formatSource(compiler, insideText, BODY_WIDTH).trimEnd();
  const isAsync = waits(compiler, insideText);
  const parts = [
    formatSource(compiler, top).trimEnd(),
    ...values.map(({ name, text }) => formatSource(compiler, `export const ${name} = ${text};`).trimEnd()),
    interfaceText(names.interface, settings.settings),
    `/** An image, by what its template sets. */\nexport ${isAsync ? "async " : ""}function ${names.function}(${names.parameter}: ${names.interface}) {\n  ${indent(body)}\n}`,
    rest.trimEnd(),
  ];
  return { text: `${parts.filter((part) => part !== "").join("\n\n")}\n`, use: isAsync ? "await" : "call" };
}

// --- internal ---

/** Those that read a setting, or what reads one. */
function dependentStatements(statements: readonly MergedStatement[]): ReadonlySet<MergedStatement> {
  const dependent = new Set<MergedStatement>();
  const names = new Set<string>();
  // In their order: each stands behind what it needs.
  for (const statement of statements) {
    const { value, condition, declares, uses } = statement;
    const readsSettings = condition !== undefined || /\$(hole\d+|scope\d+|template)\$/.test(value);
    if (!readsSettings && ![...uses].some((name) => names.has(name))) continue;
    dependent.add(statement);
    if (declares !== undefined) names.add(declares);
  }
  return dependent;
}

function outsideStatement(
  { kind, declares = "", annotation, value, leading, trailing }: MergedStatement,
  used: ReadonlySet<string>,
): string {
  const start = `${leading === "" ? "" : "\n"}${leading}`;
  if (kind === "default") return `\n${start}export default ${value};${trailing}\n`;
  if (kind === "call") return `${start}${value};${trailing}\n`;
  return `${start}${used.has(declares) ? "" : "export "}const ${declares}${annotation === undefined ? "" : `: ${annotation}`} = ${value};${trailing}\n`;
}

function insideStatement(
  { kind, declares = "", annotation, value, condition, leading, trailing }: MergedStatement,
  used: ReadonlySet<string>,
): string {
  const start = `${leading === "" ? "" : "\n"}${leading}`;
  if (kind === "default") return `\n${start}return ${value};${trailing}\n`;
  if (condition !== undefined) return `${start}if (${condition}) ${value};${trailing}\n`;
  if (kind === "call") return `${start}${value};${trailing}\n`;
  if (used.has(declares)) return `${start}const ${declares}${annotation === undefined ? "" : `: ${annotation}`} = ${value};${trailing}\n`;
  // Nothing reads it, and nothing can be exported from here. What it declares counts.
  const conditional = /^(\$scope\d+\$) \? ([\s\S]*) : \S[\s\S]*$/.exec(value);
  if (conditional !== null && /^variable\b/.test(conditional[2] ?? ""))
    return `${start}if (${conditional[1]}) ${conditional[2]};${trailing}\n`;
  return `${start}${/^(variable|data|source)\b/.test(value) ? value : `void (${value})`};${trailing}\n`;
}

function interfaceText(name: string, settings: readonly Setting[]): string {
  return `/** What differs between the templates. */\nexport interface ${name} {\n${members(settings, "  ")}}`;
}

function members(settings: readonly Setting[], blanks: string): string {
  return settings
    .map(({ name, type, isOptional, about, inner }) => {
      const remark = about === undefined ? "" : `${blanks}/** ${about} */\n`;
      const written = inner === undefined ? type : `{\n${members(inner, `${blanks}  `)}${blanks}}`;
      return `${remark}${blanks}readonly ${name}${isOptional ? "?" : ""}: ${written};\n`;
    })
    .join("");
}

/** True if the statements wait for something outside of functions. */
function waits(compiler: Compiler, text: string): boolean {
  const source = compiler.createSourceFile("body.ts", text, compiler.ScriptTarget.ESNext, true, compiler.ScriptKind.TS);
  const open: ts.Node[] = [source];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (compiler.isAwaitExpression(node)) return true;
    if (compiler.isArrowFunction(node)) continue;
    compiler.forEachChild(node, (child) => {
      open.push(child);
    });
  }
  return false;
}
