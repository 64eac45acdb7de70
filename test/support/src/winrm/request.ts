// What a request has to carry, checked as strictly as Windows does: DSP0226 section 5.4 and MS-WSMV 3.1.4.1.
import { WinrmFault } from "./fault.ts";
import { ANONYMOUS, ns } from "./namespaces.ts";
import { findChild, parseXml, type XmlElement } from "./xml.ts";

/** A request whose headers are in order. */
export interface WinrmRequest {
  readonly action: string;
  readonly messageId: string;
  readonly resourceUri: string;
  /** The `ShellId` selector. */
  readonly shellId: string | undefined;
  /** Names in upper case. */
  readonly options: ReadonlyMap<string, string>;
  /** What the client is willing to read, in bytes. */
  readonly maxEnvelopeBytes: number | undefined;
  /** How long the client wants the server to wait. */
  readonly operationTimeoutMs: number | undefined;
  readonly body: XmlElement;
}

/** What was read of a request before its headers were judged: a fault relates to it. */
export interface WinrmEnvelope {
  readonly root: XmlElement;
  readonly messageId: string | undefined;
}

/** Reads an envelope. Throws `WinrmFault`. */
export function readEnvelope(source: string): WinrmEnvelope {
  let root: XmlElement;
  try {
    root = parseXml(source);
  } catch (error) {
    throw new WinrmFault("invalidXml", error instanceof Error ? error.message : String(error));
  }
  if (root.name !== "Envelope") throw new WinrmFault("invalidXml", `The root element is ${root.name}.`);
  if (root.namespace !== ns.soap) throw new WinrmFault("versionMismatch");
  const messageId = findChild(findChild(root, ns.soap, "Header"), ns.addressing, "MessageID")?.text.trim();
  return { root, messageId };
}

/** Whether it asks who the server is, which needs no header at all (DSP0226 section 11). */
export function isIdentify({ root }: WinrmEnvelope): boolean {
  return findChild(findChild(root, ns.soap, "Body"), ns.identity, "Identify") !== undefined;
}

/** Judges the headers. Throws `WinrmFault`. */
export function readRequest({ root }: WinrmEnvelope): WinrmRequest {
  const header = findChild(root, ns.soap, "Header");
  const body = findChild(root, ns.soap, "Body");
  if (header === undefined) throw new WinrmFault("headerRequired", "There is no header.");
  if (body === undefined) throw new WinrmFault("invalidBody", "There is no body.");
  checkUnderstood(header);
  const required = (namespace: string, name: string): string => {
    const found = header.children.filter((child) => child.name === name && child.namespace === namespace);
    if (found.length > 1) throw new WinrmFault("invalidHeader", `${name} is given ${found.length} times.`);
    const text = found[0]?.text.trim() ?? "";
    if (text === "") throw new WinrmFault("headerRequired", `${name} is missing or empty.`);
    return text;
  };
  const action = required(ns.addressing, "Action");
  required(ns.addressing, "To");
  const messageId = required(ns.addressing, "MessageID");
  if (!/^(urn:)?uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(messageId))
    throw new WinrmFault("invalidHeader", "MessageID is no UUID.");
  const replyTo = findChild(header, ns.addressing, "ReplyTo");
  if (replyTo === undefined) throw new WinrmFault("headerRequired", "ReplyTo is missing.");
  const address = findChild(replyTo, ns.addressing, "Address")?.text.trim();
  if (address !== ANONYMOUS) throw new WinrmFault("invalidHeader", "ReplyTo is not the anonymous address.");
  const resource = findChild(header, ns.wsman, "ResourceURI")?.text.trim() ?? "";
  if (resource === "") throw new WinrmFault("invalidResourceUri");
  return {
    action,
    messageId,
    resourceUri: resource,
    shellId: readShellId(header),
    options: readOptions(header),
    maxEnvelopeBytes: readEnvelopeSize(header),
    operationTimeoutMs: readTimeout(header),
    body,
  };
}

// --- internal ---

const understood = new Set([
  ...["Action", "To", "MessageID", "ReplyTo", "FaultTo", "From", "RelatesTo"].map((name) => `{${ns.addressing}}${name}`),
  ...["ResourceURI", "MaxEnvelopeSize", "OperationTimeout", "SelectorSet", "OptionSet", "Locale"].map((name) => `{${ns.wsman}}${name}`),
  ...["DataLocale", "SessionId", "OperationID", "SequenceId", "CompressionType"].map((name) => `{${ns.microsoft}}${name}`),
]);

function checkUnderstood(header: XmlElement): void {
  for (const child of header.children) {
    const must = child.attributes.get(`{${ns.soap}}mustUnderstand`);
    const name = `{${child.namespace}}${child.name}`;
    if ((must === "true" || must === "1") && !understood.has(name)) throw new WinrmFault("mustUnderstand", name);
  }
}

function readShellId(header: XmlElement): string | undefined {
  const selectors = findChild(header, ns.wsman, "SelectorSet")?.children.filter((child) => child.name === "Selector") ?? [];
  return selectors.find((selector) => selector.attributes.get("Name") === "ShellId")?.text.trim();
}

function readOptions(header: XmlElement): ReadonlyMap<string, string> {
  const options = findChild(header, ns.wsman, "OptionSet")?.children.filter((child) => child.name === "Option") ?? [];
  return new Map(options.map((option) => [(option.attributes.get("Name") ?? "").toUpperCase(), option.text.trim()]));
}

function readEnvelopeSize(header: XmlElement): number | undefined {
  const text = findChild(header, ns.wsman, "MaxEnvelopeSize")?.text.trim();
  if (text === undefined) return undefined;
  if (!/^[0-9]{1,9}$/.test(text)) throw new WinrmFault("invalidHeader", "MaxEnvelopeSize is no number.");
  if (Number(text) < 8192) throw new WinrmFault("envelopeTooSmall");
  return Number(text);
}

/** An xs:duration of hours, minutes and seconds. */
function readTimeout(header: XmlElement): number | undefined {
  const text = findChild(header, ns.wsman, "OperationTimeout")?.text.trim();
  if (text === undefined) return undefined;
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (parts === null || /[PT]$/.test(text)) throw new WinrmFault("invalidTimeout", `"${text}" is no duration.`);
  const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}
