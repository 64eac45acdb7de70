// Go's pipelines and functions in TypeScript, where both mean the same.
import type { TemplateCommand as Command, TemplateOperand as Operand, TemplatePipeline as Pipeline } from "@tspack/core";
import { boolType, dynamicType, numberType, stringType } from "../../hcl/eval/type.ts";
import { type Code, code, operand as inOperator, precedence, receiver } from "../expression/code.ts";
import { composeText, type TextPiece } from "../expression/template.ts";
import { literalValue, quote } from "../expression/text.ts";
import type { TextWorld } from "./text.ts";

/** Says why something cannot be written in TypeScript. */
export class NotPossible extends Error {}

/** The value of a pipeline, which reads known calls alone. Throws `NotPossible`. */
export function pipelineCode({ commands, variables }: Pipeline, world: TextWorld): Code {
  if (variables.length > 0) throw new NotPossible("it sets a variable");
  let value: Code | undefined;
  for (const command of commands) value = commandCode(command, value, world);
  if (value === undefined) throw new NotPossible("it is empty");
  return value;
}

/** A condition: empty text and zero are false in both languages. */
export function booleanCode(value: Code): string {
  return inOperator(value, precedence.nullish);
}

// --- internal ---

function commandCode({ operands }: Command, piped: Code | undefined, world: TextWorld): Code {
  const [first, ...rest] = operands;
  if (first.kind !== "call") {
    if (rest.length > 0 || piped !== undefined) throw new NotPossible("it calls a value");
    return operandCode(first, world);
  }
  const args = [...rest.map((each) => operandCode(each, world)), ...(piped === undefined ? [] : [piped])];
  return callCode(first.name, args, world);
}

function operandCode(operand: Operand, world: TextWorld): Code {
  switch (operand.kind) {
    case "string":
      return code(quote(operand.value), stringType, { literal: true });
    case "number":
      if (typeof operand.value === "number") throw new NotPossible("it holds a fraction");
      return code(String(operand.value), numberType, {
        literal: true,
        precedence: operand.value < 0n ? precedence.unary : precedence.primary,
      });
    case "boolean":
      return code(String(operand.value), boolType, { literal: true });
    case "call":
      return callCode(operand.name, [], world);
    case "pipeline":
      return pipelineCode(operand.pipeline, world);
    default:
      throw new NotPossible("it reads a value of the component");
  }
}

function callCode(name: string, args: readonly Code[], world: TextWorld): Code {
  const known = world.calls.get(name);
  if (known !== undefined) {
    const texts = args.map(({ text }) => literalValue(text));
    const made = texts.every((text) => text !== undefined) ? known(...texts) : undefined;
    if (made === undefined) throw new NotPossible(`${name} cannot be called like this here`);
    return made;
  }
  const write = functions[name];
  const made = write?.(args, world);
  if (made === undefined) throw new NotPossible(`this use of ${name} is not the same in TypeScript`);
  return made;
}

/** undefined: not with these arguments. */
type Write = (args: readonly Code[], world: TextWorld) => Code | undefined;

const functions: { readonly [name: string]: Write | undefined } = {
  lower: (args) => method(args, "toLowerCase"),
  upper: (args) => method(args, "toUpperCase"),
  replace_all: ([old, by, text, ...more]) => (more.length > 0 ? undefined : replaced(old, by, text, "replaceAll")),
  replace: ([old, by, count, text, ...more]) => {
    if (more.length > 0 || count?.literal !== true || count.type.kind !== "number") return undefined;
    const times = Number(count.text);
    return times < 0 ? replaced(old, by, text, "replaceAll") : times === 1 ? replaced(old, by, text, "replace") : undefined;
  },
  split: ([text, separator, index, ...more]) => {
    if (!isText(text) || !isText(separator) || index?.type.kind !== "number" || more.length > 0) return undefined;
    const mark = literalValue(separator.text);
    if (mark === undefined || mark === "" || !/^\d+$/.test(index.text)) return undefined;
    return code(`${receiver(text)}.split(${separator.text})[${index.text}] ?? ""`, stringType, { precedence: precedence.nullish });
  },
  eq: ([first, ...others]) =>
    joined(
      "||",
      others.map((other) => compared("===", first, other)),
    ),
  ne: ([first, other, ...more]) => (more.length > 0 ? undefined : compared("!==", first, other)),
  not: ([value, ...more]) =>
    value === undefined || more.length > 0
      ? undefined
      : code(`!${inOperator(value, precedence.unary)}`, boolType, { precedence: precedence.unary }),
  or: (args) => joined("||", args),
  and: (args) => joined("&&", args),
  print: (args, world) => (args.every(isText) ? composeText(args, { context: world }) : undefined),
  printf: ([format, ...args], world) => formatted(format, args, world),
};

function isText(value: Code | undefined): value is Code {
  return value?.type.kind === "string";
}

function method([text, ...more]: readonly Code[], name: string): Code | undefined {
  if (!isText(text) || more.length > 0) return undefined;
  return code(`${receiver(text)}.${name}()`, stringType, { precedence: precedence.access });
}

function replaced(old: Code | undefined, by: Code | undefined, text: Code | undefined, name: "replace" | "replaceAll"): Code | undefined {
  if (!isText(old) || !isText(by) || !isText(text)) return undefined;
  const [from, to] = [literalValue(old.text), literalValue(by.text)];
  if (from === undefined || from === "") return undefined;
  // In the new text of a replacement a dollar sign means something; in what a function returns it does not.
  const written = to === undefined || to.includes("$") ? `() => ${inOperator(by, precedence.conditional)}` : by.text;
  return code(`${receiver(text)}.${name}(${old.text}, ${written})`, stringType, { precedence: precedence.access });
}

function compared(operator: "===" | "!==", a: Code | undefined, b: Code | undefined): Code | undefined {
  if (a === undefined || b === undefined || a.type.kind !== b.type.kind || a.type.kind === "dynamic") return undefined;
  const at = precedence.relational;
  return code(`${inOperator(a, at)} ${operator} ${inOperator(b, at)}`, boolType, { precedence: precedence.equality });
}

/** In both languages the result is the operand that decided. */
function joined(operator: "||" | "&&", values: readonly (Code | undefined)[]): Code | undefined {
  const [first] = values;
  if (first === undefined) return undefined;
  const at = operator === "||" ? precedence.or : precedence.and;
  const texts: string[] = [];
  for (const value of values) {
    if (value === undefined) return undefined;
    // `a || b && c` is read more easily with its parentheses.
    texts.push(inOperator(value, precedence.equality));
  }
  if (values.length === 1) return first;
  const isOneType = values.every((value) => value?.type.kind === first.type.kind);
  return code(texts.join(` ${operator} `), isOneType ? first.type : dynamicType, { precedence: at });
}

/** `printf "%s-%s" a b`, where the verbs are simple. */
function formatted(format: Code | undefined, args: readonly Code[], world: TextWorld): Code | undefined {
  const spec = format === undefined ? undefined : literalValue(format.text);
  if (spec === undefined) return undefined;
  const pieces: TextPiece[] = [];
  let next = 0;
  for (const part of spec.split(/(%[\s\S])/)) {
    if (part === "%%") pieces.push("%");
    else if (part === "%s" || part === "%v") {
      const value = args[next++];
      if (!isText(value)) return undefined;
      pieces.push(value);
    } else if (part.includes("%")) return undefined;
    else pieces.push(part);
  }
  return next === args.length ? composeText(pieces, { context: world }) : undefined;
}
