// Locals and data sources: one graph (row EVA-06), written in an order in which each comes after what it needs.
import type { Configuration, DataBlock, LocalDeclaration } from "../../hcl/packer/declarations.ts";
import { orderGraph } from "../../hcl/packer/graph.ts";
import type { Attribute, Block, Node } from "../../hcl/syntax/tree.ts";
import { typeScriptType } from "../expression/types.ts";
import { constStatement, dataStatement } from "../module/declarations.ts";
import type { Remarks, Statement } from "../module/pieces.ts";
import { bodyText } from "./body.ts";
import type { References } from "./references.ts";
import { openRemarks, remarksOf } from "./remarks.ts";
import type { Specifications } from "./specifications.ts";

/** A statement that is written when it is known whether anything uses it. */
export interface Later {
  readonly identifier: string;
  /** Where its comments are. */
  readonly node: Attribute | Block;
  /** Comments inside it that stand in front of the statement. */
  readonly inner: Remarks;
  statement(exported: boolean): Statement;
}

/** The locals and data sources as constants. Declares each to the references before the next one is converted. */
export function convertConstants(configuration: Configuration, references: References, specifications: Specifications): readonly Later[] {
  const locals = new Map(configuration.locals.map((local) => [`local.${local.name}`, local]));
  const datasources = new Map(configuration.datasources.map((data) => [`data.${data.type}.${data.name}`, data]));
  const needs = new Map<string, readonly string[]>();
  for (const [key, { block }] of datasources) needs.set(key, needsOf(block));
  for (const [key, { node }] of locals) needs.set(key, needsOf(node));
  return orderGraph(needs).order.flatMap((key) => {
    const local = locals.get(key);
    if (local !== undefined) return [convertLocal(local, references)];
    const data = datasources.get(key);
    return data === undefined ? [] : [convertData(data, references, specifications)];
  });
}

// --- internal ---

/** What a stretch of the template mentions. A name in plain text does no harm: the order only changes a little. */
function needsOf({ source, start, end }: Node): readonly string[] {
  const text = source.text.slice(start, end);
  const mentioned = text.matchAll(/(?<![\w.-])(?:local\s*\.\s*([\w-]+)|data\s*\.\s*([\w-]+)\s*\.\s*([\w-]+))/g);
  return [...mentioned].map(([, local, type, name]) => (local === undefined ? `data.${type}.${name}` : `local.${local}`));
}

function convertLocal(local: LocalDeclaration, references: References): Later {
  const identifier = references.identifiers.locals.get(local.name) ?? local.name;
  const value = references.convert(local.value);
  const { node } = local;
  const isHidden = local.sensitive;
  const { text: _text, precedence: _precedence, ...rest } = value;
  references.declare(identifier, isHidden ? { type: value.type, isRef: true } : rest);
  const text = isHidden ? `${references.imports.use("secret")}(${value.text})` : value.text;
  // What a `local` block holds besides the value.
  const inner: Remarks =
    node.kind === "attribute"
      ? {}
      : {
          leading: [
            ...openRemarks(node.openComment),
            ...node.body.items.flatMap((item) => remarksOf([...item.leading, ...(item.trailing === undefined ? [] : [item.trailing])])),
            ...remarksOf(node.body.dangling),
          ],
        };
  return {
    identifier,
    node,
    inner,
    statement: (exported) =>
      constStatement({
        identifier,
        exported,
        value: text,
        annotation: references.widened.has(identifier) ? typeScriptType(value.type) : undefined,
        blankBefore: node.blankBefore,
      }),
  };
}

function convertData({ type, name, block }: DataBlock, references: References, specifications: Specifications): Later {
  const identifier = references.identifiers.datasources.get(`${type}.${name}`) ?? name;
  const config = bodyText(block, references, { spec: specifications.find("datasource", type) });
  references.declare(identifier, {
    type: { kind: "dynamic" },
    isRef: true,
    untyped: specifications.find("datasource", type) === undefined,
  });
  return {
    identifier,
    node: block,
    inner: {},
    statement: (exported) =>
      dataStatement(references.imports, { identifier, exported, type, name, config, blankBefore: block.blankBefore }),
  };
}
