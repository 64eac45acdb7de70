// `npm run bench [start|builds|templates|upload|plugins|types|bytes|qemu …]`: prints ratios against a peer measured in the same run, as a Markdown table.
import { describeMachine, Report } from "./report.ts";

const parts: { readonly [name: string]: (report: Report) => Promise<void> } = {
  start: async (report) => (await import("./start.ts")).benchStart(report),
  builds: async (report) => (await import("./builds.ts")).benchBuilds(report),
  templates: async (report) => (await import("./templates.ts")).benchTemplates(report),
  upload: async (report) => (await import("./upload.ts")).benchUpload(report),
  plugins: async (report) => (await import("./plugins.ts")).benchPlugins(report),
  types: async (report) => (await import("./types.ts")).benchTypes(report),
  bytes: async (report) => (await import("./bytes.ts")).benchBytes(report),
  qemu: async (report) => (await import("./qemu.ts")).benchQemu(report),
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => parts[name] === undefined);
if (unknown.length > 0) {
  console.error(`no benchmark is called ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);
  process.exitCode = 1;
} else {
  const report = new Report();
  for (const [name, run] of Object.entries(parts)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    console.error(name);
    await run(report);
  }
  console.log(`${describeMachine()}\n\n${report.toMarkdown()}`);
}
