import type { ts } from "ts-morph";
import { type Compiler, parseSource } from "./format-source.ts";

/** The names that a module's text reads: not those that it declares, nor names of properties. Shadowing is not looked at. */
export function usedNames(compiler: Compiler, text: string): ReadonlySet<string> {
  return namesIn(compiler, parseSource(compiler, text));
}

/** As `usedNames`, of text that was parsed already. */
export function namesIn(compiler: Compiler, source: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  const open: ts.Node[] = [source];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    const within = parent;
    compiler.forEachChild(within, (child) => {
      if (!compiler.isIdentifier(child)) open.push(child);
      else if (isRead(compiler, child, within)) names.add(child.text);
    });
  }
  return names;
}

// --- internal ---

function isRead(compiler: Compiler, node: ts.Identifier, parent: ts.Node): boolean {
  if (compiler.isPropertyAccessExpression(parent)) return parent.name !== node;
  if (compiler.isPropertyAssignment(parent)) return parent.name !== node;
  if (compiler.isVariableDeclaration(parent) || compiler.isParameter(parent)) return parent.name !== node;
  if (compiler.isBindingElement(parent)) return parent.initializer === node;
  return !compiler.isPropertySignature(parent);
}
