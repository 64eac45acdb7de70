// Adds what a plugin's documentation says about options to their specification, which has names and types alone.
import type { ConfigSpec, OptionSpec, SpecType } from "@tspack/core";
import { type OptionDoc, type OptionList, readOptionLists } from "./option-docs.ts";

/**
 * The specification with descriptions from a page. Options of blocks get those of the struct that the page names as the block's type.
 * An option that the page calls required says so in its text and stays optional in the type: pages call options required of which
 * one is enough, or which the environment may give.
 */
export function documentSpec(spec: ConfigSpec, page: string): ConfigSpec {
  return document(
    spec,
    readOptionLists(page).filter((list) => !isOutput(list)),
  );
}

/** The specification of what a data source answers, with descriptions from its page. */
export function documentOutput(spec: ConfigSpec, page: string): ConfigSpec {
  const lists = readOptionLists(page);
  return lists.some(isOutput)
    ? document(
        spec,
        lists.filter((list) => hasStruct(list) && !/Config$/.test(list.struct ?? "")),
      )
    : spec;
}

// --- internal ---

/** `DatasourceOutput`: what a data source answers. */
function isOutput({ struct }: OptionList): boolean {
  return struct !== undefined && /Output$/.test(struct);
}

function document(spec: ConfigSpec, lists: readonly OptionList[]): ConfigSpec {
  const structs = new Map<string, OptionDoc[]>();
  for (const { struct, options } of lists) {
    if (struct !== undefined) structs.set(struct, [...(structs.get(struct) ?? []), ...options]);
  }
  const inner = new Set(
    lists.flatMap(({ struct, options }) => options.flatMap(({ type }) => structOf(type, structs) ?? []).filter((one) => one !== struct)),
  );
  const own = lists.filter(({ struct }) => struct === undefined || !inner.has(struct));
  // A list by hand may tell a block's options too: those of structs go first.
  const ordered = [...own.filter(hasStruct), ...own.filter((list) => !hasStruct(list))];
  return withDocs(spec, byName(ordered.flatMap(({ options }) => options)), structs, []);
}

type Structs = ReadonlyMap<string, readonly OptionDoc[]>;

function hasStruct({ struct }: OptionList): boolean {
  return struct !== undefined;
}

function byName(options: readonly OptionDoc[]): ReadonlyMap<string, OptionDoc> {
  return new Map([...options].reverse().map((option) => [option.name, option]));
}

/** The struct that a Go type is made of, if the page tells about it: `[]BlockDevice`, `*config.KeyValue`, `BlockDevices`. */
function structOf(type: string, structs: Structs): string | undefined {
  const [name = ""] = /[A-Za-z_]\w*$/.exec(type.replace(/^map\[\w*\]/, "")) ?? [];
  return [name, name.replace(/s$/, "")].find((one) => structs.has(one));
}

function withDocs(spec: ConfigSpec, docs: ReadonlyMap<string, OptionDoc>, structs: Structs, outer: readonly string[]): ConfigSpec {
  const options = Object.entries(spec.options).map(([name, option]): [string, OptionSpec] => {
    const doc = docs.get(name);
    if (doc === undefined) return [name, option];
    const struct = structOf(doc.type, structs);
    const isKnown = struct !== undefined && !outer.includes(struct);
    const inner = isKnown ? byName(structs.get(struct) ?? []) : undefined;
    const type = inner === undefined ? option.type : typeWithDocs(option.type, inner, structs, [...outer, struct ?? ""]);
    return [name, { ...option, type, description: option.description ?? describe(doc, option) }];
  });
  return { options: Object.fromEntries(options) };
}

function typeWithDocs(type: SpecType, docs: ReadonlyMap<string, OptionDoc>, structs: Structs, outer: readonly string[]): SpecType {
  switch (type.kind) {
    case "block":
    case "block-list":
      return { ...type, spec: withDocs(type.spec, docs, structs, outer) };
    case "list":
    case "set":
    case "map":
      return { ...type, element: typeWithDocs(type.element, docs, structs, outer) };
    default:
      return type;
  }
}

function describe({ text, isRequired }: OptionDoc, { required }: OptionSpec): string {
  return isRequired && !required ? `${text} Listed as required.`.trim() : text;
}
