// The operations of the service on shells: what each request does, and its answer.
import { randomUUID } from "node:crypto";
import { WinrmFault } from "./fault.ts";
import { ANONYMOUS, actions, CMD_RESOURCE, ns } from "./namespaces.ts";
import type { WinrmRequest } from "./request.ts";
import { type ShellSettings, type WinrmCommand, type WinrmProgram, WinrmShell } from "./shell.ts";
import { escapeXml, findChild, type XmlElement } from "./xml.ts";

/** What the service of one server needs to know. */
export interface ServiceOptions {
  readonly address: string;
  readonly operationTimeoutMs: number;
  readonly maxEnvelopeBytes: number;
  readonly maxShells: number;
  /** Makes the program that runs a command line in a shell. */
  readonly program: (settings: ShellSettings) => WinrmProgram;
}

/** Shells of one server, and what clients ask of them. */
export class WinrmService {
  readonly #options: ServiceOptions;
  readonly #shells = new Map<string, WinrmShell>();

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  openShells(): number {
    return this.#shells.size;
  }

  /** Ends every shell, as a restart does. */
  closeShells(): void {
    for (const shell of this.#shells.values()) shell.close();
    this.#shells.clear();
  }

  /** Answers with an envelope. Throws `WinrmFault`. `gone` says that the client has hung up. */
  async answer(request: WinrmRequest, gone: AbortSignal): Promise<string> {
    if (request.resourceUri !== CMD_RESOURCE) throw new WinrmFault("invalidResourceUri", request.resourceUri);
    checkOptions(request);
    switch (request.action) {
      case actions.create:
        return this.#create(request);
      case actions.command:
        return this.#command(request);
      case actions.send:
        return await this.#send(request);
      case actions.receive:
        return await this.#receive(request, gone);
      case actions.signal:
        return this.#signal(request);
      case actions.delete: {
        const shell = this.#shell(request);
        this.#shells.delete(shell.id);
        shell.close();
        return envelope(request, `${ns.transfer}/DeleteResponse`, "");
      }
      default:
        throw new WinrmFault("actionNotSupported", request.action);
    }
  }

  #shell(request: WinrmRequest): WinrmShell {
    if (request.shellId === undefined) throw new WinrmFault("missingSelector");
    const shell = this.#shells.get(request.shellId.toUpperCase());
    if (shell === undefined) throw new WinrmFault("shellNotFound", `ShellId ${request.shellId}.`);
    return shell;
  }

  #create(request: WinrmRequest): string {
    const wanted = requireBody(request, "Shell");
    const input = streams(wanted, "InputStreams");
    const output = streams(wanted, "OutputStreams");
    if (input.some((name) => name !== "stdin")) throw new WinrmFault("invalidBody", "The only input stream is stdin.");
    if (output.length === 0 || output.some((name) => name !== "stdout" && name !== "stderr")) {
      throw new WinrmFault("invalidBody", "The output streams are stdout and stderr.");
    }
    if (this.#shells.size >= this.#options.maxShells) throw new WinrmFault("tooManyShells");
    const variables = findChild(wanted, ns.shell, "Environment")?.children ?? [];
    const shell = new WinrmShell({
      workingDirectory: findChild(wanted, ns.shell, "WorkingDirectory")?.text.trim(),
      environment: new Map(variables.map((variable) => [variable.attributes.get("Name") ?? "", variable.text])),
    });
    this.#shells.set(shell.id, shell);
    return envelope(
      request,
      `${ns.transfer}/CreateResponse`,
      [
        `<x:ResourceCreated xmlns:x="${ns.transfer}"><a:Address>${escapeXml(this.#options.address)}</a:Address>`,
        `<a:ReferenceParameters><w:ResourceURI>${CMD_RESOURCE}</w:ResourceURI>`,
        `<w:SelectorSet><w:Selector Name="ShellId">${shell.id}</w:Selector></w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>`,
        `<rsp:Shell><rsp:ShellId>${shell.id}</rsp:ShellId><rsp:ResourceUri>${CMD_RESOURCE}</rsp:ResourceUri>`,
        `<rsp:InputStreams>${input.join(" ")}</rsp:InputStreams><rsp:OutputStreams>${output.join(" ")}</rsp:OutputStreams></rsp:Shell>`,
      ].join(""),
    );
  }

  #command(request: WinrmRequest): string {
    const shell = this.#shell(request);
    const line = requireBody(request, "CommandLine");
    const command = findChild(line, ns.shell, "Command");
    if (command === undefined || command.text === "") throw new WinrmFault("invalidBody", "CommandLine has no Command.");
    const given = line.children.filter((child) => child.name === "Arguments").map((child) => child.text);
    const program = this.#options.program(shell.settings);
    const started = shell.start([command.text, ...given].join(" "), program);
    return envelope(
      request,
      `${ns.shell}/CommandResponse`,
      `<rsp:CommandResponse><rsp:CommandId>${started.id}</rsp:CommandId></rsp:CommandResponse>`,
    );
  }

  async #send(request: WinrmRequest): Promise<string> {
    const shell = this.#shell(request);
    for (const stream of requireBody(request, "Send").children) {
      if (stream.attributes.get("Name") !== "stdin") throw new WinrmFault("invalidBody", "Only stdin can be sent to.");
      const text = stream.text.replace(/\s+/g, "");
      if (!/^[0-9A-Za-z+/]*={0,2}$/.test(text)) throw new WinrmFault("invalidBody", "The stream is not base64.");
      const end = ["true", "1"].includes((stream.attributes.get("End") ?? "").toLowerCase());
      await shell.require(stream.attributes.get("CommandId")).send(Buffer.from(text, "base64"), end);
    }
    return envelope(request, `${ns.shell}/SendResponse`, "<rsp:SendResponse/>");
  }

  async #receive(request: WinrmRequest, gone: AbortSignal): Promise<string> {
    const shell = this.#shell(request);
    const receive = requireBody(request, "Receive");
    const desired = findChild(receive, ns.shell, "DesiredStream");
    const names = desired?.text.trim().split(/\s+/) ?? [];
    if (!names.includes("stdout") && !names.includes("stderr")) throw new WinrmFault("invalidBody", "DesiredStream names no stream.");
    const command = shell.require(desired?.attributes.get("CommandId"));
    const sequence = receive.attributes.get("SequenceId");
    if (sequence !== undefined && sequence !== String(command.received)) throw new WinrmFault("sequence");
    const limit = AbortSignal.timeout(Math.min(request.operationTimeoutMs ?? Number.POSITIVE_INFINITY, this.#options.operationTimeoutMs));
    const ready = await command.output.wait(AbortSignal.any([limit, gone, command.terminated]));
    if (command.terminated.aborted) throw new WinrmFault("aborted");
    // What a client that has hung up would have got is kept for the next request.
    if (!ready || gone.aborted) throw new WinrmFault("timedOut");
    return envelope(request, `${ns.shell}/ReceiveResponse`, this.#received(request, command));
  }

  #received(request: WinrmRequest, command: WinrmCommand): string {
    const envelopeBytes = Math.min(request.maxEnvelopeBytes ?? this.#options.maxEnvelopeBytes, this.#options.maxEnvelopeBytes);
    // 32 KiB is about what Windows puts into one answer; base64 and the envelope need room as well.
    const { pieces, exitCode } = command.output.take(Math.min(32 * 1024, Math.floor((envelopeBytes - 4096) / 2)));
    command.received += 1;
    const parts = pieces.map(({ stream, data }) =>
      data === undefined
        ? `<rsp:Stream Name="${stream}" CommandId="${command.id}" End="true"/>`
        : `<rsp:Stream Name="${stream}" CommandId="${command.id}">${data.toString("base64")}</rsp:Stream>`,
    );
    const state =
      exitCode === undefined
        ? `<rsp:CommandState CommandId="${command.id}" State="${ns.shell}/CommandState/Running"/>`
        : `<rsp:CommandState CommandId="${command.id}" State="${ns.shell}/CommandState/Done"><rsp:ExitCode>${exitCode}</rsp:ExitCode></rsp:CommandState>`;
    return `<rsp:ReceiveResponse>${parts.join("")}${state}</rsp:ReceiveResponse>`;
  }

  #signal(request: WinrmRequest): string {
    const shell = this.#shell(request);
    const signal = requireBody(request, "Signal");
    const command = shell.require(signal.attributes.get("CommandId"));
    const code = findChild(signal, ns.shell, "Code")?.text.trim();
    if (code === `${ns.shell}/signal/terminate`) shell.terminate(command);
    else if (code === `${ns.shell}/signal/ctrl_c` || code === `${ns.shell}/signal/ctrl_break`) command.interrupt();
    else throw new WinrmFault("invalidBody", `"${code}" is no signal.`);
    return envelope(request, `${ns.shell}/SignalResponse`, "<rsp:SignalResponse/>");
  }
}

/** What the server says of itself. */
export function identifyResponse(): string {
  return [
    `<s:Envelope xml:lang="en-US" xmlns:s="${ns.soap}"><s:Header/><s:Body><wsmid:IdentifyResponse xmlns:wsmid="${ns.identity}">`,
    `<wsmid:ProtocolVersion>${ns.wsman}</wsmid:ProtocolVersion><wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor>`,
    "<wsmid:ProductVersion>OS: 10.0.20348 SP: 0.0 Stack: 3.0</wsmid:ProductVersion></wsmid:IdentifyResponse></s:Body></s:Envelope>",
  ].join("");
}

// --- internal ---

const knownOptions = new Set(["WINRS_NOPROFILE", "WINRS_CODEPAGE", "WINRS_CONSOLEMODE_STDIN", "WINRS_SKIP_CMD_SHELL"]);

function checkOptions(request: WinrmRequest): void {
  for (const name of request.options.keys()) {
    if (!knownOptions.has(name)) throw new WinrmFault("unsupportedOption", name);
  }
}

function requireBody(request: WinrmRequest, name: string): XmlElement {
  const found = findChild(request.body, ns.shell, name);
  if (found === undefined) throw new WinrmFault("invalidBody", `${name} is missing.`);
  return found;
}

function streams(shell: XmlElement, name: string): readonly string[] {
  return findChild(shell, ns.shell, name)?.text.trim().split(/\s+/).filter(Boolean) ?? [];
}

function envelope(request: WinrmRequest, action: string, body: string): string {
  return [
    `<s:Envelope xml:lang="en-US" xmlns:s="${ns.soap}" xmlns:a="${ns.addressing}" xmlns:w="${ns.wsman}" xmlns:rsp="${ns.shell}" xmlns:p="${ns.microsoft}">`,
    `<s:Header><a:Action>${action}</a:Action><a:MessageID>uuid:${randomUUID().toUpperCase()}</a:MessageID><a:To>${ANONYMOUS}</a:To>`,
    `<a:RelatesTo>${escapeXml(request.messageId)}</a:RelatesTo></s:Header><s:Body>${body}</s:Body></s:Envelope>`,
  ].join("");
}
