import { setImmediate as turn } from "node:timers/promises";
import { rejects } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { orAborted } from "../../src/communicator/abort.ts";
import { isCancellation } from "../../src/diagnostics/error.ts";

for (const when of ["before", "while"]) {
  test(`work that fails after its caller was cancelled ${when} it waited ends no process`, async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      const stop = new AbortController();
      let fail = (_error: Error): void => undefined;
      const work = new Promise<never>((_, reject) => {
        fail = reject;
      });
      if (when === "before") stop.abort();
      const waiting = orAborted(work, stop.signal);
      stop.abort();
      assert.ok(isCancellation(await rejects(waiting)));
      fail(new Error("nobody looks at this"));
      await turn();
      assert.equal(unhandled, []);
    } finally {
      process.off("unhandledRejection", note);
    }
  });
}

test.run();
