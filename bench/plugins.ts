// Plugins: the same Go components, e2e/go-plugin/bench, under tspack and under Packer.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findLabProgram } from "@tspack/test-support";
import { type Measurement, median } from "./measure.ts";
import { formatBytes, type Report } from "./report.ts";
import { inFolder, packer, tspack } from "./tools.ts";

interface Work {
  readonly builders: readonly object[];
  readonly provisioners: readonly object[];
}

const nullBuilder = { type: "null", communicator: "none" };

/**
 * Start of one plugin, round trips, an upload that the host relays from one plugin to another (`TSPACK_BENCH_MEGABYTES` for less than
 * 512 MB), and 100 builds with a provisioner each.
 */
export async function benchPlugins(report: Report): Promise<void> {
  const go = findLabProgram("go");
  if (go === undefined) return console.error("  left out: there is no go to build the plugin with");
  await inFolder(async (folder) => {
    buildPlugins(go, folder);
    const both = async (words: readonly [string, string], work: Work, times = 5): Promise<[Measurement, Measurement | undefined]> => {
      writeFileSync(join(folder, "template.json"), JSON.stringify(work));
      const [ours, theirs] = words;
      // Plugins that are killed leave the folders of their sockets behind.
      const env = { PACKER_PLUGIN_PATH: folder, PACKER_CACHE_DIR: join(folder, "cache"), TMPDIR: folder };
      return [
        await median({ argv: [...tspack, ours, "template.json"], cwd: folder, env }, times),
        packer === undefined ? undefined : await median({ argv: [packer, theirs, "template.json"], cwd: folder, env }, times),
      ];
    };
    const run = (options: object, builder: object = nullBuilder, count = 1) =>
      both(["run", "build"], {
        builders: Array.from({ length: count }, (_, index) => ({ ...builder, name: `b${index}` })),
        provisioners: [{ type: "bench", ...options }],
      });

    report.addMeasurement(
      "`validate`, 1 build with 1 Go provisioner",
      ...(await both(["validate", "validate"], { builders: [nullBuilder], provisioners: [{ type: "bench" }] })),
      ["wall", "cpu", "memory"],
    );
    report.addMeasurement("run 1 build with 1 Go provisioner", ...(await run({})), ["wall", "cpu", "memory"]);
    report.addMeasurement("10,000 messages of a Go provisioner", ...(await run({ messages: 10_000 })), ["wall", "cpu"]);
    report.addMeasurement("1,000 commands, Go provisioner to Go builder", ...(await run({ commands: 1000 }, { type: "bench" })), [
      "wall",
      "cpu",
    ]);
    const megabytes = Number(process.env.TSPACK_BENCH_MEGABYTES ?? 512);
    const relay = `upload of ${megabytes} MB, Go provisioner to Go builder`;
    const [ours, peer] = await run({ megabytes }, { type: "bench" });
    report.addMeasurement(relay, ours, peer, ["wall", "cpu", "memory"]);
    const [oursFour, peerFour] = await run({ megabytes: 4 * megabytes }, { type: "bench" });
    report.add({
      work: `${relay}, four times as much`,
      quantity: "memory added",
      ours: formatBytes(oursFour.peakBytes - ours.peakBytes),
      peer: peer && peerFour && formatBytes(peerFour.peakBytes - peer.peakBytes),
      ratio: undefined,
    });
    report.addMeasurement("run 100 builds with 1 Go provisioner each", ...(await run({}, nullBuilder, 100)), ["wall", "cpu", "memory"]);
  });
}

/** Both components, in the folder where Packer looks for them. */
function buildPlugins(go: string, folder: string): void {
  const builder = join(folder, "packer-builder-bench");
  mkdirSync(folder, { recursive: true });
  execFileSync(go, ["build", "-ldflags", "-s -w", "-o", builder, "./bench"], {
    cwd: fileURLToPath(new URL("../e2e/go-plugin", import.meta.url)),
    stdio: ["ignore", "ignore", "inherit"],
  });
  copyFileSync(builder, join(folder, "packer-provisioner-bench"));
}
