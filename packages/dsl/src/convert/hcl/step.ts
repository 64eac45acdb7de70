// Provisioners and post-processors.
import type { ConfigSpec, OptionSpec } from "@tspack/core";
import { constantText } from "../../hcl/packer/constant.ts";
import type { Attribute, Block, Expression } from "../../hcl/syntax/tree.ts";
import { operand, precedence } from "../expression/code.ts";
import { stepText } from "../module/declarations.ts";
import { type Entry, listText } from "../module/pieces.ts";
import { bodyText } from "./body.ts";
import { convertDynamic, dynamicLabels } from "./dynamic.ts";
import type { Place, References } from "./references.ts";
import { remarks, remarksOf } from "./remarks.ts";
import type { Specifications } from "./specifications.ts";

/** What steps are converted with. */
export interface StepContext {
  readonly references: References;
  readonly specifications: Specifications;
  readonly place: Place;
  /** The constant of a source by `type.name`, where there is one. */
  readonly sourceConstant: (name: string) => string | undefined;
}

/** The kinds of steps, by the type of their block. */
const kinds = {
  provisioner: { call: "provision", kind: "provisioner" },
  "error-cleanup-provisioner": { call: "provision", kind: "provisioner" },
  "post-processor": { call: "postProcess", kind: "post-processor" },
} as const;

type StepBlock = keyof typeof kinds;

/** True for the blocks that are a step each. */
export function isStep(type: string): type is StepBlock {
  return Object.hasOwn(kinds, type);
}

/** A step as the entry of a list; a `dynamic` one spreads what it makes, and a mere condition stands in front of its step. */
export function stepEntry(block: Block, context: StepContext): Entry {
  if (block.type !== "dynamic") return { value: step(block, block.type, context), blankBefore: isSetOff(block), ...remarks(block) };
  const type = block.labels[0]?.text ?? "";
  const made = convertDynamic(block, context.references, context.place, (content, place) =>
    step(content, type, { ...context, place }, dynamicLabels(block)),
  );
  const value =
    made.conditional === undefined ? made.spread : `${operand(made.conditional.condition, precedence.and)} && ${made.conditional.content}`;
  return { value, blankBefore: isSetOff(block), ...remarks(block) };
}

/** Steps with comments keep the empty line in front of them. */
export function isSetOff({ blankBefore, leading }: Block): boolean {
  return blankBefore && leading.length > 0;
}

/** A chain: the blocks of `post-processors`. */
export function chainText(block: Block, context: StepContext): string {
  const steps = block.body.items.filter((item): item is Block => item.kind === "block");
  return listText(
    steps.map((each) => stepEntry(each, context)),
    { open: steps.length > 1 },
  );
}

/** A step alone: `provision("shell", { … })`. */
export function step(block: Block, type: string, context: StepContext, labels?: Expression): string {
  const { call, kind } = isStep(type) ? kinds[type] : kinds.provisioner;
  const { references, specifications, place } = context;
  const component = componentName(block, context, labels);
  const known = component.name === undefined ? undefined : specifications.find(kind, component.name);
  const spec = known === undefined ? undefined : { options: { ...known.options, ...commonSpec[kind].options } };
  const options = bodyText(block, references, {
    place,
    spec: spec ?? commonSpec[kind],
    isOpenSpec: spec === undefined,
    attribute: (attribute) => {
      const names = attribute.name === "only" || attribute.name === "except" ? sourceNames(attribute, context) : undefined;
      return names === undefined
        ? "default"
        : { key: attribute.name, value: names, blankBefore: attribute.blankBefore, ...remarks(attribute) };
    },
  });
  return stepText(references.imports, call, component.text, options);
}

// --- internal ---

/** The component's name: the block's label, or the first of the labels of `dynamic`. */
function componentName(
  block: Block,
  { references, place }: StepContext,
  labels?: Expression,
): { readonly text: string; readonly name?: string } {
  const [label] = block.labels;
  if (label !== undefined) return { text: JSON.stringify(label.text), name: label.text };
  const first = labels?.kind === "tuple" ? labels.elements[0]?.value : undefined;
  const name = first === undefined ? undefined : constantText(first);
  if (name !== undefined) return { text: JSON.stringify(name), name };
  if (first !== undefined) return { text: references.convert(first, place, { kind: "string" }).text };
  return { text: labels === undefined ? '""' : `${operand(references.convert(labels, place), precedence.access)}[0] ?? ""` };
}

/** A list of sources: constants where the names are written out and known. undefined: it is an expression like others. */
function sourceNames(attribute: Attribute, context: StepContext): string | undefined {
  const { value } = attribute;
  if (value.kind !== "tuple") return undefined;
  const items = value.elements.map((element): Entry => {
    const name = constantText(element.value);
    const constant = name === undefined ? undefined : context.sourceConstant(name);
    const text = constant ?? context.references.convert(element.value, context.place, { kind: "string" }).text;
    return { value: text, ...remarks(element) };
  });
  return listText(items, { dangling: remarksOf(value.dangling) });
}

const scalar = (kind: "string" | "number" | "bool"): OptionSpec => ({ type: { kind }, required: false });

const sourceArguments: ConfigSpec["options"] = {
  only: { type: { kind: "any" }, required: false },
  except: { type: { kind: "any" }, required: false },
};

/** The common arguments (rows META-01 to META-09). */
export const commonSpec: { readonly provisioner: ConfigSpec; readonly "post-processor": ConfigSpec } = {
  provisioner: {
    options: {
      ...sourceArguments,
      override: { type: { kind: "any" }, required: false },
      name: scalar("string"),
      pause_before: scalar("string"),
      timeout: scalar("string"),
      max_retries: scalar("number"),
      continue_on_error: scalar("bool"),
    },
  },
  "post-processor": { options: { ...sourceArguments, name: scalar("string"), keep_input_artifact: scalar("bool") } },
};

/** The block type of a `dynamic` or plain block. */
export function blockType(block: Block): string {
  return block.type === "dynamic" ? (block.labels[0]?.text ?? "") : block.type;
}
