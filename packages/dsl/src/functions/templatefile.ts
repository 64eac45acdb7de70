// `templatefile`: a file as a template in HCL's syntax (row FUD-11).
import type { Diagnostic } from "@tspack/core";
import { evaluate } from "../hcl/eval/evaluate.ts";
import { referencesOf } from "../hcl/eval/references.ts";
import type { EvalScope } from "../hcl/eval/scope.ts";
import { dynamicType } from "../hcl/eval/type.ts";
import { marksOf, type Value, withMarks } from "../hcl/eval/value.ts";
import { parseTemplate } from "../hcl/syntax/parse.ts";
import { SourceText } from "../hcl/syntax/source-text.ts";
import type { Template } from "../hcl/syntax/tree.ts";
import { textOf } from "./argument.ts";
import { anything, argument, entriesOf, requireKind, unknownUntil } from "./collection-parts.ts";
import { readText } from "./files.ts";
import { type FunctionEnvironment, FunctionError, type HclFunction } from "./function.ts";
import { pathParameter } from "./path.ts";

/** `templatefile` for templates that may use these functions. It is not among those itself: rendering must come to an end. */
export function templatefileWith(functions: () => ReadonlyMap<string, HclFunction>): HclFunction {
  return {
    name: "templatefile",
    parameters: [pathParameter, anything("vars")],
    handlesMarks: true,
    impure: true,
    returns: () => dynamicType,
    call(args, environment) {
      const [path, vars] = [argument(args, 0), argument(args, 1)];
      requireKind(vars, 1, ["map", "object"], "a map or object of values");
      if (vars.kind === "unknown") return unknownUntil(dynamicType, path, vars);
      const names = new Map([...entriesOf(vars)].map(([name, value]) => [name, withMarks(value, marksOf(vars))]));
      checkNames(names);
      const template = parsed(textOf(path), environment);
      for (const { root, node } of referencesOf(template)) {
        if (names.has(root)) continue;
        const place = template.source.position(node.start);
        throw new FunctionError(`vars has no ${JSON.stringify(root)}, which ${template.source.file} uses in line ${place.line}`, 1);
      }
      const { value, diagnostics } = evaluate(template, scopeOf(names, functions(), environment));
      const error = diagnostics.find(({ severity }) => severity === "error");
      if (error !== undefined) throw new FunctionError(`cannot render ${placed(error)}`, 0);
      return withMarks(value, marksOf(path));
    },
    doc: {
      summary: "A file rendered as a template, with values by their names. All functions but `templatefile` may be used in it.",
      signature: "templatefile(path, values)",
      examples: [{ code: 'templatefile("greeting.pkrtpl.hcl", { name: "Ada" })', result: '"Hello, ADA"' }],
    },
  };
}

// --- internal ---

function checkNames(names: ReadonlyMap<string, Value>): void {
  for (const name of names.keys()) {
    if (/^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(name)) continue;
    throw new FunctionError(`${JSON.stringify(name)} is no name that a template could use: it has to be an identifier`, 1);
  }
}

function parsed(path: string, environment: FunctionEnvironment): Template {
  const { tree, diagnostics } = parseTemplate(new SourceText(path, readText(path, environment).text));
  const error = diagnostics.find(({ severity }) => severity === "error");
  if (error !== undefined) throw new FunctionError(`cannot parse ${placed(error)}`, 0);
  return tree;
}

/** The first error and its place, in one line. */
function placed({ summary, detail, subject }: Diagnostic): string {
  const place = subject === undefined ? "" : `${subject.file} line ${subject.start.line}, column ${subject.start.column}: `;
  return `${place}${(detail ?? summary).replace(/\.$/, "")}`;
}

function scopeOf(
  names: ReadonlyMap<string, Value>,
  functions: ReadonlyMap<string, HclFunction>,
  environment: FunctionEnvironment,
): EvalScope {
  return {
    environment,
    variable: (name) => names.get(name),
    variableNames: () => names.keys(),
    function: (name) => (name === "templatefile" ? undefined : functions.get(name)),
    functionNames: () => [...functions.keys()].filter((name) => name !== "templatefile"),
    explainMissing: (kind, name) =>
      kind === "function" && name === "templatefile" ? "A template that templatefile() renders cannot call it again." : undefined,
  };
}
