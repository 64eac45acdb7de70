// The messages of WinRM's command shell: MS-WSMV §3.1.4 (Create, Command, Send, Receive, Signal, Delete) in the SOAP of DSP0226.
import { randomUUID } from "node:crypto";
import { DISCONNECT_EXIT_CODE } from "../../sdk/communicator.ts";
import { escapeXml, findElement, type XmlElement } from "./xml.ts";

/** What is asked of the machine. */
export type Operation =
  | { readonly kind: "create" }
  | {
      readonly kind: "command";
      readonly shellId: string;
      /** As cmd.exe reads it. */
      readonly command: string;
      /** Whether there will be input: the command's input is then a pipe, else a console without anybody at it, as in Packer. */
      readonly hasInput: boolean;
    }
  | { readonly kind: "send"; readonly shellId: string; readonly commandId: string; readonly input: Uint8Array; readonly isLast: boolean }
  | { readonly kind: "receive"; readonly shellId: string; readonly commandId: string }
  | { readonly kind: "terminate"; readonly shellId: string; readonly commandId: string }
  | { readonly kind: "delete"; readonly shellId: string };

/** The most input that one `send` carries, in bytes: Windows before 2012 accepts requests of 150 KiB. */
export const SEND_BYTES = 108 * 1024;

/** The namespaces of WinRM's messages, by what they are for. */
export const namespaces = {
  soap: "http://www.w3.org/2003/05/soap-envelope",
  addressing: "http://schemas.xmlsoap.org/ws/2004/08/addressing",
  wsman: "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
  shell: "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
  fault: "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
} as const;

/** The message for an operation. `to` is the address of the service; `timeoutMs` how long it may wait before it says that there is nothing to say. */
export function toMessage(operation: Operation, options: { readonly to: string; readonly timeoutMs: number }): string {
  const { action, settings = {}, body } = describe(operation);
  const shell =
    operation.kind === "create"
      ? ""
      : `<w:SelectorSet><w:Selector Name="ShellId">${escapeXml(operation.shellId)}</w:Selector></w:SelectorSet>`;
  const chosen = Object.entries(settings).map(([name, value]) => `<w:Option Name="${name}">${value}</w:Option>`);
  return [
    `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="${namespaces.soap}" xmlns:a="${namespaces.addressing}" xmlns:w="${namespaces.wsman}"`,
    ` xmlns:rsp="${namespaces.shell}" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"><s:Header>`,
    `<a:To>${escapeXml(options.to)}</a:To>`,
    `<a:ReplyTo><a:Address s:mustUnderstand="true">${namespaces.addressing}/role/anonymous</a:Address></a:ReplyTo>`,
    `<w:MaxEnvelopeSize s:mustUnderstand="true">${ENVELOPE_BYTES}</w:MaxEnvelopeSize><a:MessageID>uuid:${randomUUID().toUpperCase()}</a:MessageID>`,
    '<w:Locale s:mustUnderstand="false" xml:lang="en-US"/><p:DataLocale s:mustUnderstand="false" xml:lang="en-US"/>',
    `<w:OperationTimeout>PT${(options.timeoutMs / 1000).toFixed(3)}S</w:OperationTimeout>`,
    `<w:ResourceURI s:mustUnderstand="true">${namespaces.shell}/cmd</w:ResourceURI>`,
    `<a:Action s:mustUnderstand="true">${action}</a:Action>`,
    shell,
    chosen.length === 0 ? "" : `<w:OptionSet>${chosen.join("")}</w:OptionSet>`,
    `</s:Header><s:Body>${body}</s:Body></s:Envelope>`,
  ].join("");
}

/** The id in the answer to `create`; undefined when there is none. */
export function readShellId(answer: XmlElement): string | undefined {
  const selector = findElement(findElement(answer, namespaces.soap, "Body"), namespaces.wsman, "Selector");
  const own = findElement(answer, namespaces.shell, "ShellId")?.text.trim();
  return (selector?.attributes.get("Name") === "ShellId" ? selector.text.trim() : own) || undefined;
}

/** The id in the answer to `command`; undefined when there is none. */
export function readCommandId(answer: XmlElement): string | undefined {
  return findElement(answer, namespaces.shell, "CommandId")?.text.trim() || undefined;
}

/** What a command said. */
export interface Output {
  readonly pieces: readonly { readonly stream: "stdout" | "stderr"; readonly bytes: Buffer }[];
  /** Set when the command has ended; `DISCONNECT_EXIT_CODE` when it ended without one. */
  readonly exitCode: number | undefined;
}

/** The answer to `receive`; undefined when it is none. */
export function readOutput(answer: XmlElement): Output | undefined {
  const response = findElement(answer, namespaces.shell, "ReceiveResponse");
  if (response === undefined) return undefined;
  const pieces = response.children.flatMap((child): Output["pieces"] => {
    const stream = child.attributes.get("Name");
    if (child.name !== "Stream" || child.namespace !== namespaces.shell || child.text === "") return [];
    return stream === "stdout" || stream === "stderr" ? [{ stream, bytes: Buffer.from(child.text, "base64") }] : [];
  });
  const state = findElement(response, namespaces.shell, "CommandState");
  if (state?.attributes.get("State") !== `${namespaces.shell}/CommandState/Done`) return { pieces, exitCode: undefined };
  const text = findElement(state, namespaces.shell, "ExitCode")?.text.trim() ?? "";
  return { pieces, exitCode: /^-?[0-9]{1,10}$/.test(text) ? Number(text) : DISCONNECT_EXIT_CODE };
}

// --- internal ---

/** The largest answer that we ask for, as old Windows sends it. */
const ENVELOPE_BYTES = 150 * 1024;

interface Description {
  readonly action: string;
  readonly settings?: { readonly [name: string]: string };
  readonly body: string;
}

const TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer";

function describe(operation: Operation): Description {
  switch (operation.kind) {
    case "create":
      return {
        action: `${TRANSFER}/Create`,
        // The user's profile is loaded, as in Packer: without it there is no folder for temporary files. 65001 is UTF-8.
        settings: { WINRS_NOPROFILE: "FALSE", WINRS_CODEPAGE: "65001" },
        body: "<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>",
      };
    case "command":
      return {
        action: `${namespaces.shell}/Command`,
        settings: { WINRS_CONSOLEMODE_STDIN: operation.hasInput ? "FALSE" : "TRUE", WINRS_SKIP_CMD_SHELL: "FALSE" },
        body: `<rsp:CommandLine><rsp:Command>${escapeXml(operation.command)}</rsp:Command></rsp:CommandLine>`,
      };
    case "send": {
      const end = operation.isLast ? ' End="true"' : "";
      const input = Buffer.from(operation.input).toString("base64");
      const stream = `<rsp:Stream Name="stdin" CommandId="${escapeXml(operation.commandId)}"${end}>${input}</rsp:Stream>`;
      return { action: `${namespaces.shell}/Send`, body: `<rsp:Send>${stream}</rsp:Send>` };
    }
    case "receive": {
      const wanted = `<rsp:DesiredStream CommandId="${escapeXml(operation.commandId)}">stdout stderr</rsp:DesiredStream>`;
      return { action: `${namespaces.shell}/Receive`, body: `<rsp:Receive>${wanted}</rsp:Receive>` };
    }
    case "terminate": {
      const code = `<rsp:Code>${namespaces.shell}/signal/terminate</rsp:Code>`;
      return {
        action: `${namespaces.shell}/Signal`,
        body: `<rsp:Signal CommandId="${escapeXml(operation.commandId)}">${code}</rsp:Signal>`,
      };
    }
    case "delete":
      return { action: `${TRANSFER}/Delete`, body: "" };
  }
}
