// Start-up: what a user waits for before anything happens.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { measure, median } from "./measure.ts";
import type { Report } from "./report.ts";
import { inFolder, packer, tspack } from "./tools.ts";

/** `version`, and `validate` of a small program with a warm cache, against bare Node and Packer. */
export async function benchStart(report: Report): Promise<void> {
  const node = await median({ argv: [process.execPath, "-e", "0"] });
  const version = await median({ argv: [...tspack, "version"] });
  report.addMeasurement("`version`, peer: bare `node -e 0`", version, node);
  if (packer !== undefined) report.addMeasurement("`version`", version, await median({ argv: [packer, "version"] }));
  await inFolder(async (folder) => {
    writeFileSync(join(folder, "image.ts"), nullBuilds(1));
    writeFileSync(join(folder, "template.json"), packerTemplate(1));
    const ours = await median({ argv: [...tspack, "validate", "image.ts"], cwd: folder });
    const peer = packer && (await median({ argv: [packer, "validate", "template.json"], cwd: folder }));
    report.addMeasurement("`validate`, 1 build, warm cache", ours, peer || undefined, ["wall", "cpu", "memory"]);
  });
  await inFolder(async (folder) => {
    writeFileSync(join(folder, "image.ts"), nullBuilds(1000));
    const ours = await median({ argv: [...tspack, "validate", "image.ts"], cwd: folder });
    writeFileSync(join(folder, "template.json"), packerTemplate(1000));
    // Packer takes two minutes: once is enough to see the order of magnitude.
    const peer = packer && (await measure({ argv: [packer, "validate", "template.json"], cwd: folder }));
    report.addMeasurement("`validate`, 1,000 builds", ours, peer || undefined);
  });
}

/** An image.ts with so many null builds, each with one shell-local. */
export function nullBuilds(count: number): string {
  return `import { build, provision, source } from "tspack";
export default build({
  sources: Array.from({ length: ${count} }, (_, index) => source("null", \`b\${index}\`, { communicator: "none" })),
  provisioners: [provision("shell-local", { inline: ["true"] })],
});
`;
}

/** The same for Packer. */
export function packerTemplate(count: number): string {
  return JSON.stringify({
    builders: Array.from({ length: count }, (_, index) => ({ type: "null", name: `b${index}`, communicator: "none" })),
    provisioners: [{ type: "shell-local", inline: ["true"] }],
  });
}
