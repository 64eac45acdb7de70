// Whole runs: null builds with one shell-local each.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { measure, median } from "./measure.ts";
import type { Report } from "./report.ts";
import { nullBuilds, packerTemplate } from "./start.ts";
import { inFolder, packer, tspack } from "./tools.ts";

/** 1, 100 and 500 builds at once. */
export async function benchBuilds(report: Report): Promise<void> {
  for (const count of [1, 100, 500]) {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, "image.ts"), nullBuilds(count));
      writeFileSync(join(folder, "template.json"), packerTemplate(count));
      const ours = await median({ argv: [...tspack, "run", "image.ts"], cwd: folder });
      const theirs = { argv: [packer ?? "", "build", "template.json"], cwd: folder } as const;
      // Packer takes a minute for 500: once is enough to see the order of magnitude.
      const peer = packer && (await (count === 500 ? measure(theirs) : median(theirs)));
      report.addMeasurement(`run ${count} null build${count === 1 ? "" : "s"}`, ours, peer || undefined, ["wall", "cpu", "memory"]);
    });
  }
}
