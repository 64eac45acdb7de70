// Comments that belong to no statement: those at the head of a file, and those around the blocks that hold many declarations.
import type { Configuration, ConfigurationFile } from "../../hcl/packer/declarations.ts";
import type { Attribute, Block, Comment, Commented } from "../../hcl/syntax/tree.ts";
import type { Remark, Remarks } from "../module/pieces.ts";
import { joinRemarks, openRemarks, remarks, remarksOf } from "./remarks.ts";

/** Where the comments of a configuration go. */
export class CommentPlaces {
  /** At the head of the program. */
  readonly header: readonly Remark[];
  /** Behind its last statement. */
  readonly dangling: readonly Remark[];
  readonly #taken: ReadonlySet<Comment>;
  readonly #before = new Map<Commented, readonly Remark[]>();
  readonly #after = new Map<Commented, readonly Remark[]>();

  constructor({ files }: Configuration) {
    const [first] = files;
    const header = first === undefined ? [] : headerOf(first);
    const taken = new Set<Comment>(header);
    const wording = header.map(({ text }) => text).join("\n");
    // Files of a folder often repeat one licence.
    for (const file of files.slice(1)) {
      const other = headerOf(file);
      if (other.map(({ text }) => text).join("\n") === wording) for (const comment of other) taken.add(comment);
    }
    this.#taken = taken;
    this.header = remarksOf(header);
    const dangling: Remark[] = [];
    for (const { body } of files) {
      for (const item of body.items) if (item.kind === "block") dangling.push(...this.#group(item));
      dangling.push(...remarksOf(body.dangling));
    }
    this.dangling = dangling;
  }

  /** The comments of a declaration, those of the block around it included where it is the first in it. */
  of(node: Attribute | Block): Remarks & { readonly after?: readonly Remark[] | undefined } {
    const own = remarks({ leading: node.leading.filter((comment) => !this.#taken.has(comment)), trailing: node.trailing });
    return { ...joinRemarks({ leading: this.#before.get(node) ?? [] }, own), after: this.#after.get(node) };
  }

  /** Hands the comments of a `locals` or `variables` block to what is declared in it; gives back those that find no place. */
  #group(block: Block): readonly Remark[] {
    if (block.type !== "locals" && block.type !== "variables") return [];
    const before = [...remarksOf(block.leading.filter((comment) => !this.#taken.has(comment))), ...openRemarks(block.openComment)];
    const behind = [...(block.trailing === undefined ? [] : [block.trailing])];
    const after = remarksOf([...block.body.dangling, ...behind]);
    const [first] = block.body.items;
    const last = block.body.items.at(-1);
    if (first === undefined || last === undefined) return [...before, ...after];
    if (before.length > 0) this.#before.set(first, before);
    if (after.length > 0) this.#after.set(last, after);
    return [];
  }
}

// --- internal ---

/** The comments at the very start of a file that an empty line sets off from what follows. */
function headerOf({ body, source }: ConfigurationFile): readonly Comment[] {
  const [first] = body.items;
  if (first === undefined) return [];
  const [comment] = first.leading;
  if (comment === undefined || source.text.slice(0, comment.start).trim() !== "") return [];
  const end = first.leading.findIndex(({ blankAfter }) => blankAfter);
  return end < 0 ? [] : first.leading.slice(0, end + 1);
}
