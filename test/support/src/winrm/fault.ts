// Faults as WinRM answers them: DSP0226 names the subcodes, Windows' wsman error list the numbers.
import { randomUUID } from "node:crypto";
import { ns } from "./namespaces.ts";
import { escapeXml } from "./xml.ts";

interface FaultKind {
  readonly code: "Sender" | "Receiver" | "MustUnderstand";
  readonly subcode?: string;
  readonly number: number;
  readonly text: string;
}

/** Each fault that the server knows. Numbers are Windows' own; that Windows picks the same one in each case is not verified. */
export const faultKinds = {
  invalidXml: { code: "Sender", subcode: "w:InvalidXML", number: 2150858819, text: "The request contains invalid XML." },
  versionMismatch: { code: "Sender", number: 2150858765, text: "The SOAP version is not supported." },
  headerRequired: {
    code: "Sender",
    subcode: "a:MessageInformationHeaderRequired",
    number: 2150858769,
    text: "A required header is missing.",
  },
  invalidHeader: {
    code: "Sender",
    subcode: "a:InvalidMessageInformationHeader",
    number: 2150858767,
    text: "A header of the message is not valid.",
  },
  mustUnderstand: { code: "MustUnderstand", number: 2150858768, text: "A header that must be understood is not." },
  actionNotSupported: { code: "Sender", subcode: "a:ActionNotSupported", number: 2150858771, text: "The action is not supported." },
  invalidResourceUri: {
    code: "Sender",
    subcode: "a:DestinationUnreachable",
    number: 2150858811,
    text: "The resource URI is missing or has an incorrect format, or no such resource is there.",
  },
  missingSelector: { code: "Sender", subcode: "w:InvalidSelectors", number: 2150858842, text: "The ShellId selector is missing." },
  shellNotFound: {
    code: "Sender",
    subcode: "w:InvalidSelectors",
    number: 2150858843,
    text: "The request for the Windows Remote Shell failed because the shell was not found on the server.",
  },
  commandNotFound: { code: "Sender", subcode: "w:InvalidParameter", number: 2150858810, text: "The CommandId is not known in this shell." },
  invalidBody: { code: "Sender", subcode: "w:SchemaValidationError", number: 2150858817, text: "The SOAP body does not match the schema." },
  sequence: { code: "Sender", subcode: "w:InvalidParameter", number: 2150858810, text: "The SequenceId is not the next one." },
  unsupportedOption: { code: "Sender", subcode: "w:InvalidOptions", number: 2150858834, text: "An option of the request is not known." },
  envelopeTooLarge: {
    code: "Sender",
    subcode: "w:EncodingLimit",
    number: 2150858824,
    text: "The size of the request exceeded the configured MaxEnvelopeSize quota.",
  },
  envelopeTooSmall: {
    code: "Sender",
    subcode: "w:EncodingLimit",
    number: 2150858878,
    text: "The maximum envelope size in the request is too small: it has to be at least 8192.",
  },
  invalidTimeout: {
    code: "Sender",
    subcode: "a:InvalidMessageInformationHeader",
    number: 2150858881,
    text: "The OperationTimeout is not valid.",
  },
  timedOut: {
    code: "Receiver",
    subcode: "w:TimedOut",
    number: 2150858793,
    text: "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.",
  },
  tooManyShells: {
    code: "Receiver",
    subcode: "w:QuotaLimit",
    number: 2150859173,
    text: "The maximum number of concurrent shells for this user has been exceeded.",
  },
  aborted: {
    code: "Receiver",
    subcode: "w:InternalError",
    number: 995,
    text: "The I/O operation has been aborted because of either a thread exit or an application request.",
  },
  pipeClosed: { code: "Receiver", subcode: "w:InternalError", number: 232, text: "The pipe is being closed." },
} as const satisfies Record<string, FaultKind>;

/** Thrown by an operation; answered as a SOAP fault with HTTP 500. */
export class WinrmFault extends Error {
  readonly kind: FaultKind;

  constructor(kind: keyof typeof faultKinds, detail?: string) {
    super(detail === undefined ? faultKinds[kind].text : `${faultKinds[kind].text} ${detail}`);
    this.kind = faultKinds[kind];
  }

  /** The envelope of the answer. */
  toXml(relatesTo: string | undefined): string {
    const subcode = this.kind.subcode === undefined ? "" : `<s:Subcode><s:Value>${this.kind.subcode}</s:Value></s:Subcode>`;
    const relation = relatesTo === undefined ? "" : `<a:RelatesTo>${escapeXml(relatesTo)}</a:RelatesTo>`;
    const text = escapeXml(this.message);
    return [
      `<s:Envelope xml:lang="en-US" xmlns:s="${ns.soap}" xmlns:a="${ns.addressing}" xmlns:w="${ns.wsman}">`,
      `<s:Header><a:Action>http://schemas.dmtf.org/wbem/wsman/1/wsman/fault</a:Action><a:MessageID>uuid:${randomUUID().toUpperCase()}</a:MessageID>`,
      `<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>${relation}</s:Header>`,
      `<s:Body><s:Fault><s:Code><s:Value>s:${this.kind.code}</s:Value>${subcode}</s:Code><s:Reason><s:Text xml:lang="en-US">${text} </s:Text></s:Reason>`,
      `<s:Detail><f:WSManFault xmlns:f="${ns.fault}" Code="${this.kind.number}" Machine="127.0.0.1"><f:Message>${text} </f:Message></f:WSManFault></s:Detail>`,
      "</s:Fault></s:Body></s:Envelope>",
    ].join("");
  }
}
