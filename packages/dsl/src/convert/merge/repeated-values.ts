// Long values that several templates set alike: they stand in the shared module once.
import type { NameScope } from "../expression/names.ts";
import type { Setting } from "./settings.ts";

/** A value with a name. */
export interface NamedValue {
  readonly name: string;
  readonly text: string;
}

/** A value of so many lines is worth a name. */
const LONG = 4;

/** Names long values that at least two templates have. The settings that come back read the names. */
export function nameRepeatedValues(
  settings: readonly Setting[],
  { templates, names }: { readonly templates: readonly string[]; readonly names: NameScope },
): { readonly settings: readonly Setting[]; readonly values: readonly NamedValue[] } {
  const values: NamedValue[] = [];
  const renamed = settings.map((setting): Setting => {
    if (setting.inner !== undefined) return setting;
    const users = new Map<string, number[]>();
    for (const [index, text] of setting.values) users.set(text, [...(users.get(text) ?? []), index]);
    const own = new Map(setting.values);
    for (const [text, indexes] of users) {
      const [first] = indexes;
      if (first === undefined || indexes.length < 2 || text.split("\n").length < LONG) continue;
      const name = names.fresh(`${templates[Math.min(...indexes)] ?? ""}-${setting.name}`);
      values.push({ name, text });
      for (const index of indexes) own.set(index, name);
    }
    return { ...setting, values: own };
  });
  return { settings: renamed, values };
}
