import { test } from "uvu";
import * as assert from "uvu/assert";
import { findFault } from "../../../src/communicator/winrm/fault.ts";
import { type Operation, readOutput, SEND_BYTES, toMessage } from "../../../src/communicator/winrm/soap.ts";
import { parseXml } from "../../../src/communicator/winrm/xml.ts";
import { DISCONNECT_EXIT_CODE } from "../../../src/sdk/communicator.ts";

const shellId = "0A1B2C3D-0000-1111-2222-333344445555";
const options = { to: `https://${"name.".repeat(50)}example.org:5986/wsman`, timeoutMs: 20_000 };

test("the largest message is one that old Windows accepts", () => {
  const largest: Operation = { kind: "send", shellId, commandId: shellId, input: Buffer.alloc(SEND_BYTES, "x"), isLast: true };
  assert.ok(toMessage(largest, options).length < 150 * 1024);
});

test("every message is well-formed, whatever is in the command", () => {
  const messages: readonly Operation[] = [
    { kind: "create" },
    { kind: "command", shellId, command: 'echo "<a>" & ]]> \u0000\u001b ü\n', hasInput: true },
    { kind: "receive", shellId, commandId: '"><x/>' },
    { kind: "terminate", shellId: "<&", commandId: shellId },
    { kind: "delete", shellId },
  ];
  for (const message of messages) assert.is(parseXml(toMessage(message, options)).name, "Envelope");
});

const envelope = (body: string): string =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:rsp="http://schemas.microsoft.com/wbem/wsman/1/windows/shell"><s:Body>${body}</s:Body></s:Envelope>`;
const fault = (code: number, message: string): string =>
  envelope(
    `<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang="en-US">the reason</s:Text></s:Reason><s:Detail>` +
      `<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="${code}" Machine="m">${message}</f:WSManFault></s:Detail></s:Fault>`,
  );

test("faults are told in the machine's words, and the usual ones say what to do", () => {
  const nested =
    '<f:Message><f:ProviderFault provider="p"><f:WSManFault Code="5"><f:Message>Access is\r\n denied. </f:Message></f:WSManFault></f:ProviderFault></f:Message>';
  const cases: readonly (readonly [string, string, string, RegExp])[] = [
    [
      fault(5, "<f:Message>Access is denied. </f:Message>"),
      "the machine says: Access is denied",
      "TPK5002",
      /LocalAccountTokenFilterPolicy/,
    ],
    [fault(5, nested), "the machine says: Access is denied", "TPK5002", /administrator/],
    [fault(2_150_859_173, "<f:Message>too many shells</f:Message>"), "the machine says: too many shells", "TPK5004", /MaxShellsPerUser/],
    [fault(1, ""), "the machine says: the reason", "TPK5004", /^$/],
  ];
  for (const [xml, message, code, hint] of cases) {
    const found = findFault(parseXml(xml));
    assert.equal([found?.message, found?.code], [message, code]);
    assert.match(found?.hint ?? "", hint);
  }
  assert.is(findFault(parseXml(envelope("<rsp:ReceiveResponse/>"))), undefined);
  assert.ok(findFault(parseXml(fault(2_150_858_793, "")))?.isTimeout);
  for (const code of [2_150_858_843, 995, 1_115, 1_722, 1_726]) assert.ok(findFault(parseXml(fault(code, "")))?.isShellGone);
});

test("output is read in its order; an end without an exit code is a disconnect", () => {
  const stream = (name: string, text: string): string =>
    `<rsp:Stream Name="${name}" CommandId="c">${Buffer.from(text).toString("base64")}</rsp:Stream>`;
  const state = (name: string, code: string): string =>
    `<rsp:CommandState CommandId="c" State="http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/${name}">${code}</rsp:CommandState>`;
  const read = (body: string) => {
    const output = readOutput(parseXml(envelope(`<rsp:ReceiveResponse>${body}</rsp:ReceiveResponse>`)));
    return [output?.pieces.map(({ stream: name, bytes }) => `${name} ${bytes.toString()}`), output?.exitCode];
  };
  const end = '<rsp:Stream Name="stdout" CommandId="c" End="TRUE"/>';
  assert.equal(read(stream("stderr", "1") + stream("stdout", "2") + stream("pr", "no") + end + state("Running", "")), [
    ["stderr 1", "stdout 2"],
    undefined,
  ]);
  assert.equal(read(state("Done", "<rsp:ExitCode>-1073741510</rsp:ExitCode>")), [[], -1_073_741_510]);
  assert.equal(read(state("Done", "")), [[], DISCONNECT_EXIT_CODE]);
  assert.equal(read(state("Done", "<rsp:ExitCode>evil</rsp:ExitCode>")), [[], DISCONNECT_EXIT_CODE]);
  assert.is(readOutput(parseXml(envelope(""))), undefined);
});

test.run();
