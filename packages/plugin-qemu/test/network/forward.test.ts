import { join } from "node:path";
import { lab, RecordingUi, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { startMachine } from "../../src/machine/machine.ts";
import { type VncAddress, vncAddress, vncUrl } from "../../src/network/forward.ts";

/** Where the VNC server of a machine with this `-vnc` is. */
async function addressOf(vnc: string): Promise<VncAddress | undefined> {
  const machine = await startMachine({
    argv: ["qemu-system-x86_64", "-machine", "none", "-display", "none", "-nodefaults", "-vnc", vnc],
    hasSerial: false,
    env: process.env,
    cwd: process.cwd(),
    ui: new RecordingUi(),
    signal: new AbortController().signal,
  });
  try {
    return await vncAddress(machine.qmp);
  } finally {
    await machine.end();
  }
}

lab(test, "qemu-system-x86_64")("a VNC server is at a port of this host, or has no address to be told", async () => {
  assert.is((await addressOf("127.0.0.1:0,to=99"))?.host, "127.0.0.1");
  assert.is(await addressOf(`unix:${join(tmp("vnc"), "socket")}`), undefined);
  assert.is(await addressOf("none"), undefined);
  assert.is(vncUrl({ host: "::1", port: 5901 }), "vnc://[::1]:5901");
});

test.run();
