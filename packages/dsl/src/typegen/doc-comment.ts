/** What a doc comment says about an option. */
export interface Documentation {
  readonly text: string;
  readonly default?: unknown;
  readonly deprecated?: boolean | undefined;
  /** Address of the component's documentation. */
  readonly link?: string | undefined;
}

const width = 110;

/** A doc comment with its line end, or nothing when there is nothing to say. Names of rows are for ourselves and left out. */
export function docComment(about: Documentation): string {
  const sentences = [about.text.replace(/\s*\((?:see )?rows? [^)]*\)/gi, "").trim(), defaultText(about.default)];
  const paragraphs = [
    sentences.filter((sentence) => sentence !== "").join(" "),
    about.link === undefined ? "" : `@see ${about.link}`,
    about.deprecated === true ? "@deprecated" : "",
  ].filter((paragraph) => paragraph !== "");
  const lines = paragraphs.flatMap(wrap).map((line) => line.replaceAll("*/", "*\\/"));
  if (lines.length === 0) return "";
  if (lines.length === 1) return `/** ${lines[0]} */\n`;
  return `/**\n${lines.map((line) => ` * ${line}\n`).join("")} */\n`;
}

/** An empty list, object or text goes without saying. */
function defaultText(value: unknown): string {
  if (value === undefined || value === null || value === "") return "";
  if (typeof value === "object" && Object.keys(value).length === 0) return "";
  return `Default: \`${JSON.stringify(value)}\`.`;
}

function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
