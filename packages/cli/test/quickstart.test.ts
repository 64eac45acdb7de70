// The first thing a user does: the example of the README becomes an image that runs.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort, lab, podman, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tspack } from "./support/tspack.ts";

const example = fileURLToPath(new URL("../../../examples/quickstart", import.meta.url));

/** A copy of the example, so that nobody else's run of it is in the way. */
function quickstart(): string {
  const folder = join(tmp("quickstart"), "quickstart");
  cpSync(example, folder, { recursive: true, filter: (path) => !/[/\\](output|\.tspack)$/.test(path) });
  return folder;
}

async function fetchPage(port: number): Promise<string> {
  return within(180_000, async () => {
    for (;;) {
      try {
        return await (await fetch(`http://127.0.0.1:${port}/`)).text();
      } catch {
        // The server in the container is not up yet.
        await pause(50);
      }
    }
  });
}

lab(
  test,
  "podman",
  "root",
)("the quickstart's image loads into podman and serves its page", async () => {
  const folder = quickstart();
  const { code, stdout } = await tspack(["run", folder], { cwd: tmp("elsewhere") });
  assert.is(code, 0, stdout);
  const engine = podman();
  try {
    const loaded = await engine("load", "--input", join(folder, "output/web.oci.tar"));
    assert.match(loaded.stdout + loaded.stderr, /quickstart:latest/);
    const port = await freePort();
    // The host's network: the page is fetched without any set-up of networks, which needs rights of its own.
    const container = engine.start("run", "--rm", "--network=host", "--env", `PORT=${port}`, "quickstart:latest");
    try {
      assert.match(await fetchPage(port), new RegExp(`Made by tspack[\\s\\S]*Node ${process.version}`));
    } finally {
      await engine("stop", "--all", "--time", "5");
      if (container.exitCode === null) await new Promise((resolve) => container.once("exit", resolve));
    }
  } finally {
    await engine.close();
  }
});

test.run();
