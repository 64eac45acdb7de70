import { Duplex } from "node:stream";
import { createState, type StepContext } from "@tspack/core/sdk";
import { RecordingUi, runInfo, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Machine } from "../../src/machine/machine.ts";
import { openQmp } from "../../src/machine/qmp.ts";
import { machineKey } from "../../src/steps/keys.ts";
import { hinted } from "../../src/steps/standstill.ts";

/** What a monitor shows of a machine's network at a look, from 1 on. */
interface Network {
  readonly usernet: (look: number) => readonly string[];
  /** The packets of a virtio card; undefined when there is another one. */
  readonly packets?: ((look: number) => number) | undefined;
}

/** The monitor of a machine whose disks rest. */
class NetworkMonitor extends Duplex {
  looks = 0;
  readonly #network: Network;

  constructor(network: Network) {
    super();
    this.#network = network;
    this.#say({ QMP: { version: { qemu: { major: 7, minor: 2, micro: 0 } }, capabilities: [] } });
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (const line of chunk.toString().trim().split("\n")) {
      const { execute, id }: { execute: string; id: number } = JSON.parse(line);
      const answer = this.#answer(execute);
      this.#say(answer === undefined ? { error: { class: "CommandNotFound", desc: "not found" }, id } : { return: answer, id });
    }
    done();
  }

  #say(message: object): void {
    this.push(`${JSON.stringify(message)}\n`);
  }

  #answer(command: string): unknown {
    const { usernet, packets } = this.#network;
    if (command === "qmp_capabilities") return {};
    if (command === "query-blockstats") return [];
    if (command === "human-monitor-command") return [HEAD, ...usernet(++this.looks)].join("\r\n");
    if (packets === undefined) return undefined;
    if (command === "x-query-virtio") return [{ name: "virtio-net", path: "/net" }];
    return { "used-idx": packets(this.looks) % 65_536 };
  }
}

/** As QEMU 7.2 writes it. */
const HEAD = `Hub -1 (user.0):
  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ`;
const FORWARD = "  TCP[HOST_FORWARD]  11       127.0.0.1  2222       10.0.2.15    22     0     0";
const OURS = "  TCP[SYN_SENT]      17       127.0.0.1  2222       10.0.2.15    22     0     0";
const download = (port: number, state = "ESTABLISHED"): string =>
  `  TCP[${state}]   19       10.0.2.15 ${port}        10.0.2.2  8000     0     0`;

/** How often the machine was looked at when it was said that nothing moves in it. */
async function looksUntilHint(network: Network): Promise<number> {
  const monitor = new NetworkMonitor(network);
  const qmp = await openQmp(monitor);
  const state = createState();
  const machine: Pick<Machine, "qmp" | "serial"> = { qmp, serial: undefined };
  state.set(machineKey, machine as Machine);
  const ui = new RecordingUi();
  const told = new Promise<void>((resolve) => {
    ui.say = (text) => {
      assert.match(text, /^Nothing has moved in the machine for /);
      resolve();
    };
  });
  const { signal } = new AbortController();
  const context: StepContext = { state, ui, signal, run: runInfo(), packer: { packer_build_name: "test" } as StepContext["packer"] };
  const place = { tracesDirectory: tmp(), traceName: "test" } as Parameters<typeof hinted>[1];
  const waiting = { name: "wait", run: () => within(60_000, () => told) };
  await hinted(waiting, place, { limitMs: 0, lookMs: 1 }).run(context);
  qmp.close();
  return monitor.looks;
}

const MANY = 100;

test("a download that is slow and shows nothing is no standstill, until nothing comes any more", async () => {
  const packets = (look: number) => Math.min(look, MANY);
  assert.ok((await looksUntilHint({ usernet: () => [download(4000), FORWARD], packets })) > MANY);
});

test("connections that are opened are seen with any card", async () => {
  const usernet = (look: number) => [FORWARD, download(4000 + Math.min(look, MANY))];
  assert.ok((await looksUntilHint({ usernet })) > MANY);
});

test("what this host sends to a guest that does nothing does not count", async () => {
  const usernet = (look: number) => (look % 2 === 0 ? [OURS, FORWARD] : [FORWARD]);
  assert.ok((await looksUntilHint({ usernet, packets: (look) => look })) < MANY);
});

test.run();
