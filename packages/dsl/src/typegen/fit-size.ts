// No file of types gets so large that editors stumble over it. What is left out makes the check more lenient, never stricter.
import type { ConfigSpec, OptionSpec, SpecType } from "@tspack/core";
import { printModule, type TypedComponent } from "./print-module.ts";

/** The largest file of types of one component. */
export const LARGEST_TYPES_BYTES = 300_000;

/** The types of one component. */
export interface PrintedTypes {
  readonly text: string;
  /** What was left out so that they fit; undefined when all is there. */
  readonly cut: string | undefined;
}

/** Blocks in blocks that are kept, in the order of the attempts. */
const depths = [6, 4, 3, 2, 1, 0];

/**
 * Prints the types of a component in at most `LARGEST_TYPES_BYTES`. Where they would be larger, first descriptions are left out, then deep
 * blocks become `unknown`, at last only the first options are listed and all others are taken unchecked.
 */
export function printFitting(component: TypedComponent, header: string): PrintedTypes {
  const attempt = (changed: TypedComponent, cut: string | undefined): PrintedTypes | undefined => {
    const note = cut === undefined ? "" : `\nLarger than ${LARGEST_TYPES_BYTES / 1000} kB, so that ${cut}.`;
    const text = printModule([changed], `${header}${note}`);
    return Buffer.byteLength(text) > LARGEST_TYPES_BYTES ? undefined : { text, cut };
  };
  const map = (change: (spec: ConfigSpec) => ConfigSpec, from = component): TypedComponent => ({
    ...from,
    spec: change(from.spec),
    output: from.output === undefined ? undefined : change(from.output),
  });
  // A tree of which each block holds ten is not printed to see that it is too large.
  if (countOptions(component) <= LARGEST_TYPES_BYTES / SHORTEST_OPTION_BYTES) {
    const whole = attempt(component, undefined);
    if (whole !== undefined) return whole;
  }
  const bare = map(withoutTexts);
  for (const depth of [Number.POSITIVE_INFINITY, ...depths]) {
    const changed = depth === Number.POSITIVE_INFINITY ? bare : map((spec) => limitDepth(spec, depth), bare);
    if (countOptions(changed) > LARGEST_TYPES_BYTES / SHORTEST_OPTION_BYTES) continue;
    const blocks = depth === Number.POSITIVE_INFINITY ? "" : `, and blocks below the ${ordinal(depth)} level are not checked`;
    const printed = attempt(changed, `descriptions are left out${blocks}`);
    if (printed !== undefined) return printed;
  }
  const flat = map((spec) => limitDepth(spec, 0), bare);
  for (let count = Math.floor(LARGEST_TYPES_BYTES / SHORTEST_OPTION_BYTES); count > 0; count = Math.floor(count / 2)) {
    const changed = { ...map((spec) => firstOptions(spec, count), flat), isOpen: true };
    const printed = attempt(changed, `only the first ${count} options are listed, without what is in blocks; others are not checked`);
    if (printed !== undefined) return printed;
  }
  return { text: printModule([{ ...flat, spec: { options: {} }, output: undefined, isOpen: true }], header), cut: "nothing is listed" };
}

// --- internal ---

/** `a?: unknown;` with its indentation and line end. */
const SHORTEST_OPTION_BYTES = 15;

function ordinal(depth: number): string {
  return ["first", "second", "third", "fourth", "fifth", "sixth", "seventh"][depth] ?? `${depth + 1}th`;
}

function countOptions({ spec, output }: TypedComponent): number {
  const inType = (type: SpecType): number => {
    switch (type.kind) {
      case "list":
      case "set":
      case "map":
        return inType(type.element);
      case "object":
        return type.spec === undefined ? Object.values(type.attributes).reduce((sum, one) => sum + 1 + inType(one), 0) : inSpec(type.spec);
      case "union":
        return type.variants.reduce((sum, one) => sum + inType(one.type), 0);
      case "block":
      case "block-list":
        return inSpec(type.spec);
      default:
        return 0;
    }
  };
  const inSpec = (one: ConfigSpec): number => Object.values(one.options).reduce((sum, option) => sum + 1 + inType(option.type), 0);
  return inSpec(spec) + (output === undefined ? 0 : inSpec(output));
}

/** Without descriptions and defaults, those of blocks as well. */
function withoutTexts({ options }: ConfigSpec): ConfigSpec {
  const bare = ({ type, required, choices }: OptionSpec): OptionSpec => ({ type: bareType(type), required, choices });
  const bareType = (type: SpecType): SpecType => {
    switch (type.kind) {
      case "list":
      case "set":
      case "map":
        return { ...type, element: bareType(type.element) };
      case "object":
        return type.spec === undefined ? type : { ...type, spec: withoutTexts(type.spec) };
      case "union":
        return { ...type, variants: type.variants.map(bare) };
      case "block":
      case "block-list":
        return { ...type, spec: withoutTexts(type.spec) };
      default:
        return type;
    }
  };
  return { options: Object.fromEntries(Object.entries(options).map(([name, option]) => [name, bare(option)])) };
}

/** Blocks and objects below so many levels may be anything. */
function limitDepth({ options }: ConfigSpec, depth: number): ConfigSpec {
  const limited = (type: SpecType): SpecType => {
    switch (type.kind) {
      case "list":
      case "set":
      case "map":
        return { ...type, element: limited(type.element) };
      case "object": {
        if (depth === 0) return { kind: "any" };
        const spec = type.spec ?? {
          options: Object.fromEntries(Object.entries(type.attributes).map(([name, one]) => [name, { type: one, required: false }])),
        };
        return { ...type, spec: limitDepth(spec, depth - 1) };
      }
      case "union":
        return { ...type, variants: type.variants.map((one) => ({ ...one, type: limited(one.type) })) };
      case "block":
      case "block-list":
        return depth === 0 ? { kind: "any" } : { ...type, spec: limitDepth(type.spec, depth - 1) };
      default:
        return type;
    }
  };
  return { options: Object.fromEntries(Object.entries(options).map(([name, one]) => [name, { ...one, type: limited(one.type) }])) };
}

function firstOptions({ options }: ConfigSpec, count: number): ConfigSpec {
  return { options: Object.fromEntries(Object.entries(options).slice(0, count)) };
}
