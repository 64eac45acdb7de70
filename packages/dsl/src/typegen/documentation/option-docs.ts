// Reads what the documentation of a Packer component says about its options: lists that `packer-sdc` prints from the comments of
// Go structs, `- \`name\` (type) - text`, below headings that say "Required" or "Optional", and lists by hand in the same form.

/** What a page says about one option. */
export interface OptionDoc {
  readonly name: string;
  /** Go's type, as the page has it: `string`, `[]BlockDevice`. */
  readonly type: string;
  /** The first paragraphs as plain text, without Markdown's blocks. */
  readonly text: string;
  /** It stands in a list of required options. */
  readonly isRequired: boolean;
}

/** A list of options that belong together: those of one struct. */
export interface OptionList {
  /** Name of the struct; undefined for a list that was written by hand. */
  readonly struct: string | undefined;
  readonly options: readonly OptionDoc[];
}

/** What is read of a page, and of one option: far more than any has. */
const LONGEST_PAGE = 1024 * 1024;
const LONGEST_TEXT = 600;

/** The lists of options on a page, in its order. Whatever else the page holds is left alone. */
export function readOptionLists(page: string): readonly OptionList[] {
  const lists: { readonly struct: string | undefined; readonly options: OptionDoc[] }[] = [];
  let struct: string | undefined;
  let isRequired = false;
  let open: { name: string; type: string; lines: string[] } | undefined;
  let isCode = false;
  const finish = (): void => {
    if (open === undefined) return;
    const last = lists.at(-1);
    const list = last !== undefined && last.struct === struct ? last : { struct, options: [] };
    if (list !== last) lists.push(list);
    list.options.push({ name: open.name, type: open.type, text: plainText(open.lines), isRequired });
    open = undefined;
  };
  for (const line of page.slice(0, LONGEST_PAGE).split(/\r?\n/)) {
    if (/^\s*```/.test(line)) {
      isCode = !isCode;
      open?.lines.push("```");
      continue;
    }
    if (isCode) continue;
    const comment = /^<!--\s*(Code generated from the comments of the (\w{1,100}) struct|End of code generated)/.exec(line);
    const heading = /^#{1,6}\s+(.{1,200})$/.exec(line) ?? /^(?:\*\*)?(Required|Optional)\b[^`]{0,40}$/i.exec(line);
    const option = /^[-*]\s+`([\w.-]{1,100})`\s*(?:\(([^()]{1,200}(?:\([^()]{0,200}\)[^()]{0,200})?)\))?\s*[-–—:]?\s*(.*)$/.exec(line);
    if (comment !== null || heading !== null || option !== null) finish();
    if (comment !== null) struct = comment[2];
    else if (heading !== null) {
      isRequired = /\brequired\b/i.test(heading[1] ?? "") && !/\bnot required\b/i.test(heading[1] ?? "");
      struct = undefined;
    } else if (option !== null && (option[2] !== undefined || struct !== undefined))
      open = { name: option[1] ?? "", type: option[2] ?? "", lines: [option[3] ?? ""] };
    // What is neither indented nor right below ends the option's text.
    else if (open !== undefined && /^\S/.test(line) && open.lines.at(-1)?.trim() === "") finish();
    else open?.lines.push(line);
  }
  finish();
  return lists;
}

// --- internal ---

/** The paragraphs before the first list, table or code, without links' addresses, cut at the end of a sentence. */
function plainText(lines: readonly string[]): string {
  const end = lines.findIndex((line, index) => /^\s*(```|\||[-*+]\s|\d+\.\s|#{1,6}\s|<)/.test(line) && index > 0);
  const text = (end === -1 ? lines : lines.slice(0, end))
    .join("\n")
    // Paragraphs become sentences of one.
    .replace(/([\w`"')\]*])\s*\n\s*\n\s*(?=\S)/g, "$1. ")
    .replace(/!?\[([^\]]{0,500})\]\([^)]{0,1000}\)/g, "$1")
    .replace(/<\/?[A-Za-z][^<>]{0,200}>/g, "")
    .replace(/\*\*([^*]{1,500})\*\*/g, "$1")
    // An editor would take it for a tag.
    .replace(/(^|\s)@(?=\w)/g, "$1\\@")
    .replace(/\s+/g, " ")
    .replace(/:$/, ".")
    .trim();
  if (text.length <= LONGEST_TEXT) return text;
  const cut = text.slice(0, LONGEST_TEXT);
  const sentence = cut.lastIndexOf(". ");
  return sentence > 0 ? cut.slice(0, sentence + 1) : `${cut.slice(0, cut.lastIndexOf(" "))} …`;
}
