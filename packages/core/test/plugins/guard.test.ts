import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { lab, runningFrom, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  lab(test, "linux")(`what heeds nothing is killed some time after its host ended by ${signal}, and no other process is`, () =>
    within(30_000, async () => {
      const folder = tmp("guard");
      const script = fileURLToPath(new URL("guard-host.ts", import.meta.url));
      const host = spawn(process.execPath, ["--conditions=source", "--import", "tsx", script, folder], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [said]: unknown[] = await once(host.stdout, "data");
      const released = Number(String(said).split(" ")[1]);
      try {
        host.kill(signal);
        await once(host, "exit");
        while (runningFrom(`${folder}/guarded`).length > 0) await new Promise(setImmediate);
        assert.is(runningFrom(`${folder}/released`).length, 1);
      } finally {
        process.kill(-released, "SIGKILL");
      }
    }),
  );
}

test.run();
