// Reads the XML that WinRM clients send: namespaces, entities and CDATA; no DTD, and bounded. Written for the server double alone.

/** An element: names are looked up, prefixes are gone. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  /** By `name`, or `{namespace}name` where the attribute has a prefix. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text, without that of its children. */
  readonly text: string;
}

/** Reads a document. Throws an Error that says what is not well-formed. */
export function parseXml(source: string): XmlElement {
  const reader = new Reader(source.startsWith("\ufeff") ? source.slice(1) : source);
  return reader.document();
}

/** The first child of that name. */
export function findChild(element: XmlElement | undefined, namespace: string, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name && child.namespace === namespace);
}

/** Text for the content of an element or an attribute. */
export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

// --- internal ---

const DEPTH_LIMIT = 32;
const XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";
const entities = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

type Prefixes = ReadonlyMap<string, string>;

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  document(): XmlElement {
    this.#skipMisc();
    const root = this.#element(new Map([["xml", XML_NAMESPACE]]), 0);
    this.#skipMisc();
    if (this.#at !== this.#source.length) throw new Error("there is text after the root element");
    return root;
  }

  /** White space, comments and the declaration. */
  #skipMisc(): void {
    for (;;) {
      this.#match(/\s+/y);
      if (this.#source.startsWith("<?", this.#at)) this.#until("?>");
      else if (this.#source.startsWith("<!--", this.#at)) this.#until("-->");
      else return;
    }
  }

  #element(outer: Prefixes, depth: number): XmlElement {
    if (depth > DEPTH_LIMIT) throw new Error("elements are nested too deeply");
    const qualified = this.#require(/<([^\s<>/="'!?]+)/y, "an element was expected")[1] ?? "";
    const written: [string, string][] = [];
    for (;;) {
      const attribute = this.#match(/\s+([^\s<>/="']+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y);
      if (attribute === undefined) break;
      written.push([attribute[1] ?? "", decode(attribute[2] ?? attribute[3] ?? "")]);
    }
    const prefixes = declare(outer, written);
    const attributes = new Map<string, string>();
    for (const [key, value] of written) {
      if (key === "xmlns" || key.startsWith("xmlns:")) continue;
      const { prefix, local } = split(key);
      const name = prefix === "" ? local : `{${lookUp(prefixes, prefix)}}${local}`;
      if (attributes.has(name)) throw new Error(`the attribute ${key} is given twice`);
      attributes.set(name, value);
    }
    const { prefix, local } = split(qualified);
    const namespace = prefix === "" ? (prefixes.get("") ?? "") : lookUp(prefixes, prefix);
    this.#match(/\s+/y);
    if (this.#match(/\/>/y) !== undefined) return { namespace, name: local, attributes, children: [], text: "" };
    this.#require(/>/y, `the tag <${qualified} does not end`);
    const { children, text } = this.#content(prefixes, depth);
    const end = this.#require(/<\/([^\s<>]+)\s*>/y, `</${qualified}> is missing`)[1];
    if (end !== qualified) throw new Error(`</${qualified}> was expected and </${end}> found`);
    return { namespace, name: local, attributes, children, text };
  }

  #content(prefixes: Prefixes, depth: number): { children: XmlElement[]; text: string } {
    const children: XmlElement[] = [];
    let text = "";
    for (;;) {
      text += decode(this.#match(/[^<]+/y)?.[0] ?? "");
      if (this.#source.startsWith("</", this.#at)) return { children, text };
      if (this.#source.startsWith("<![CDATA[", this.#at)) text += this.#until("]]>").slice("<![CDATA[".length);
      else if (this.#source.startsWith("<!--", this.#at)) this.#until("-->");
      else children.push(this.#element(prefixes, depth + 1));
    }
  }

  /** What stands before the mark; goes on after it. */
  #until(mark: string): string {
    const end = this.#source.indexOf(mark, this.#at);
    if (end === -1) throw new Error(`${mark} is missing`);
    const text = this.#source.slice(this.#at, end);
    this.#at = end + mark.length;
    return text;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source) ?? undefined;
    if (found !== undefined) this.#at += found[0].length;
    return found;
  }

  #require(pattern: RegExp, problem: string): RegExpExecArray {
    const found = this.#match(pattern);
    if (found === undefined) throw new Error(problem);
    return found;
  }
}

function declare(outer: Prefixes, written: readonly [string, string][]): Prefixes {
  const declared = written.filter(([key]) => key === "xmlns" || key.startsWith("xmlns:"));
  if (declared.length === 0) return outer;
  return new Map([...outer, ...declared.map(([key, value]): [string, string] => [key.slice("xmlns:".length), value])]);
}

function split(qualified: string): { prefix: string; local: string } {
  const colon = qualified.indexOf(":");
  return colon === -1 ? { prefix: "", local: qualified } : { prefix: qualified.slice(0, colon), local: qualified.slice(colon + 1) };
}

function lookUp(prefixes: Prefixes, prefix: string): string {
  const namespace = prefixes.get(prefix);
  if (namespace === undefined) throw new Error(`the prefix ${prefix} is not declared`);
  return namespace;
}

function decode(text: string): string {
  return text.replace(/&([^;&\s]*);?/g, (whole, name: string) => {
    const code = /^#x([0-9a-f]+)$/i.exec(name)?.[1];
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    const decimal = /^#([0-9]+)$/.exec(name)?.[1];
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    const known = whole.endsWith(";") ? entities.get(name) : undefined;
    if (known === undefined) throw new Error(`${whole} is no entity`);
    return known;
  });
}
