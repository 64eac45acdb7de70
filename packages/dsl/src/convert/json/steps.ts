// Provisioners and post-processors of a JSON template.
import type { ConfigSpec } from "@tspack/core";
import { numberType } from "../../hcl/eval/type.ts";
import { type JsonNode, type JsonString, rangeOf } from "../../json/syntax/tree.ts";
import type { JsonFilters, JsonPostProcessor, JsonProvisioner } from "../../json/template.ts";
import { coerce } from "../expression/coerce.ts";
import type { Imports } from "../expression/imports.ts";
import { quote } from "../expression/text.ts";
import { isShort } from "../hcl/body.ts";
import { configText } from "../hcl/expected-errors.ts";
import type { Specifications } from "../hcl/specifications.ts";
import { commonSpec } from "../hcl/step.ts";
import { stepText } from "../module/declarations.ts";
import { type Entry, listText, objectText } from "../module/pieces.ts";
import { optionEntries, textCode, type ValueContext } from "./values.ts";

/** A builder that steps may name. */
export interface NamedSource {
  readonly identifier: string;
  /** The name of the source in code. */
  readonly nameText: string;
  /** That name, where it is known beforehand. */
  readonly name: string | undefined;
}

/** What steps are written with. */
export interface StepContext extends ValueContext {
  readonly imports: Imports;
  readonly specifications: Specifications;
  /** By the raw name of a builder. */
  readonly sources: ReadonlyMap<string, NamedSource>;
}

/** `provision("shell", { … })`. */
export function provisionerText(given: JsonProvisioner, context: StepContext): string {
  const spec = context.specifications.find("provisioner", given.type);
  const common: Entry[] = [
    ...filterEntries(given, context),
    ...durationEntries("pause_before", given.pauseBefore),
    ...durationEntries("timeout", given.timeout),
    ...retriesEntries(given.maxRetries, context),
    ...overrideEntries(given, spec, context),
  ];
  const options = optionEntries(given.options, spec, context);
  for (const { name, source, start, end } of given.options) {
    if (!takenNames.has(name)) continue;
    context.findings.attention(
      `The provisioner ${JSON.stringify(given.type)} has no option ${JSON.stringify(name)} in a JSON template; in the program it is an argument of the step.`,
      { subject: source.range(start, end) },
    );
  }
  return component("provision", given.type, [...options, ...common], withCommon(spec, "provisioner"), context);
}

/** `postProcess("manifest", { … })`. */
export function postProcessorText(given: JsonPostProcessor, context: StepContext): string {
  const spec = context.specifications.find("post-processor", given.type);
  const entries: Entry[] = [
    ...(given.name === undefined || given.name === "" ? [] : [{ key: "name", value: quote(given.name) }]),
    ...optionEntries(given.options, spec, context),
    ...(given.keepInputArtifact === undefined ? [] : [{ key: "keep_input_artifact", value: String(given.keepInputArtifact) }]),
    ...filterEntries(given, context),
  ];
  return component("postProcess", given.type, entries, withCommon(spec, "post-processor"), context);
}

// --- internal ---

/** Arguments of a provisioner that JSON templates do not know. */
const takenNames: ReadonlySet<string> = new Set(["name", "continue_on_error"]);

function component(
  call: "provision" | "postProcess",
  type: string,
  entries: readonly Entry[],
  spec: ConfigSpec | undefined,
  { imports }: StepContext,
): string {
  return stepText(imports, call, JSON.stringify(type), configText(entries, spec, { open: !isShort(entries) }));
}

function withCommon(spec: ConfigSpec | undefined, kind: "provisioner" | "post-processor"): ConfigSpec | undefined {
  return spec === undefined ? undefined : { options: { ...spec.options, ...commonSpec[kind].options } };
}

function filterEntries({ only, except }: JsonFilters, context: StepContext): readonly Entry[] {
  const entry = (key: string, names: readonly JsonString[] | undefined): readonly Entry[] => {
    if (names === undefined) return [];
    return [{ key, value: listText(names.map((node) => ({ value: sourceText(node, context) }))) }];
  };
  return [...entry("only", only), ...entry("except", except)];
}

function sourceText(node: JsonString, { sources, findings }: StepContext): string {
  const known = sources.get(node.value);
  if (known !== undefined) return known.identifier;
  findings.attention(`There is no builder with the name ${JSON.stringify(node.value)}.`, { subject: rangeOf(node) });
  return `${quote(node.value)} /* TODO(tspack): the template has no such builder */`;
}

/** Durations are not rendered: text as it is, or nanoseconds. */
function durationEntries(key: string, node: JsonNode | undefined): readonly Entry[] {
  if (node?.kind === "string") return [{ key, value: quote(node.value) }];
  if (node?.kind !== "number") return [];
  const text = '// @ts-expect-error TODO(tspack): nanoseconds, as in the template; write it as text, such as "10s"';
  return [{ key, value: node.text.toLowerCase(), leading: [{ text, blankAfter: false }] }];
}

function retriesEntries(node: JsonNode | undefined, context: StepContext): readonly Entry[] {
  if (node?.kind === "number") return [{ key: "max_retries", value: node.text }];
  if (node?.kind !== "string") return [];
  const trimmed = node.value.trim();
  const value = /^\d+$/.test(trimmed) ? String(Number(trimmed)) : coerce(textCode(node, context), numberType).text;
  return [{ key: "max_retries", value }];
}

/** By the name of the source: a key that is computed where that is. */
function overrideEntries({ override }: JsonProvisioner, spec: ConfigSpec | undefined, context: StepContext): readonly Entry[] {
  if (override.length === 0) return [];
  const entries = override.map(({ property, options }): Entry => {
    const own = optionEntries(options.properties, spec, context);
    const value = objectText(own, { open: !isShort(own) });
    const source = context.sources.get(property.name);
    if (source === undefined) {
      context.findings.attention(`There is no builder with the name ${JSON.stringify(property.name)}.`, { subject: rangeOf(property) });
      return { key: property.name, value };
    }
    return source.name === undefined ? { value: `[${source.identifier}.name]: ${value}` } : { key: source.name, value };
  });
  return [{ key: "override", value: objectText(entries) }];
}
