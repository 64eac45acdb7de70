import { type JsonString, type JsonValue, offsetInString } from "./json-value.ts";
import { parseEmbeddedTemplate } from "./parse.ts";
import type { Problem } from "./problem.ts";
import type { SourceText } from "./source-text.ts";
import type { Expression, Node, NumberLiteral, ObjectItem, Template } from "./tree.ts";

/** The file that is read, and where to say what is wrong in it. */
export interface ExpressionContext {
  readonly source: SourceText;
  readonly report: (problem: Problem) => void;
}

/** A JSON value as an expression: strings, also the names of properties, are templates. */
export function jsonExpression(context: ExpressionContext, value: JsonValue): Expression {
  const node: Node = { source: context.source, start: value.start, end: value.end };
  switch (value.kind) {
    case "string":
      return template(context, value);
    case "number": {
      if (!value.text.startsWith("-")) return { kind: "number", ...node, text: value.text };
      const operand: NumberLiteral = { kind: "number", ...node, start: value.start + 1, text: value.text.slice(1) };
      return { kind: "unary", ...node, operator: "-", operand };
    }
    case "bool":
      return { kind: "bool", ...node, value: value.value };
    case "null":
      return { kind: "null", ...node };
    case "array":
      return {
        kind: "tuple",
        ...node,
        elements: value.items.map((item) => ({ value: jsonExpression(context, item), leading: [] })),
        dangling: [],
      };
    case "object": {
      const names = new Map<string, JsonString>();
      const items: ObjectItem[] = [];
      for (const property of value.properties) {
        const earlier = names.get(property.name.value);
        if (earlier !== undefined) repeated(context, property.name, earlier);
        names.set(property.name.value, property.name);
        items.push({
          key: template(context, property.name),
          isLiteralKey: false,
          value: jsonExpression(context, property.value),
          leading: [],
        });
      }
      return { kind: "object", ...node, items, dangling: [] };
    }
  }
}

// --- internal ---

function template(context: ExpressionContext, string: JsonString): Template {
  const toOuter = (offset: number): number => offsetInString(string, offset);
  const { tree, problems } = parseEmbeddedTemplate(context.source, { text: string.value, start: string.start, end: string.end, toOuter });
  for (const problem of problems) context.report(problem);
  return tree;
}

function repeated(context: ExpressionContext, name: JsonString, earlier: JsonString): void {
  context.report({
    summary: "Duplicate object attribute",
    detail: `The object has the property "${name.value}" twice.`,
    start: name.start,
    end: name.end,
    related: { start: earlier.start, end: earlier.end, message: "It stands here too." },
  });
}
