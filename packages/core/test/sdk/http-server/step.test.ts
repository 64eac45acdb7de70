import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { TspackError } from "../../../src/diagnostics/error.ts";
import { checkHttp, type HttpConfig, httpOptions } from "../../../src/sdk/http-server/options.ts";
import { httpAddressKey, httpAskedKey, httpPortKey, httpServerStep } from "../../../src/sdk/http-server/step.ts";
import { whileStepStands } from "../media/run-step.ts";
import { rawRequest } from "./raw-request.ts";

const step = (options: Partial<HttpConfig>) => httpServerStep(httpOptions().parse(options));

test("the server stands from its step to the clean-up, and its address and port are in the state", async () => {
  const folder = tmp("project");
  writeFileSync(join(folder, "ks.cfg"), "text");
  let port = 0;
  const { state, ui } = await whileStepStands(step({ http_directory: "." }), { workingDirectory: folder }, async ({ state }) => {
    port = state.get(httpPortKey);
    assert.is((await rawRequest(port, "/ks.cfg")).body, "text");
  });
  assert.is(state.get(httpAddressKey), "0.0.0.0");
  assert.ok(port >= 8000 && port < 9000);
  assert.match(ui.text, new RegExp(`Starting HTTP server on address 0\\.0\\.0\\.0 and port ${port}`));
  await rejects(rawRequest(port, "/ks.cfg"), { message: /ECONNREFUSED/ });
});

test("what the guest asked for is in the state, and what was not there", async () => {
  const http = step({ http_content: { "/preseed.cfg": "", "/late": "" }, http_port_min: 0, http_port_max: 0 });
  await whileStepStands(http, {}, async ({ state }) => {
    const asked = state.get(httpAskedKey);
    assert.is(String(asked), "The machine has asked the HTTP server for nothing");
    const rows = [
      ["/preseed.cfg?host=web", "last for /preseed.cfg"],
      ["/presed.cfg", "last for /presed.cfg; not there: /presed.cfg"],
      ["/vendor", "last for /vendor; not there: /presed.cfg, /vendor"],
      ["/late", "last for /late; not there: /presed.cfg, /vendor"],
    ] as const;
    for (const [path, told] of rows) {
      await rawRequest(state.get(httpPortKey), path);
      // The answer is noted when it has left, which may be after it has come.
      await within(10_000, async () => {
        while (String(asked) !== `The machine has asked the HTTP server ${told}`) await new Promise((resolve) => setImmediate(resolve));
      });
    }
  });
});

test("an address that the builder found out is kept for the guest", async () => {
  const http = step({ http_content: { "/a": "b" }, http_bind_address: "127.0.0.1", http_port_min: 0, http_port_max: 0 });
  const run: typeof http.run = async (context) => {
    context.state.set(httpAddressKey, "10.0.2.2");
    await http.run(context);
  };
  const { ui } = await whileStepStands({ ...http, run }, {}, async ({ state }) => {
    assert.is(state.get(httpAddressKey), "10.0.2.2");
    assert.is((await rawRequest(state.get(httpPortKey), "/a")).body, "b");
  });
  assert.match(ui.text, /on address 10\.0\.2\.2 and port/);
});

test("nothing to serve: port 0, no address and no server", async () => {
  const { state, ui } = await whileStepStands(step({}), {}, async () => undefined);
  assert.is(state.get(httpPortKey), 0);
  assert.is(state.find(httpAddressKey), undefined);
  assert.is(state.find(httpAskedKey), undefined);
  assert.is(ui.text, "");
});

test("HTTP-06: a socket file is served and removed", async () => {
  const folder = tmp("project");
  let socketPath = "";
  const options = { http_content: { "/a": "by socket" }, http_network_protocol: "unix", http_bind_address: "socket" } as const;
  await whileStepStands(step(options), { workingDirectory: folder }, async ({ state }) => {
    socketPath = join(folder, `socket:${state.get(httpPortKey)}`);
    const body = await new Promise((resolve, reject) => {
      const outgoing = request({ socketPath, path: "/a", agent: false }, (response) =>
        response.once("data", (data) => resolve(String(data))),
      );
      outgoing.once("error", reject).end();
    });
    assert.is(body, "by socket");
  });
  assert.not.ok(existsSync(socketPath));
});

test("a folder that is not there, or is a file, is refused", async () => {
  const folder = tmp("project");
  writeFileSync(join(folder, "file"), "");
  for (const [name, reason] of [
    ["none", "it does not exist"],
    ["file", "it is not a folder"],
  ] as const) {
    const standing = whileStepStands(step({ http_directory: name }), { workingDirectory: folder }, async () => undefined);
    const message = new RegExp(`the folder ${name} of http_directory cannot be served: ${reason}`);
    const error = await rejects(standing, { code: "TPK3107", message });
    assert.is(TspackError.is(error) && error.option, "http_directory");
  }
});

test("the check names options that contradict each other, or could not work", () => {
  const found = (options: Partial<HttpConfig>, unknown = false) =>
    checkHttp(httpOptions().parse(options), { isUnknown: () => unknown }).map(({ code, path }) => `${code} ${path?.join(" ")}`);
  assert.equal(found({ http_directory: "http", http_port_min: 8100, http_port_max: 8100 }), []);
  const wrong: Partial<HttpConfig> = {
    http_directory: "http",
    http_content: { ok: "", "/fine": "" },
    http_interface: "eth0",
    http_bind_address: "127.0.0.1",
    http_port_min: 9500,
    http_network_protocol: "unixpacket",
  };
  assert.equal(found(wrong), [
    "TPK3106 http_content",
    "TPK3105 http_content ok",
    "TPK3106 http_bind_address",
    "TPK3106 http_port_min",
    "TPK3105 http_network_protocol",
  ]);
  assert.equal(found(wrong, true), []);
  const run = { workingDirectory: tmp("project") };
  mkdirSync(join(run.workingDirectory, "there"));
  const missing = (http_directory: string) =>
    checkHttp(httpOptions().parse({ http_directory }), { isUnknown: () => false, run }).map(
      ({ severity, path }) => `${severity} ${path?.[0]}`,
    );
  assert.equal([...missing("there"), ...missing("")], []);
  assert.equal(missing("nowhere"), ["warning http_directory"]);
});

test.run();
