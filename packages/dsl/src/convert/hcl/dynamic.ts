// `dynamic` blocks: a list made with `.map`, or a conditional where the iteration is only a condition (row BLK-16).

import { boolType, dynamicType } from "../../hcl/eval/type.ts";
import { findAttribute } from "../../hcl/packer/body.ts";
import type { Block, Expression, Variable } from "../../hcl/syntax/tree.ts";
import { arrowBody, type Code, code, operand, precedence } from "../expression/code.ts";
import { expressionScope } from "../expression/convert-expression.ts";
import { iterate } from "../expression/iteration.ts";
import { identifier } from "../expression/names.ts";
import type { Iteration, Place, References } from "./references.ts";

/** What a `dynamic` block makes. */
export interface Made {
  /** As an entry of a list: `...list.map(…)`, or `flag && …` (only where empty entries are skipped). */
  readonly spread: string;
  /** As a list of its own. */
  readonly list: string;
  /** Set for a mere condition: what stands on its side, and the condition. */
  readonly conditional?: { readonly condition: Code; readonly content: string } | undefined;
}

/** Converts the content of one iteration at its place. */
export type ConvertContent = (content: Block, place: Place) => string;

/** Converts a `dynamic` block. `convert` is called once with its content, and may be called with the labels' place too. */
export function convertDynamic(block: Block, references: References, place: Place, convert: ConvertContent): Made {
  const content = block.body.items.find((item): item is Block => item.kind === "block" && item.type === "content");
  const collection = findAttribute(block.body, "for_each")?.value;
  if (content === undefined || collection === undefined) {
    // Packer refuses it: there is nothing to convert.
    return { spread: "...[]", list: "[]" };
  }
  const name = iteratorName(block);
  const uses = usedParts(content, name);
  const choice = uses.size === 0 ? conditionOf(collection) : undefined;
  if (choice !== undefined) {
    const converted = references.convert(choice.condition, place, boolType);
    const condition = choice.isNegated ? negated(converted) : converted;
    if (!condition.isRef) {
      const text = convert(content, place);
      const list = `${operand(condition, precedence.nullish)} ? [${text}] : []`;
      return { spread: `...(${list})`, list, conditional: { condition, content: text } };
    }
  }
  return iterated(content, collection, { references, place, name, convert, uses });
}

/** The block's labels: of `dynamic "provisioner"` the type. */
export function dynamicLabels(block: Block): Expression | undefined {
  return findAttribute(block.body, "labels")?.value;
}

/** The name under which the iteration's value is known inside. */
export function iteratorName(block: Block): string {
  const iterator = findAttribute(block.body, "iterator")?.value;
  return iterator?.kind === "variable" ? iterator.name : (block.labels[0]?.text ?? "");
}

// --- internal ---

/** Which parts of an iteration its content mentions. In a comment or plain text it does no harm. */
function usedParts({ source, body }: Block, name: string): ReadonlySet<string> {
  const escaped = name.replace(/[^\w-]/g, "\\$&");
  const mentioned = source.text
    .slice(body.start, body.end)
    .matchAll(new RegExp(`(?<![\\w.-])${escaped}\\s*\\.\\s*(key|value)(?![\\w-])`, "g"));
  return new Set([...mentioned].map(([, part = ""]) => part));
}

/** `condition ? [1] : []`, or the other way round. */
function conditionOf(expression: Expression): { readonly condition: Expression; readonly isNegated: boolean } | undefined {
  if (expression.kind === "parentheses") return conditionOf(expression.value);
  if (expression.kind !== "conditional") return undefined;
  const sides = [tupleLength(expression.then), tupleLength(expression.otherwise)];
  if (sides[0] === 1 && sides[1] === 0) return { condition: expression.condition, isNegated: false };
  return sides[0] === 0 && sides[1] === 1 ? { condition: expression.condition, isNegated: true } : undefined;
}

function tupleLength(expression: Expression): number | undefined {
  if (expression.kind === "parentheses") return tupleLength(expression.value);
  return expression.kind === "tuple" ? expression.elements.length : undefined;
}

function negated(condition: Code): Code {
  return code(`!${operand(condition, precedence.unary)}`, condition.type, { precedence: precedence.unary, isRef: condition.isRef });
}

interface Iterating {
  readonly references: References;
  readonly place: Place;
  readonly name: string;
  readonly convert: ConvertContent;
  readonly uses: ReadonlySet<string>;
}

function iterated(content: Block, collection: Expression, { references, place, name, convert, uses }: Iterating): Made {
  const wish = singular(name);
  // What the module imports, or declares, keeps its name.
  const one = references.identifiers.scope.has(identifier(wish)) ? "item" : wish;
  const names = { key: one === "key" ? "position" : "key", value: one };
  const over = references.convert(collection, place);
  const context = references.context(place);
  // The structure of the template depends on data: it is asked for while the program loads.
  const settled: Variable = { kind: "variable", name: "", source: collection.source, start: collection.start, end: collection.end };
  const isLater = over.isRef;
  const scope = expressionScope({
    ...context,
    resolve: (root, path) => (root === "" ? { code: references.settled(name, over, place), consumed: 0 } : context.resolve(root, path)),
  });
  const loop = iterate(
    {
      collection: isLater ? settled : collection,
      keyName: names.key,
      valueName: names.value,
      uses: new Set([...(uses.has("key") ? [names.key] : []), ...(uses.has("value") ? [names.value] : [])]),
      isOrdered: true,
    },
    scope,
  );
  const iteration: Iteration = {
    key: loop.scope.variables.get(names.key) ?? code("undefined", dynamicType),
    value: loop.scope.variables.get(names.value) ?? code("undefined", dynamicType),
  };
  const text = convert(content, {
    ...place,
    names: loop.scope.names,
    iterations: new Map([...(place.iterations ?? []), [name, iteration]]),
  });
  const parameters = uses.size === 0 ? "" : loop.parameters.join(", ");
  const list = `${loop.collection}.map((${parameters}) => ${arrowBody(code(text, dynamicType))})`;
  return { spread: `...${list}`, list };
}

/** A name for one of many: `azure_tag` stays, `disks` becomes `disk`. */
function singular(name: string): string {
  return /[^s]s$/.test(name) ? name.slice(0, -1) : name;
}
