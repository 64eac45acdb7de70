// `dynamic` blocks: a list made with `.map`, or a conditional where the iteration is only a condition (row BLK-16).

import { boolType, dynamicType, numberType } from "../../hcl/eval/type.ts";
import { findAttribute } from "../../hcl/packer/body.ts";
import type { Block, Expression, Variable } from "../../hcl/syntax/tree.ts";
import { arrowBody, type Code, code, conditionText, operand, precedence } from "../expression/code.ts";
import { expressionScope } from "../expression/convert-expression.ts";
import { iterate } from "../expression/iteration.ts";
import { identifier, singular as singularOf } from "../expression/names.ts";
import { presentIf } from "../expression/operators.ts";
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
  const choice = conditionOf(collection);
  if (choice !== undefined) {
    const converted = references.convert(choice.condition, place, boolType);
    const condition = choice.isNegated ? negated(converted) : converted;
    const value = uses.size === 0 ? code("undefined", dynamicType) : onlyValue(choice, references, place);
    if (!condition.isRef && value !== undefined) {
      const once: Iteration = { key: code("0", numberType), value };
      const text = convert(content, { ...place, iterations: new Map([...(place.iterations ?? []), [name, once]]) });
      const list = `${conditionText(condition)} ? [${text}] : []`;
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

/** A list of one element, or none. */
interface Choice {
  readonly condition: Expression;
  readonly isNegated: boolean;
  readonly element: Expression | undefined;
}

/**
 * What the element of a choice is inside the block: a name that can be repeated, as `assumeRole`, known not to be null where the
 * condition asks for that. Undefined for what is computed.
 */
function onlyValue({ element, condition, isNegated }: Choice, references: References, place: Place): Code | undefined {
  if (element === undefined) return undefined;
  const scope = expressionScope(references.context(place));
  const value = scope.convert(element, { ...scope, present: presentIf(condition, !isNegated, scope) });
  return isNameOrPath(value) ? value : undefined;
}

function isNameOrPath({ text, isRef, holdsRefs, type }: Code): boolean {
  return /^[\p{ID_Continue}$]+(\.[\p{ID_Continue}$]+)*$/u.test(text) && !isRef && holdsRefs !== true && type.kind !== "dynamic";
}

/** `condition ? [1] : []`, or the other way round. */
function conditionOf(expression: Expression): Choice | undefined {
  if (expression.kind === "parentheses") return conditionOf(expression.value);
  if (expression.kind !== "conditional") return undefined;
  const { condition } = expression;
  const [then, otherwise] = [elementsOf(expression.then), elementsOf(expression.otherwise)];
  if (then?.length === 1 && otherwise?.length === 0) return { condition, isNegated: false, element: then[0] };
  return then?.length === 0 && otherwise?.length === 1 ? { condition, isNegated: true, element: otherwise[0] } : undefined;
}

function elementsOf(expression: Expression): readonly Expression[] | undefined {
  if (expression.kind === "parentheses") return elementsOf(expression.value);
  return expression.kind === "tuple" ? expression.elements.map(({ value }) => value) : undefined;
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
  const over = references.convert(collection, place);
  const one = wishFor(name, over, references);
  const names = { key: one === "key" ? "position" : "key", value: one };
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

/**
 * A name for what is iterated. Blocks of steps are named after what they are made of: `scripts` give a `script`. What the module imports
 * or declares keeps its name.
 */
function wishFor(name: string, over: Code, { identifiers }: References): string {
  const [own, ofList] = [singular(name), singularOf(over.text)];
  const wishes = /(provisioner|post-processor)$/.test(name) ? [ofList, own] : [own, ofList];
  const free = wishes.find((wish) => wish !== "item" && !identifiers.scope.has(identifier(wish)));
  return free ?? own;
}

/** A name for one of many: `azure_tag` stays, `disks` becomes `disk`. */
function singular(name: string): string {
  return /[^s]s$/.test(name) ? name.slice(0, -1) : name;
}
