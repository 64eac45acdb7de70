import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createState, type StepContext } from "@tspack/core/sdk";
import { lab, RecordingUi, runInfo, tmp, within, writeSectorDisk } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Screen } from "../src/console/screen.ts";
import { SerialConsole } from "../src/console/serial-console.ts";
import { startMachine } from "../src/machine/machine.ts";
import { consoleKey, machineKey, screenKey } from "../src/steps/keys.ts";
import { hinted } from "../src/steps/standstill.ts";

const qemuTest = lab(test, "qemu-system-x86_64", "linux");

/** Tells how often it was looked at. */
class CountedScreen extends Screen {
  looks = 0;

  override digest(): Promise<string> {
    this.looks++;
    return super.digest();
  }
}

qemuTest("a machine that gets nowhere while it is waited for is told about, with a picture, and again only when it has moved", async () => {
  const folder = tmp();
  const image = join(folder, "guest.img");
  writeSectorDisk(image, { says: "in: the boot loader\r\n", waitsForEnter: true, fillsDisk: true });
  const ui = new RecordingUi();
  const { signal } = new AbortController();
  const machine = await startMachine({
    argv: ["qemu-system-x86_64", "-machine", "pc,accel=tcg", "-m", "64M", "-display", "none", "-drive", `file=${image},format=raw,if=ide`],
    hasSerial: true,
    env: process.env,
    cwd: folder,
    ui,
    signal,
  });
  try {
    const state = createState();
    mkdirSync(join(folder, "screen"));
    const screen = new CountedScreen(machine.qmp, join(folder, "screen"));
    state.set(machineKey, machine);
    state.set(screenKey, screen);
    assert.ok(machine.serial);
    state.set(consoleKey, new SerialConsole(machine.serial, { ui, logFile: undefined }));
    while (!ui.logged.some((line) => line.includes("the boot loader"))) await once(machine.serial, "data");

    const hints = (): readonly string[] => ui.said.filter((text) => text.startsWith("Nothing has moved"));
    const looked = async (more: number): Promise<void> => {
      for (const until = screen.looks + more; screen.looks < until; ) await turn();
    };
    const told = async (count: number): Promise<void> => {
      while (hints().length < count) await turn();
    };
    const waiting = {
      name: "wait",
      async run(): Promise<void> {
        await told(1);
        // Many times the limit: nothing is said again.
        await looked(60);
        assert.is(hints().length, 1);
        // The guest goes on: it writes to its disk until that is full, and stops.
        await machine.qmp.execute("send-key", { keys: [{ type: "qcode", data: "ret" }] });
        await told(2);
      },
    };
    const context: StepContext = { state, ui, signal, run: runInfo(), packer: { packer_build_name: "test" } as StepContext["packer"] };
    const place = { tracesDirectory: folder, traceName: "test" } as Parameters<typeof hinted>[1];
    await within(120_000, () => hinted(waiting, place, { limitMs: 300, lookMs: 20 }).run(context));
    for (const [index, text] of hints().entries()) {
      assert.match(
        text,
        /^Nothing has moved in the machine for .*: not on its screen, .* Its console said last: in: the boot loader\nIts screen: /,
      );
      assert.ok(text.endsWith(`/test-still-${index + 1}.png`), text);
      assert.is(readFileSync(join(folder, `test-still-${index + 1}.png`)).toString("latin1", 1, 4), "PNG");
    }
    const before = screen.looks;
    await machine.qmp.execute("query-status");
    assert.ok(screen.looks <= before + 1, "nobody looks when the step is over");
  } finally {
    await machine.end();
  }
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test.run();
