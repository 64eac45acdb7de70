// Comments of a JSON template: keys of its root that begin with an underscore. Each goes in front of what stands behind it.
import type { JsonProperty } from "../../json/syntax/tree.ts";
import type { JsonTemplate } from "../../json/template.ts";
import type { Remark } from "../module/pieces.ts";

/** A part of the template that a comment may stand in front of. */
export type Section = "variables" | "builders" | "description" | "provisioners" | "error-cleanup-provisioner" | "post-processors";

/** Where the comments go. */
export interface CommentPlaces {
  /** At the head of the program. */
  readonly header: readonly Remark[];
  readonly before: ReadonlyMap<Section, readonly Remark[]>;
  /** Behind everything. */
  readonly dangling: readonly Remark[];
}

/** Finds the places; `written` are the sections of which something is written. */
export function placeComments({ root, comments }: JsonTemplate, written: ReadonlySet<Section>): CommentPlaces {
  const own = new Set(comments);
  const before = new Map<Section, readonly Remark[]>();
  let header: readonly Remark[] = [];
  let open: Remark[] = [];
  let isStart = true;
  for (const property of root.properties) {
    if (own.has(property)) {
      open.push(...remarksOf(property));
      continue;
    }
    if (isStart) {
      header = open;
      open = [];
      isStart = false;
    }
    const section = sections.get(property.name.toLowerCase());
    if (section === undefined || !written.has(section) || open.length === 0) continue;
    before.set(section, open);
    open = [];
  }
  return { header, before, dangling: open };
}

// --- internal ---

const sections: ReadonlyMap<string, Section> = new Map(
  (["variables", "builders", "description", "provisioners", "error-cleanup-provisioner", "post-processors"] as const).map((name) => [
    name,
    name,
  ]),
);

/** `_comment` is what it says; another name is a title. */
function remarksOf({ name, value }: JsonProperty): readonly Remark[] {
  if (value.kind !== "string") return [];
  const title = name.replace(/^_+/, "");
  const isPlain = title === "" || /^(comments?|notes?|readme|doc|description)[\d_-]*$/i.test(title);
  const text = isPlain ? value.value : `${title}: ${value.value}`;
  return text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => ({ text: `// ${line}`.trimEnd(), blankAfter: false }));
}
