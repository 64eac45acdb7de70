// Sources and data sources that play the same part have one name in all programs before they are compared: a source `debian12` here and
// `debian13` there become `qemu`.
import type { ts } from "ts-morph";
import { identifier } from "../expression/names.ts";
import type { Compiler } from "../format/format-source.ts";
import type { ParsedModule, ParsedStatement } from "./parsed-module.ts";

/** The programs' texts with names that they agree on. The first is the one that others follow. */
export function agreeOnNames(compiler: Compiler, modules: readonly ParsedModule[]): readonly string[] {
  const [base, ...others] = modules;
  if (base === undefined) return [];
  const renames = modules.map(() => new Map<string, string>());
  for (const [kind, ours] of componentsOf(compiler, base)) {
    const theirs = others.map((module) => componentsOf(compiler, module).get(kind) ?? []);
    if (ours.length === 1 && theirs.every(({ length }) => length <= 1)) {
      const all = [ours, ...theirs].flatMap((names) => names.slice(0, 1));
      const wish = identifier(kind.slice(kind.indexOf(" ") + 1));
      const isFree = modules.every((module) => all.includes(wish) || !identifiersIn(compiler, module).has(wish));
      const name = new Set(all).size === 1 || !isFree ? ours[0] : wish;
      for (const [at, names] of [ours, ...theirs].entries()) rename(renames[at], names[0], name);
      continue;
    }
    for (const [at, names] of theirs.entries()) {
      const free = ours.filter((name) => !names.includes(name));
      for (const [position, name] of names.filter((one) => !ours.includes(one)).entries()) {
        const wish = free[position];
        const module = others[at];
        if (wish !== undefined && module !== undefined && !identifiersIn(compiler, module).has(wish)) rename(renames[at + 1], name, wish);
      }
    }
  }
  return modules.map((module, at) => renamed(compiler, module, renames[at] ?? new Map()));
}

/** All identifiers of a program, whatever they name. */
export function identifiersIn(compiler: Compiler, { source }: ParsedModule): ReadonlySet<string> {
  const names = new Set<string>();
  walk(compiler, source, (node) => {
    if (compiler.isIdentifier(node)) names.add(node.text);
  });
  return names;
}

// --- internal ---

function rename(names: Map<string, string> | undefined, from: string | undefined, to: string | undefined): void {
  if (from !== undefined && to !== undefined && from !== to) names?.set(from, to);
}

/** Names of constants by what they hold: `source qemu`. */
function componentsOf(compiler: Compiler, { statements }: ParsedModule): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const statement of statements) {
    const kind = kindOf(compiler, statement);
    if (kind === undefined || statement.declares === undefined) continue;
    found.set(kind, [...(found.get(kind) ?? []), statement.declares]);
  }
  return found;
}

function kindOf(compiler: Compiler, { value }: ParsedStatement): string | undefined {
  if (!compiler.isCallExpression(value)) return undefined;
  const callee = value.expression.getText();
  const [type] = value.arguments;
  if (callee !== "source" && callee !== "data") return undefined;
  return type !== undefined && compiler.isStringLiteralLike(type) ? `${callee} ${type.text}` : undefined;
}

function renamed(compiler: Compiler, { source }: ParsedModule, names: ReadonlyMap<string, string>): string {
  if (names.size === 0) return source.text;
  const changes: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  walk(compiler, source, (node) => {
    const name = compiler.isIdentifier(node) ? names.get(node.text) : undefined;
    if (name === undefined || isPropertyName(compiler, node)) return;
    const isShort = compiler.isShorthandPropertyAssignment(node.parent);
    changes.push({ start: node.getStart(source), end: node.end, text: isShort ? `${node.getText(source)}: ${name}` : name });
  });
  let text = "";
  let from = 0;
  for (const change of changes.sort((a, b) => a.start - b.start)) {
    text += source.text.slice(from, change.start) + change.text;
    from = change.end;
  }
  return text + source.text.slice(from);
}

function isPropertyName(compiler: Compiler, node: ts.Node): boolean {
  const { parent } = node;
  return (compiler.isPropertyAssignment(parent) || compiler.isPropertyAccessExpression(parent)) && parent.name === node;
}

function walk(compiler: Compiler, root: ts.Node, visit: (node: ts.Node) => void): void {
  const open: ts.Node[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    visit(node);
    compiler.forEachChild(node, (child) => {
      open.push(child);
    });
  }
}
