import { Readable, Writable } from "node:stream";
import { packerVariables, RecordingUi, rejects, runInfo } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type ConnectRequest, connect } from "../../src/communicator/connect.ts";
import { communicatorOptions } from "../../src/communicator/options.ts";

function request(options: object): ConnectRequest {
  const config = communicatorOptions().parse(options);
  return { config, ui: new RecordingUi(), signal: new AbortController().signal, packer: packerVariables(), run: runInfo() };
}

test('"none" connects to nothing: commands succeed without running, transfers fail', async () => {
  const connection = await connect(request({ communicator: "none" }));
  const { signal } = new AbortController();
  assert.equal(await connection.communicator.execute({ command: "exit 1", signal }), { exitCode: 0 });
  const content = Readable.from(["x"]);
  await rejects(connection.communicator.upload({ path: "/x", content, signal }), { code: "TPK5006" });
  assert.ok(content.destroyed);
  const sink = new Writable();
  await rejects(connection.communicator.download({ path: "/x", content: sink, signal }), { code: "TPK5006" });
  const folder = { source: "/a", destination: "/b", signal };
  await rejects(connection.communicator.uploadDirectory(folder), { code: "TPK5006" });
  await rejects(connection.communicator.downloadDirectory(folder), { code: "TPK5006" });
  assert.is(connection.data.ConnType, "none");
  await connection.close();
});

test("unknown communicators are refused", async () => {
  await rejects(connect(request({ communicator: "carrier-pigeon" })), { code: "TPK5006", message: /carrier-pigeon/ });
});

test.run();
