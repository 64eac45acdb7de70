// The XML that WinRM answers with. It comes from a machine that nobody vouches for, so the reader is strict and bounded: no document type,
// hence no entities of its own, no processing instructions, and limits for depth and number. Follows XML 1.0 and Namespaces in XML 1.0
// for what is left, but for names, which are ASCII.

/** An element. Names are told apart by their namespace, never by their prefix. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  /** Values by local name; prefixed attributes are left out, since no answer of WinRM needs one. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly in it. */
  readonly text: string;
}

/** The document is not XML, or not the little of it that is understood here. */
export class XmlError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "XmlError";
  }
}

/** Reads a document to its root element. Throws `XmlError`. The caller bounds the length. */
export function parseXml(source: string): XmlElement {
  if (NO_CHARACTERS.test(source)) throw new XmlError("it has control characters");
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  let at = afterDeclaration(source);
  while (at < source.length) {
    const next = source.indexOf("<", at);
    const text = next < 0 ? source.slice(at) : source.slice(at, next);
    const current = open.at(-1);
    if (current !== undefined) current.text.push(decoded(text));
    else if (text.trim() !== "") throw new XmlError("there is text outside of the root element");
    if (next < 0) break;
    if (source.startsWith("<!--", next)) {
      at = end(source, "-->", next);
    } else if (source.startsWith("<![CDATA[", next) && current !== undefined) {
      at = end(source, "]]>", next);
      current.text.push(source.slice(next + 9, at - 3));
    } else if (source.startsWith("</", next)) {
      const tag = match(CLOSING, source, next);
      if (current === undefined || tag[1] !== current.tag) throw new XmlError("elements are not closed in the order they were opened");
      open.pop();
      at = next + tag[0].length;
      const closed = toElement(current);
      const outer = open.at(-1);
      if (outer === undefined) root = closed;
      else outer.children.push(closed);
    } else {
      if (root !== undefined) throw new XmlError("there is more than one root element");
      const tag = match(OPENING, source, next);
      elements += 1;
      if (elements > MOST_ELEMENTS || open.length >= DEEPEST) throw new XmlError("it has too many elements");
      const attributes = readAttributes(tag[2] ?? "");
      const element: OpenElement = {
        tag: tag[1] ?? "",
        attributes,
        namespaces: declared(attributes, current?.namespaces ?? new Map([["", ""]])),
        children: [],
        text: [],
      };
      at = next + tag[0].length;
      if (tag[3] !== "/") {
        open.push(element);
      } else if (current === undefined) {
        root = toElement(element);
      } else {
        current.children.push(toElement(element));
      }
    }
  }
  if (root === undefined) throw new XmlError(open.length > 0 ? "it ends too early" : "there is no element");
  return root;
}

/** The first element of this name below another one, at any depth. */
export function findElement(element: XmlElement | undefined, namespace: string, name: string): XmlElement | undefined {
  if (element === undefined) return undefined;
  for (const child of element.children) {
    if (child.name === name && child.namespace === namespace) return child;
    const below = findElement(child, namespace, name);
    if (below !== undefined) return below;
  }
  return undefined;
}

/** All text in an element and below it, in one line. */
export function allText(element: XmlElement): string {
  const parts = [element.text, ...element.children.map(allText)];
  return parts.join(" ").replace(/\s+/g, " ").trim();
}

/** A text as content or value of an attribute. Characters that XML does not have become question marks. */
export function escapeXml(text: string): string {
  return text.replace(new RegExp(NO_CHARACTERS, "g"), "?").replace(/[&<>"\r\n\t]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

// --- internal ---

const DEEPEST = 32;
const MOST_ELEMENTS = 10_000;
const MOST_ATTRIBUTES = 64;

/** What XML 1.0 §2.2 leaves out. */
const NO_CHARACTERS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

const NAME = "[A-Za-z_][\\w.-]*(?::[A-Za-z_][\\w.-]*)?";
const OPENING = new RegExp(`<(${NAME})((?:\\s+${NAME}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>`, "y");
const CLOSING = new RegExp(`</(${NAME})\\s*>`, "y");
const ATTRIBUTE = new RegExp(`(${NAME})\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, "g");

interface OpenElement {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Namespaces by prefix; the empty prefix is that of names without one. */
  readonly namespaces: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  readonly text: string[];
}

function afterDeclaration(source: string): number {
  const start = source.startsWith("\ufeff") ? 1 : 0;
  return source.startsWith("<?xml ", start) ? end(source, "?>", start) : start;
}

function end(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from);
  if (found < 0) throw new XmlError("it ends too early");
  return found + mark.length;
}

function match(pattern: RegExp, source: string, at: number): RegExpExecArray {
  pattern.lastIndex = at;
  const found = pattern.exec(source);
  if (found === null) throw new XmlError(`${JSON.stringify(source.slice(at, at + 40))} is not understood`);
  return found;
}

function readAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = "", double, single] of text.matchAll(ATTRIBUTE)) {
    if (attributes.has(name) || attributes.size >= MOST_ATTRIBUTES)
      throw new XmlError(`an element has the attribute ${name} twice, or too many`);
    attributes.set(name, decoded(double ?? single ?? ""));
  }
  return attributes;
}

function declared(attributes: ReadonlyMap<string, string>, outer: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const own = [...attributes].flatMap(([name, value]): readonly (readonly [string, string])[] => {
    if (name === "xmlns") return [["", value]];
    return name.startsWith("xmlns:") ? [[name.slice(6), value]] : [];
  });
  return own.length === 0 ? outer : new Map([...outer, ...own]);
}

function toElement({ tag, attributes, namespaces, children, text }: OpenElement): XmlElement {
  const [first = "", second] = tag.split(":");
  const namespace = namespaces.get(second === undefined ? "" : first);
  if (namespace === undefined) throw new XmlError(`the prefix of ${tag} is not declared`);
  const plain = new Map([...attributes].filter(([name]) => name !== "xmlns" && !name.includes(":")));
  return { namespace, name: second ?? first, attributes: plain, children, text: text.join("") };
}

const predefined: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decoded(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,4}));|&/gi,
    (reference, hex?: string, decimal?: string, name?: string) => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      const character = name === undefined ? (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined) : predefined[name];
      if (character === undefined || NO_CHARACTERS.test(character)) throw new XmlError(`the reference ${reference} is not known`);
      return character;
    },
  );
}
