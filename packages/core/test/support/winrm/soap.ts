// The least that a client needs, for tests of what the server refuses.
import { randomUUID } from "node:crypto";
import { type IncomingHttpHeaders, request } from "node:http";
import type { WinrmServer } from "@tspack/test-support";

export const SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell";
export const TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The number of the WSManFault, if it is one. */
  readonly fault: string | undefined;
}

export interface Message {
  readonly action: string;
  readonly shellId?: string;
  readonly body: string;
  /** Changes the finished envelope. */
  readonly edit?: (xml: string) => string;
  /** More header elements. */
  readonly header?: string;
}

/** An envelope that the server takes. */
export function envelope({ action, shellId, body, header = "", edit = (xml) => xml }: Message): string {
  const selector = shellId === undefined ? "" : `<w:SelectorSet><w:Selector Name="ShellId">${shellId}</w:Selector></w:SelectorSet>`;
  return edit(
    [
      '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"',
      ` xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:r="${SHELL}"><s:Header>`,
      `<a:To>http://127.0.0.1/wsman</a:To><a:Action s:mustUnderstand="true">${action}</a:Action><a:MessageID>uuid:${randomUUID()}</a:MessageID>`,
      "<a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>",
      `<w:ResourceURI s:mustUnderstand="true">${SHELL}/cmd</w:ResourceURI>${selector}${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`,
    ].join(""),
  );
}

export const createBody = "<r:Shell><r:InputStreams>stdin</r:InputStreams><r:OutputStreams>stdout stderr</r:OutputStreams></r:Shell>";

/** A client with Basic. */
export function soapClient(server: WinrmServer) {
  const authorization = `Basic ${Buffer.from(`${server.user}:${server.password}`).toString("base64")}`;
  const post = async (text: string, headers: Record<string, string> = {}, path = "/wsman", method = "POST"): Promise<Answer> =>
    await new Promise((resolve, reject) => {
      const all = { "Content-Type": "application/soap+xml;charset=UTF-8", Authorization: authorization, ...headers };
      const sent = request({ host: server.host, port: server.port, path, method, headers: all, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const body = Buffer.concat(chunks).toString();
          const fault = /<f:WSManFault [^>]*Code="(\d+)"/.exec(body)?.[1];
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: body, fault });
        });
      });
      sent.on("error", reject);
      sent.end(text);
    });
  const send = async (message: Message): Promise<Answer> => await post(envelope(message));
  const create = async (): Promise<string> => {
    const { text } = await send({ action: `${TRANSFER}/Create`, body: createBody });
    return /Name="ShellId">([^<]+)</.exec(text)?.[1] ?? "";
  };
  const start = async (shellId: string, line: string): Promise<string> => {
    const body = `<r:CommandLine><r:Command><![CDATA[${line}]]></r:Command></r:CommandLine>`;
    const { text } = await send({ action: `${SHELL}/Command`, shellId, body });
    return /CommandId>([^<]+)</.exec(text)?.[1] ?? "";
  };
  const receive = async (shellId: string, commandId: string, header = "", sequence = ""): Promise<Answer & Received> => {
    const body = `<r:Receive${sequence}><r:DesiredStream CommandId="${commandId}">stdout stderr</r:DesiredStream></r:Receive>`;
    const answer = await send({ action: `${SHELL}/Receive`, shellId, body, header });
    const streams = (name: string): Buffer =>
      Buffer.concat(
        [...answer.text.matchAll(new RegExp(`Name="${name}"[^>]*>([^<]+)<`, "g"))].map((m) => Buffer.from(m[1] ?? "", "base64")),
      );
    const exitCode = /ExitCode>(-?\d+)</.exec(answer.text)?.[1];
    return {
      ...answer,
      stdout: streams("stdout"),
      stderr: streams("stderr"),
      ...(exitCode === undefined ? {} : { exitCode: Number(exitCode) }),
    };
  };
  const signal = async (shellId: string, commandId: string, code: string): Promise<Answer> =>
    await send({
      action: `${SHELL}/Signal`,
      shellId,
      body: `<r:Signal CommandId="${commandId}"><r:Code>${SHELL}/signal/${code}</r:Code></r:Signal>`,
    });
  const input = async (shellId: string, commandId: string, data: string, end: boolean): Promise<Answer> =>
    await send({
      action: `${SHELL}/Send`,
      shellId,
      body: `<r:Send><r:Stream Name="stdin" CommandId="${commandId}"${end ? ' End="true"' : ""}>${Buffer.from(data).toString("base64")}</r:Stream></r:Send>`,
    });
  const remove = async (shellId: string): Promise<Answer> => await send({ action: `${TRANSFER}/Delete`, shellId, body: "" });
  /** Runs a line to its end. */
  const run = async (line: string): Promise<{ stdout: string; stderr: string; exitCode: number }> => {
    const shellId = await create();
    const commandId = await start(shellId, line);
    let [stdout, stderr] = ["", ""];
    for (;;) {
      const part = await receive(shellId, commandId);
      stdout += part.stdout.toString();
      stderr += part.stderr.toString();
      if (part.status !== 200) throw new Error(`${part.status} ${part.text}`);
      if (part.exitCode === undefined) continue;
      await signal(shellId, commandId, "terminate");
      await remove(shellId);
      return { stdout, stderr, exitCode: part.exitCode };
    }
  };
  return { post, send, create, start, receive, signal, input, remove, run };
}

interface Received {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly exitCode?: number;
}
