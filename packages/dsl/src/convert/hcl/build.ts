// `build` blocks (rows BLK-10 to BLK-15).

import type { ConfigSpec, OptionSpec } from "@tspack/core";
import { findAttribute } from "../../hcl/packer/body.ts";
import { constantText } from "../../hcl/packer/constant.ts";
import type { BuildBlock } from "../../hcl/packer/declarations.ts";
import type { Block, Comment, Expression, Node } from "../../hcl/syntax/tree.ts";
import { code, conditionText, operand, precedence, receiver } from "../expression/code.ts";
import { buildText, runList } from "../module/declarations.ts";
import { type Entry, listText, objectText } from "../module/pieces.ts";
import { attributeEntry, bodyEntries, withOpening } from "./body.ts";
import { convertDynamic } from "./dynamic.ts";
import { configText } from "./expected-errors.ts";
import type { Place, References } from "./references.ts";
import { openRemarks, remarks, remarksOf } from "./remarks.ts";
import { type ConvertedSource, sourceOptions } from "./source.ts";
import type { Specifications } from "./specifications.ts";
import { blockType, chainText, isSetOff, isStep, type StepContext, step, stepEntry } from "./step.ts";

/** What builds are converted with. */
export interface BuildContext {
  readonly references: References;
  readonly specifications: Specifications;
  /** By `type.name`. */
  readonly sources: ReadonlyMap<string, ConvertedSource>;
  /** `hcp_packer_registry` of the template's root: each build has it. */
  readonly registry?: Block | undefined;
}

/** Code of a build: `build({ … })`. */
export function convertBuild({ block, name, description, blocks: written, sources }: BuildBlock, context: BuildContext): string {
  const { references } = context;
  const { blocks, behindProvisioners } = handOver(written);
  const buildName = name === undefined ? code('""', { kind: "string" }) : references.convert(name.value, {}, { kind: "string" });
  const entries: Entry[] = [];
  for (const attribute of [name, description]) if (attribute !== undefined) entries.push(attributeEntry(attribute, references));
  const own = { ...context, buildName };
  entries.push(sourcesEntry(sources, blocks, own));
  entries.push(...provisionersEntries(blocks, behindProvisioners, own));
  entries.push(...cleanupEntries(blocks, own));
  entries.push(...postProcessorsEntries(blocks, own));
  const registries = blocks.filter((each) => blockType(each) === "hcp_packer_registry");
  const registry = registries[0] ?? context.registry;
  if (registry !== undefined) entries.push(registryEntry(registry, context));
  const opening = openRemarks(block.openComment);
  return buildText(references.imports, withOpening(block, entries), entries.length === 0 ? opening : remarksOf(block.body.dangling));
}

// --- internal ---

interface InBuild extends BuildContext {
  readonly buildName: ReturnType<typeof code>;
}

/** `sources` and the `source` blocks, in that order. */
function sourcesEntry(attribute: BuildBlock["sources"], blocks: readonly Block[], context: InBuild): Entry {
  const listed = attribute === undefined ? [] : listedSources(attribute.value, context);
  const nested = blocks
    .filter((block) => block.type === "source" || (block.type === "dynamic" && blockType(block) === "source"))
    .map((block): Entry => ({ value: nestedSource(block, context), ...remarks(block) }));
  const around = attribute === undefined ? {} : remarks(attribute);
  const rest = attribute === undefined ? [] : remarksOf(danglingIn(attribute.value));
  // Comments at the end of the list stand in front of what is added to it.
  const [added, ...others] = nested;
  const all = added === undefined ? listed : [...listed, { ...added, leading: [...rest, ...(added.leading ?? [])] }, ...others];
  const dangling = added === undefined ? rest : [];
  return { key: "sources", value: listText(all, { open: nested.length > 1, dangling }), ...around };
}

/** Comments behind the last element of a list. */
function danglingIn(list: Expression): readonly Comment[] {
  if (list.kind === "parentheses") return danglingIn(list.value);
  return list.kind === "tuple" ? list.dangling : [];
}

function listedSources(list: Expression, context: InBuild): readonly Entry[] {
  const { references } = context;
  if (list.kind === "parentheses") return listedSources(list.value, context);
  if (list.kind !== "tuple") return [{ value: `...${namedSources(references.convert(list), context)}` }];
  return list.elements.map((element): Entry => {
    const name = constantText(element.value);
    const known = name === undefined ? undefined : sourceOf(name, context);
    if (known !== undefined) return { value: references.use(known.identifier).text, ...remarks(element) };
    if (name !== undefined) return { value: missingSource(name, element.value, context), ...remarks(element) };
    const computed = references.convert(element.value, {}, { kind: "string" });
    return { value: `...${namedSources(code(`[${computed.text}]`, { kind: "dynamic" }), context)}`, ...remarks(element) };
  });
}

/** The sources of names that are computed. */
function namedSources(names: ReturnType<typeof code>, { sources, references }: InBuild): string {
  if (sources.size === 0) {
    references.findings.attention("The template has no sources, and the names of those of the build are computed.");
    return "[]";
  }
  const all = [...sources.values()].map(({ identifier }) => references.use(identifier).text).join(", ");
  const scope = references.identifiers.scope.child();
  const [name, each] = [scope.fresh("name"), scope.fresh("one")];
  const test = `${name}.replace(/^.*\\.(?=[^.]*\\.)/, "") === \`\${${each}.type}.\${${each}.name}\``;
  return `${receiver(names)}.flatMap((${name}) => [${all}].filter((${each}) => ${test}))`;
}

function sourceOf(name: string, { sources }: BuildContext): ConvertedSource | undefined {
  return sources.get(localName(name));
}

/** `type.name` of `source.type.name`; what stands in front of three parts is not looked at. */
function localName(reference: string): string {
  const parts = reference.split(".");
  return parts.length > 2 ? parts.slice(1).join(".") : reference;
}

/** A fragment may name a source that is not there: it is written out, empty and marked. */
function missingSource(reference: string, node: Node, { references, specifications }: InBuild): string {
  const [type = "", ...rest] = localName(reference).split(".");
  references.findings.attention(`There is no source "${localName(reference)}" in the template.`, {
    subject: node.source.range(node.start, node.end),
  });
  const call = `${references.imports.use("source")}(${JSON.stringify(type)}, ${JSON.stringify(rest.join("."))}, ${configText([], specifications.find("builder", type))})`;
  return `${call} /* TODO(tspack): the template has no such source */`;
}

/** A `source` block in a build: another name, and options that are added (row BLK-11). */
function nestedSource(block: Block, context: InBuild): string {
  const { references, specifications } = context;
  if (block.type === "dynamic") {
    const label = findAttribute(block.body, "labels")?.value;
    const first = label?.kind === "tuple" ? label.elements[0]?.value : undefined;
    return convertDynamic(block, references, {}, (content, place) =>
      oneNestedSource(content, first === undefined ? undefined : constantText(first), place, context),
    ).spread;
  }
  void specifications;
  return oneNestedSource(block, block.labels[0]?.text, {}, context);
}

function oneNestedSource(block: Block, label: string | undefined, place: Place, context: InBuild): string {
  const { references, specifications } = context;
  const known = label === undefined ? undefined : sourceOf(label, context);
  if (known === undefined) {
    return missingSource(label ?? "", block, context);
  }
  const nameAttribute = findAttribute(block.body, "name");
  const constant = nameAttribute === undefined ? known.block.name : constantText(nameAttribute.value);
  const name =
    constant === undefined && nameAttribute !== undefined ? references.convert(nameAttribute.value, place).text : JSON.stringify(constant);
  const spec = specifications.find("builder", known.block.type);
  const added = bodyEntries(block.body, references, {
    place: { ...place, source: { type: known.block.type, name: constant ?? known.block.name } },
    spec,
    attribute: (attribute) => (attribute.name === "name" ? undefined : "default"),
  });
  const changes = [...renamed(known, constant, context), ...withOpening(block, added.entries).map((entry) => appended(entry, known))];
  const base = references.use(known.identifier).text;
  if (changes.length === 0 && added.dangling.length === 0 && constant === known.block.name) return base;
  return `${base}.with(${name}, ${configText(changes, spec, { dangling: added.dangling, isPartial: true })})`;
}

/** Options of the source that mention its name, made again for the new one. */
function renamed(known: ConvertedSource, name: string | undefined, { references, specifications }: InBuild): readonly Entry[] {
  if (known.ownName.size === 0 || name === undefined || name === known.block.name) return [];
  const again = sourceOptions(known.block, { references, specifications, name });
  return again.entries
    .filter(({ key }) => key !== undefined && known.ownName.has(key))
    .map((entry) => ({ ...entry, leading: [], trailing: undefined }));
}

/** Blocks of a type that the source has as well come after those. */
function appended(entry: Entry, known: ConvertedSource): Entry {
  const before = known.options.entries.find(({ key }) => key !== undefined && key === entry.key);
  if (before === undefined) return entry;
  return { ...entry, value: `[${spreadText(before.value)}, ${spreadText(entry.value)}]` };
}

/** The entries of a list, for another list. */
function spreadText(list: string): string {
  const isPlain = list.startsWith("[") && list.endsWith("]") && !list.includes("//");
  return isPlain ? list.slice(1, -1).trim().replace(/,$/, "") : `...${list}`;
}

/** Comments between the provisioners and the post-processors, set off from these, are about the former: steps that are turned off. */
function handOver(blocks: readonly Block[]): { readonly blocks: readonly Block[]; readonly behindProvisioners: readonly Comment[] } {
  const first = blocks.findIndex((block) => blockType(block).startsWith("post-processor"));
  const [before, block] = [blocks[first - 1], blocks[first]];
  if (before === undefined || block === undefined || blockType(before) !== "provisioner") return { blocks, behindProvisioners: [] };
  const end = block.leading.findLastIndex(({ blankAfter }) => blankAfter) + 1;
  const rest: Block = { ...block, leading: block.leading.slice(end) };
  return { blocks: blocks.with(first, rest), behindProvisioners: block.leading.slice(0, end) };
}

function provisionersEntries(blocks: readonly Block[], behind: readonly Comment[], context: InBuild): readonly Entry[] {
  const steps = blocks.filter((block) => blockType(block) === "provisioner");
  return steps.length === 0
    ? []
    : [
        runEntry("provisioners", context, (inside) =>
          listText(
            steps.map((block) => stepEntry(block, inside)),
            { open: true, dangling: remarksOf(behind) },
          ),
        ),
      ];
}

function cleanupEntries(blocks: readonly Block[], context: InBuild): readonly Entry[] {
  const [block] = blocks.filter((each) => blockType(each) === "error-cleanup-provisioner");
  if (block === undefined) return [];
  const entry = runEntry("errorCleanup", context, (inside) => {
    if (block.type !== "dynamic") return step(block, block.type, inside);
    return `${operand(code(stepEntry(block, inside).value.replace(/^\.\.\./, ""), { kind: "dynamic" }), precedence.access)}`;
  });
  return [{ ...entry, ...remarks(block) }];
}

function postProcessorsEntries(blocks: readonly Block[], context: InBuild): readonly Entry[] {
  const own = blocks.filter((block) => blockType(block) === "post-processor" || blockType(block) === "post-processors");
  if (own.length === 0) return [];
  const list = (inside: StepContext): string =>
    listText(
      own.map((block): Entry => {
        if (isStep(blockType(block))) return stepEntry(block, inside);
        if (block.type !== "dynamic") return { value: chainText(block, inside), blankBefore: isSetOff(block), ...remarks(block) };
        const made = convertDynamic(block, inside.references, inside.place, (content, place) => chainText(content, { ...inside, place }));
        return { value: made.spread, blankBefore: isSetOff(block), ...remarks(block) };
      }),
      { open: true },
    );
  return [runEntry("postProcessors", context, list)];
}

/** An entry whose value may need values of the run. */
function runEntry(
  key: string,
  { references, specifications, sources, buildName }: InBuild,
  convert: (inside: StepContext) => string,
): Entry {
  const used = new Set<"build" | "source">();
  const value = convert({
    references,
    specifications,
    place: { run: { used, buildName } },
    sourceConstant: (name) => {
      const known = sources.get(name);
      return known === undefined ? undefined : references.use(known.identifier).text;
    },
  });
  if (used.size === 0 || !value.includes("await ")) return { key, value: runList(value, [...used]) };
  const settled = references.withoutAwait(value);
  if (settled === undefined) {
    references.findings.attention(`${key} asks a service inside a function: move the call in front of the build, as a constant.`);
  }
  return { key, value: runList(settled ?? value, [...used]) };
}

/** `hcp_packer_registry`; a conditional one is `undefined` on the other side. */
function registryEntry(block: Block, { references }: BuildContext): Entry {
  const call = references.imports.use("registry");
  const text = (content: Block, place: Place): string => {
    const { entries, dangling } = bodyEntries(content.body, references, { place, spec: registrySpec });
    // The former name of an argument.
    const hasNew = entries.some(({ key }) => key === "bucket_labels");
    const renamed = entries
      .filter(({ key }) => key !== "labels" || !hasNew)
      .map((entry) => (entry.key === "labels" ? { ...entry, key: "bucket_labels" } : entry));
    return `${call}(${objectText(withOpening(content, renamed), { dangling })})`;
  };
  if (block.type !== "dynamic") return { key: "registry", value: text(block, {}), ...remarks(block) };
  const made = convertDynamic(block, references, {}, text);
  const value =
    made.conditional === undefined
      ? `${operand(code(made.list, { kind: "dynamic" }, { precedence: precedence.access }), precedence.access)}[0]`
      : `${conditionText(made.conditional.condition)} ? ${made.conditional.content} : undefined`;
  return { key: "registry", value, ...remarks(block) };
}

const labels: OptionSpec = { type: { kind: "map", element: { kind: "string" } }, required: false };

/** What the registry takes (row BLK-15). */
const registrySpec: ConfigSpec = {
  options: {
    bucket_name: { type: { kind: "string" }, required: false },
    description: { type: { kind: "string" }, required: false },
    bucket_labels: labels,
    build_labels: labels,
    labels,
    channels: { type: { kind: "list", element: { kind: "string" } }, required: false },
  },
};
