import type { SourceBlock } from "../../hcl/packer/declarations.ts";
import type { Entry } from "../module/pieces.ts";
import { attributeEntry, bodyEntries, type Entries, isShort, withOpening } from "./body.ts";
import { configText } from "./expected-errors.ts";
import type { References } from "./references.ts";
import type { Specifications } from "./specifications.ts";

/** A source whose options are converted, of a template of whatever form. */
export interface SourceOptions {
  readonly block: { readonly type: string };
  readonly identifier: string;
  readonly options: Entries;
}

/** A source of an HCL template whose options are converted. */
export interface ConvertedSource extends SourceOptions {
  readonly block: SourceBlock;
  /** Options that mention the source's own name: under another name they are made again. */
  readonly ownName: ReadonlySet<string>;
}

/** Converts a source's options. */
export function convertSource(block: SourceBlock, references: References, specifications: Specifications): ConvertedSource {
  const ownName = new Set<string>();
  const options = sourceOptions(block, { references, specifications, name: block.name, ownName });
  return { block, identifier: references.identifiers.sources.get(`${block.type}.${block.name}`) ?? block.name, options, ownName };
}

/** The options as they are for a source under some name; `only` those of the given names. */
export function sourceOptions(
  { type, block }: SourceBlock,
  given: {
    readonly references: References;
    readonly specifications: Specifications;
    readonly name: string;
    readonly ownName?: Set<string>;
  },
): Entries {
  const { references, ownName } = given;
  let usesName = false;
  const onUse = (): void => {
    usesName = true;
  };
  const place = { source: { type, name: given.name, onUse } };
  const spec = given.specifications.find("builder", type);
  const all = bodyEntries(block.body, references, {
    place,
    spec,
    attribute: (attribute) => {
      usesName = false;
      const entry = attributeEntry(attribute, references, { place, spec });
      if (usesName) ownName?.add(attribute.name);
      usesName = false;
      return entry;
    },
  });
  // Blocks are converted afterwards: which of them mention the name is seldom asked.
  if (usesName) for (const { key, value } of all.entries) if (key !== undefined && value.includes(given.name)) ownName?.add(key);
  return { ...all, entries: withOpening(block, all.entries) };
}

/** Options that several sources repeat, as a constant of their own. */
export interface SharedOptions {
  readonly identifier: string;
  readonly entries: readonly Entry[];
  /** Identifiers of the sources that spread it. */
  readonly users: ReadonlySet<string>;
}

/** The fewest lines that must be saved for options to become a constant. */
const FEWEST_LINES_SAVED = 3;

/**
 * Finds options that several sources repeat word for word. Each source spreads at most one such constant; the one that saves most lines
 * is made first.
 */
export function shareOptions(sources: readonly SourceOptions[], name: (types: readonly string[]) => string): readonly SharedOptions[] {
  const shared: SharedOptions[] = [];
  let open = sources;
  for (;;) {
    const best = mostShared(open);
    if (best === undefined) return shared;
    const users = open.filter((source) => best.every((entry) => hasEntry(source, entry)));
    const types = [...new Set(users.map(({ block }) => block.type))];
    shared.push({ identifier: name(types), entries: best, users: new Set(users.map(({ identifier }) => identifier)) });
    open = open.filter((source) => !users.includes(source));
  }
}

/** A source's options, those that are shared as a spread. */
export function optionsText(
  { options, identifier, block }: SourceOptions,
  shared: readonly SharedOptions[],
  specifications: Specifications,
): string {
  const spec = specifications.find("builder", block.type);
  const own = shared.find(({ users }) => users.has(identifier));
  if (own === undefined) {
    return configText(options.entries, spec, { dangling: options.dangling, open: !isShort(options.entries) });
  }
  const taken = new Set(own.entries.map(entryKey));
  const rest = options.entries.filter((entry) => !taken.has(entryKey(entry)));
  return configText([{ value: `...${own.identifier}` }, ...rest], spec, { dangling: options.dangling, others: own.entries });
}

// --- internal ---

function entryKey({ key, value, leading = [], trailing = "" }: Entry): string {
  return JSON.stringify([key, value, leading, trailing]);
}

function hasEntry({ options }: SourceOptions, entry: Entry): boolean {
  const wanted = entryKey(entry);
  return options.entries.some((each) => entryKey(each) === wanted);
}

/** The entries that a group of sources has in common and that save most lines; undefined if no group saves enough. */
function mostShared(sources: readonly SourceOptions[]): readonly Entry[] | undefined {
  const holders = new Map<string, number[]>();
  for (const [index, { options }] of sources.entries()) {
    for (const entry of options.entries) {
      const key = entryKey(entry);
      const known = holders.get(key);
      if (known === undefined) holders.set(key, [index]);
      else if (known.at(-1) !== index) known.push(index);
    }
  }
  // Groups are the sets of sources that some entry names: few, however many sources there are.
  const groups = new Map<string, readonly number[]>();
  for (const members of holders.values()) if (members.length > 1) groups.set(members.join(), members);
  let best: { readonly saved: number; readonly entries: readonly Entry[] } | undefined;
  for (const members of [...groups.values()].slice(0, 50)) {
    const [first = 0] = members;
    const entries = (sources[first]?.options.entries ?? []).filter((entry) => {
      const all = new Set(holders.get(entryKey(entry)));
      return entry.key !== undefined && members.every((index) => all.has(index));
    });
    const saved = (members.length - 1) * entries.reduce((sum, { value }) => sum + value.split("\n").length, 0) - 2 - members.length;
    if (entries.length > 2 && saved >= FEWEST_LINES_SAVED && (best === undefined || saved > best.saved)) best = { saved, entries };
  }
  return best?.entries.map((entry, index) => (index === 0 ? { ...entry, blankBefore: false } : entry));
}
