// A variable file in HCL, native or JSON syntax (rows FIL-06, FIL-07): attributes with constant values.
// A file may hold secrets, and which of its values are is not known yet. So no message shows anything of it but names and places.
import { type Diagnostic, fileTrouble, hasErrors } from "@tspack/core";
import { emptyScope } from "../hcl/eval/empty-scope.ts";
import { evaluate } from "../hcl/eval/evaluate.ts";
import type { EvalScope } from "../hcl/eval/scope.ts";
import type { Value } from "../hcl/eval/value.ts";
import { decodeSource } from "../hcl/syntax/decode-source.ts";
import { parseConfig } from "../hcl/syntax/parse.ts";
import { parseJsonConfig } from "../hcl/syntax/parse-json.ts";
import type { Attribute, Block } from "../hcl/syntax/tree.ts";
import { readRegularFile } from "../load/read-regular-file.ts";

/** The values in a variable file. */
export interface HclVariables {
  readonly attributes: readonly Attribute[];
  readonly values: ReadonlyMap<string, Value>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a variable file (absolute; `shown` is its name in messages) whose name ends in `.hcl` or `.json`. */
export function readHclVariables(path: string, shown: string): HclVariables {
  let bytes: Uint8Array;
  try {
    bytes = readRegularFile(path);
  } catch (error) {
    return failed([{ ...problem, detail: `${shown} could not be read: ${fileTrouble(error)}.` }]);
  }
  const decoded = decodeSource(shown, bytes);
  if (hasErrors(decoded.diagnostics)) return failed(decoded.diagnostics.map((one) => inWords(one, shown)));
  const isJson = path.toLowerCase().endsWith(".json");
  const { tree, diagnostics } = isJson ? parseJsonConfig(decoded.source, { blocks: {} }) : parseConfig(decoded.source);
  if (hasErrors(diagnostics)) return failed(diagnostics.map((one) => inWords(one, shown)));
  const attributes: Attribute[] = [];
  const values = new Map<string, Value>();
  const problems: Diagnostic[] = [];
  for (const item of tree.items) {
    if (item.kind === "block") {
      problems.push(unexpectedBlock(item));
      continue;
    }
    const { value, diagnostics: found } = evaluate(item.value, constants);
    for (const one of found) problems.push(inWords(one, shown));
    attributes.push(item);
    values.set(item.name, value);
  }
  return { attributes, values, diagnostics: problems };
}

// --- internal ---

const problem = { severity: "error", code: "TPK1104", summary: "Invalid variable file" } as const;

function failed(diagnostics: readonly Diagnostic[]): HclVariables {
  return { attributes: [], values: new Map(), diagnostics };
}

/** Without the lines of the file, one of which may hold a secret: their place is told in words. */
function inWords({ detail, hint, summary, subject, severity }: Diagnostic, shown: string): Diagnostic {
  const place = subject === undefined ? shown : `${shown} line ${subject.start.line}, column ${subject.start.column}`;
  return { ...problem, severity, detail: `${place}: ${summary}. ${detail ?? ""}`.trim(), hint };
}

function unexpectedBlock(block: Block): Diagnostic {
  const { source, typeNode } = block;
  const isDeclaration = block.type === "variable";
  const place = source.range(typeNode.start, typeNode.end);
  const name = block.labels[0]?.text ?? "name";
  return {
    ...problem,
    detail: `${place.file} line ${place.start.line}: ${isDeclaration ? "a variable is declared" : `a block of type "${block.type}" stands`} in a variable file, which holds only values.`,
    hint: isDeclaration
      ? `Declare it in a template (.pkr.hcl), and give its value here: ${name} = "value"`
      : "Blocks belong in templates, whose names end in .pkr.hcl.",
  };
}

/** In a variable file there is nothing to refer to, and nothing to call. */
const constants: EvalScope = {
  ...emptyScope,
  explainMissing: (kind) =>
    kind === "function"
      ? "Functions cannot be called in a variable file: its values are constants."
      : "A variable file holds constants only.",
};
