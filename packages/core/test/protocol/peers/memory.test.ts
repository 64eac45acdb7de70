// What an upload through two plugins takes of the host's memory. A file of its own, since the test's process is the host.
import { lab } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { build, program, provision, source } from "../../engine/programs.ts";
import { ofKind } from "../../engine/run.ts";
import { bothProbes, runWithPeers } from "./peers.ts";

const goTest = lab(test, "go", "linux");
const required = "yes";
const MEGABYTE = 1_048_576;

goTest("four gigabytes go from a provisioner through the host to a builder's machine in less than 64 MB of memory", async () => {
  const folder = await bothProbes();
  const flood = (count: number) => {
    const provisioners = [provision("twin-act", { required, behave: "flood", count, target: "/dev/null" })];
    return program([build(undefined, source("one", { type: "probe-machine", config: { required, target: "/" }, provisioners }))]);
  };
  // What is loaded and compiled once does not count.
  await runWithPeers(flood(50_000_000), folder);
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 10);
  const { result, lines, events } = await runWithPeers(flood(4_000_000_000), folder);
  clearInterval(watch);
  assert.is(result.exitCode, 0, lines.join("\n"));
  const grown = most - before;
  assert.ok(grown < 64 * MEGABYTE, `the host grew by ${Math.round(grown / MEGABYTE)} MB`);
  const said = ofKind(events, "say").find(({ text }) => text.startsWith("flooded"))?.text ?? "";
  assert.match(said, /^flooded 4000000000, grew by \d+$/);
  const grownPlugin = Number(said.split(" ").at(-1));
  assert.ok(grownPlugin < 64 * 1_024, `the plugin grew by ${grownPlugin} kB`);
});

test.run();
