// Comments of HCL in TypeScript's form.
import type { Comment, Commented } from "../../hcl/syntax/tree.ts";
import type { Remark, Remarks } from "../module/pieces.ts";

/** `# text` becomes `// text`; the other two forms are TypeScript's as well. */
export function remark({ text, blankAfter }: Pick<Comment, "text" | "blankAfter">): Remark {
  return { text: remarkText(text), blankAfter };
}

export function remarksOf(comments: readonly Comment[]): readonly Remark[] {
  return comments.map(remark);
}

/** The comments around a node; what stands in front of others (`before`) comes first. */
export function remarks(node: Commented, before: readonly Comment[] = []): Remarks {
  const leading = [...before, ...node.leading];
  return {
    leading: leading.length === 0 ? undefined : remarksOf(leading),
    trailing: node.trailing === undefined ? undefined : remarkText(node.trailing.text),
  };
}

/** A comment of a block's opening line stands in front of the first thing inside. */
export function openRemarks(comment: Comment | undefined): readonly Remark[] {
  return comment === undefined ? [] : [{ text: remarkText(comment.text), blankAfter: false }];
}

/** Two sets of comments of one thing. */
export function joinRemarks(first: Remarks, second: Remarks): Remarks {
  const leading = [...(first.leading ?? []), ...(second.leading ?? [])];
  const trailing = [first.trailing, second.trailing].filter((each) => each !== undefined);
  // Two comments do not stand behind one thing: the first goes in front.
  const [moved, last] = trailing.length > 1 ? [trailing.slice(0, -1), trailing.at(-1)] : [[], trailing[0]];
  return { leading: [...leading, ...moved.map((text) => ({ text, blankAfter: false }))], trailing: last };
}

// --- internal ---

function remarkText(text: string): string {
  const clean = text.replace(/\r/g, "").trimEnd();
  if (!clean.startsWith("#")) return clean;
  const words = clean.replace(/^#+/, "");
  // A line of marks stays one, and so does a title between marks.
  if (words.trim() === "" || words.endsWith("#")) return clean === "#" ? "//" : `// ${clean}`;
  return `//${/^\s/.test(words) ? "" : " "}${words}`;
}
