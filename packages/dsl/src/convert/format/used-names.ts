import type { ts } from "ts-morph";
import type { Compiler } from "./format-source.ts";

/** The names that a module's text reads: not those that it declares, nor names of properties. Shadowing is not looked at. */
export function usedNames(compiler: Compiler, text: string): ReadonlySet<string> {
  const source = compiler.createSourceFile("image.ts", text, compiler.ScriptTarget.ESNext, true, compiler.ScriptKind.TS);
  const names = new Set<string>();
  const open: ts.Node[] = [source];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (compiler.isIdentifier(node) && isRead(compiler, node)) names.add(node.text);
    compiler.forEachChild(node, (child) => {
      open.push(child);
    });
  }
  return names;
}

// --- internal ---

function isRead(compiler: Compiler, node: ts.Identifier): boolean {
  const { parent } = node;
  if (compiler.isPropertyAccessExpression(parent)) return parent.name !== node;
  if (compiler.isPropertyAssignment(parent)) return parent.name !== node;
  if (compiler.isVariableDeclaration(parent) || compiler.isParameter(parent)) return parent.name !== node;
  if (compiler.isBindingElement(parent)) return parent.initializer === node;
  return !compiler.isPropertySignature(parent);
}
