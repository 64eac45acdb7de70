import { once } from "node:events";
import { createServer } from "node:http";
import { rejects, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { pause } from "../../../src/communicator/abort.ts";
import { WinrmClient } from "../../../src/communicator/winrm/client.ts";
import { RemoteShells } from "../../../src/communicator/winrm/shells.ts";
import { isCancellation } from "../../../src/diagnostics/error.ts";

const shell = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell";

/** What is between us and a machine, and answers by itself: nothing is said, output, or the end; `slow` is nothing after a long time. */
type Reply = "nothing" | "output" | "slow" | "end";

/** Runs a command whose output is answered as `replies` say, and returns the pauses between the questions, in milliseconds. */
async function pausesBetween(replies: readonly Reply[], onPause: () => void = () => {}, signal = new AbortController().signal) {
  const pauses: number[] = [];
  const left = [...replies];
  let now = 0;
  const server = createServer(async (request, response) => {
    const asked = Buffer.concat(await request.toArray()).toString();
    const [, action = ""] = /\/(Create|Command|Receive|Signal|Delete)<\/a:Action>/.exec(asked) ?? [];
    response.setHeader("content-type", "application/soap+xml");
    response.end(
      `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:r="${shell}"><s:Body>${answer(action)}</s:Body></s:Envelope>`,
    );
  });
  const answer = (action: string): string => {
    if (action === "Create") return "<r:Shell><r:ShellId>1</r:ShellId></r:Shell>";
    if (action === "Command") return "<r:CommandResponse><r:CommandId>2</r:CommandId></r:CommandResponse>";
    if (action !== "Receive") return "";
    const reply = left.shift() ?? "end";
    if (reply === "slow") now += 20_000;
    const output = reply === "output" ? `<r:Stream Name="stdout" CommandId="2">eA==</r:Stream>` : "";
    const end = `<r:CommandState CommandId="2" State="${shell}/CommandState/Done"><r:ExitCode>0</r:ExitCode></r:CommandState>`;
    return `<r:ReceiveResponse>${output}${reply === "end" ? end : ""}</r:ReceiveResponse>`;
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const endpoint = { host: "127.0.0.1", port, usesTls: false, checksCertificate: true, usesProxy: false, environment: {} };
  const client = new WinrmClient({
    endpoint: async () => endpoint,
    login: { user: "u", password: "p", usesNtlm: false },
    dialMs: 10_000,
    receiveMs: 20_000,
    operationMs: 20_000,
    slackMs: 20_000,
  });
  const shells = new RemoteShells(client, {
    now: () => now,
    async pause(durationMs, stop) {
      pauses.push(durationMs);
      onPause();
      await pause(0, stop);
    },
  });
  try {
    await within(20_000, () => shells.run({ command: "x", onOutput: async () => {}, signal }));
  } finally {
    await shells.close();
    client.close();
    server.close();
  }
  return pauses;
}

test("what answers at once that there is no output is asked again after pauses that grow up to a second", async () => {
  const many = Array<Reply>(10).fill("nothing");
  assert.equal(await pausesBetween(many), [10, 20, 40, 80, 160, 320, 640, 1_000, 1_000, 1_000]);
});

test("a machine that has output, or waited for some, is asked again at once", async () => {
  assert.equal(await pausesBetween(["output", "slow", "output", "output"]), []);
  assert.equal(await pausesBetween(["nothing", "nothing", "output", "nothing", "slow", "nothing"]), [10, 20, 10, 10]);
});

test("a cancellation ends such a pause", async () => {
  const abort = new AbortController();
  let pauses = 0;
  const cancel = (): void => {
    if (++pauses === 3) abort.abort();
  };
  assert.ok(isCancellation(await rejects(pausesBetween(Array<Reply>(100).fill("nothing"), cancel, abort.signal))));
  assert.is(pauses, 3);
});

test.run();
