// Decodes a body by a specification in HCL, as the published suite of the language asks for it: `object`, `attr`, `block`, `block_list`,
// `block_map` and `literal`.
import type { Diagnostic } from "@tspack/core";
import { convert } from "../../../src/hcl/eval/convert.ts";
import { emptyScope } from "../../../src/hcl/eval/empty-scope.ts";
import { evaluate } from "../../../src/hcl/eval/evaluate.ts";
import type { EvalScope } from "../../../src/hcl/eval/scope.ts";
import { parseTypeConstraint } from "../../../src/hcl/eval/type-constraint.ts";
import { nullValue, objectValue, tupleValue, type Value } from "../../../src/hcl/eval/value.ts";
import type { Block, Body, Expression, Node } from "../../../src/hcl/syntax/tree.ts";

export interface Decoded {
  readonly value: Value;
  readonly diagnostics: readonly Diagnostic[];
}

/** Decodes `input` as `spec` says, whose only item (but `variables`) is the root of the specification. */
export function decodeBySpec(spec: Body, input: Body, scope: EvalScope): Decoded {
  const decoder = new SpecDecoder(scope);
  const root = rootOf(spec);
  const value = decoder.decode(root, input);
  decoder.refuseOthers(root, input);
  return { value, diagnostics: decoder.diagnostics };
}

/** The expression of an attribute of a body. */
export function attributeIn(body: Body, name: string): Expression | undefined {
  const found = body.items.find((item) => item.kind === "attribute" && item.name === name);
  return found?.kind === "attribute" ? found.value : undefined;
}

/** The first block of a type in a body. */
export function blockIn(body: Body, type: string): Block | undefined {
  const found = body.items.find((item) => item.kind === "block" && item.type === type);
  return found?.kind === "block" ? found : undefined;
}

// --- internal ---

class SpecDecoder {
  readonly diagnostics: Diagnostic[] = [];
  readonly #scope: EvalScope;

  constructor(scope: EvalScope) {
    this.#scope = scope;
  }

  decode(spec: Block, body: Body): Value {
    switch (spec.type) {
      case "literal":
        return this.#evaluate(attributeIn(spec.body, "value"), emptyScope);
      case "object":
        return objectValue(new Map(blocksOf(spec.body).map((item) => [item.labels[0]?.text ?? "", this.decode(item, body)])));
      case "attr":
        return this.#attribute(spec, body);
      case "block": {
        const [block] = matching(spec, body);
        return block === undefined ? nullValue() : this.#inside(spec, block);
      }
      case "block_list":
        return tupleValue(matching(spec, body).map((block) => this.#inside(spec, block)));
      case "block_map":
        return objectValue(new Map(matching(spec, body).map((block) => [block.labels[0]?.text ?? "", this.#inside(spec, block)])));
      default:
        throw new Error(`the decoder does not know ${spec.type}`);
    }
  }

  /** What is in the body and not in the specification. */
  refuseOthers(spec: Block, body: Body): void {
    if (spec.type === "literal") return;
    const parts = spec.type === "object" ? blocksOf(spec.body) : [spec];
    for (const item of body.items) {
      if (item.kind === "attribute") {
        if (!parts.some((part) => part.type === "attr" && nameOf(part) === item.name)) this.#refuse(item.nameNode, item.name);
      } else if (!parts.some((part) => part.type.startsWith("block") && nameOf(part) === item.type)) this.#refuse(item.typeNode, item.type);
    }
  }

  #attribute(spec: Block, body: Body): Value {
    const expression = attributeIn(body, nameOf(spec));
    const type = attributeIn(spec.body, "type");
    const value = this.#evaluate(expression, this.#scope);
    return type === undefined ? value : convert(value, parseTypeConstraint(type).type);
  }

  #inside(spec: Block, block: Block): Value {
    const inner = rootOf(spec.body);
    const value = this.decode(inner, block.body);
    this.refuseOthers(inner, block.body);
    return value;
  }

  #evaluate(expression: Expression | undefined, scope: EvalScope): Value {
    if (expression === undefined) return nullValue();
    const { value, diagnostics } = evaluate(expression, scope);
    this.diagnostics.push(...diagnostics);
    return value;
  }

  #refuse({ source, start, end }: Node, name: string): void {
    const detail = `"${name}" is not expected here.`;
    this.diagnostics.push({ severity: "error", code: "TPK2201", summary: "Not expected", detail, subject: source.range(start, end) });
  }
}

function blocksOf(body: Body): readonly Block[] {
  return body.items.flatMap((item) => (item.kind === "block" && item.type !== "variables" ? [item] : []));
}

function rootOf(body: Body): Block {
  const [root] = blocksOf(body);
  if (root === undefined) throw new Error("the specification is empty");
  return root;
}

/** The name of an attribute or the type of blocks that a part of a specification is about: its label, or written inside. */
function nameOf(spec: Block): string {
  const inside = attributeIn(spec.body, "block_type") ?? attributeIn(spec.body, "name");
  const value = inside === undefined ? undefined : evaluate(inside, emptyScope).value;
  return value?.kind === "string" ? value.value : (spec.labels[0]?.text ?? "");
}

function matching(spec: Block, body: Body): readonly Block[] {
  const type = nameOf(spec);
  return body.items.flatMap((item) => (item.kind === "block" && item.type === type ? [item] : []));
}
