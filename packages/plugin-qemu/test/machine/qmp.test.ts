import { Duplex } from "node:stream";
import { TspackError } from "@tspack/core/sdk";
import { within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openQmp } from "../../src/machine/qmp.ts";

/** A monitor that greets and then says nothing but what the test has it say. What is answered at once comes before any timer. */
class HangingMonitor extends Duplex {
  readonly ids: number[] = [];

  constructor() {
    super();
    this.say({ QMP: { version: { qemu: { major: 7, minor: 2, micro: 0 } }, capabilities: [] } });
  }

  say(message: object): void {
    this.push(`${JSON.stringify(message)}\n`);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const { execute, id }: { execute: string; id: number } = JSON.parse(chunk.toString());
    if (execute === "qmp_capabilities") this.say({ return: {}, id });
    else this.ids.push(id);
    done();
  }
}

/** What is said of a promise that rejects in time. */
async function failure(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await within(30_000, () => promise).then(
    () => assert.unreachable("the command was answered"),
    (reason: unknown) => reason,
  );
  return TspackError.is(error) ? `${error.message}; ${error.hint}` : String(error);
}

test("a QEMU that hangs is not waited for for ever, and for less time until it answers again", async () => {
  const monitor = new HangingMonitor();
  const qmp = await openQmp(monitor, { answerMs: 50, hurriedMs: 10 });
  const hangs = (limit: string) =>
    `QEMU's monitor did not carry out "query-vnc": QEMU has not answered for ${limit}; ` +
    "QEMU hangs: was its process stopped, or does the disk that it writes to (a network drive) not answer any more?";
  assert.is(await failure(qmp.execute("query-vnc")), hangs("50 milliseconds"));
  assert.is(await failure(qmp.execute("query-vnc")), hangs("10 milliseconds"));
  monitor.say({ return: {}, id: monitor.ids[0] });
  assert.is(await failure(qmp.execute("query-vnc")), hangs("50 milliseconds"));
  qmp.close();
  await qmp.closed;
});

test.run();
