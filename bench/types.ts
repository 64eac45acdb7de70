// Types of ten plugins: writing them, and what completion costs in an editor then.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ConfigSpec, OptionSpec } from "@tspack/core";
import { buildGoPlugin, findLabProgram, installPlugin, writeScript } from "@tspack/test-support";
import type * as typescript from "typescript-6.0";
import type { Editor } from "../packages/dsl/test/editor/editor.ts";
import { ServerEditor } from "../packages/dsl/test/editor/server-editor.ts";
import { ServiceEditor } from "../packages/dsl/test/editor/service-editor.ts";
import { median } from "./measure.ts";
import { formatMs, type Report } from "./report.ts";
import { inFolder, tspack } from "./tools.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const compiler = join(root, "node_modules/typescript/bin/tsc");

/** What completion may take; more fails the benchmark. On a quiet machine it is well below half of that. */
const LONGEST_FIRST_MS = 5_000;
const LONGEST_WARM_MS = 150;

/** Nine plugins of a builder and a provisioner each, and the one in Go where there is a compiler for it. */
export async function benchTypes(report: Report): Promise<void> {
  await inFolder(async (folder) => {
    const plugins = join(folder, "plugins");
    const project = join(folder, "project");
    mkdirSync(plugins);
    mkdirSync(join(project, "node_modules"), { recursive: true });
    symlinkSync(join(root, "packages/cli"), join(project, "node_modules/tspack"));
    const hasGo = findLabProgram("go") !== undefined;
    if (hasGo) installPlugin(plugins, buildGoPlugin());
    for (let index = hasGo ? 1 : 0; index < 10; index++) writePlugin(plugins, `cloud${index}`);
    const env = { ...process.env, PACKER_PLUGIN_PATH: plugins, PACKER_CACHE_DIR: join(folder, "cache"), TSPACK_PLUGIN_MIRROR: plugins };
    const written = await median({ argv: [...tspack, "types", "-offline"], cwd: project, env }, 5);
    report.addMeasurement(`\`types\`, 10 plugins${hasGo ? ", one of them in Go" : ""}`, written, undefined, ["wall", "memory"]);
    // The declarations of tspack itself, as they are published.
    execFileSync(process.execPath, [compiler, "-b", "packages/cli"], { cwd: root, stdio: "inherit" });
    const service = createRequire(import.meta.url)("typescript-5.9") as typeof typescript;
    await measure(report, "TypeScript 7.0's server", () => ServerEditor.start(compiler, project));
    await measure(report, "TypeScript 5.9's service", async () => new ServiceEditor(service, project));
  });
}

// --- internal ---

/** The first completion after opening, and the middle of seven after an edit each. */
async function measure(report: Report, name: string, open: () => Promise<Editor>): Promise<void> {
  const started = performance.now();
  const editor = await open();
  try {
    const first = await complete(editor, 0, started);
    const warm: number[] = [];
    for (let edit = 1; edit <= 7; edit++) warm.push(await complete(editor, edit, performance.now()));
    const middle = warm.sort((a, b) => a - b)[3] ?? 0;
    for (const [quantity, ms, longest] of [["first", first, LONGEST_FIRST_MS] as const, ["warm", middle, LONGEST_WARM_MS] as const]) {
      report.add({
        work: `completion with the types of 10 plugins, ${name}`,
        quantity,
        ours: formatMs(ms),
        peer: undefined,
        ratio: undefined,
      });
      if (ms <= longest) continue;
      console.error(`  too slow: ${formatMs(ms)}, and ${formatMs(longest)} are allowed`);
      process.exitCode = 1;
    }
  } finally {
    await editor.close();
  }
}

/** Completes an option in a program of twenty sources, of which each edit changes one. */
async function complete(editor: Editor, edit: number, started: number): Promise<number> {
  const sources = Array.from({ length: 20 }, (_, index) => {
    const typed = index === edit ? "opt▮" : `option_${index}: "text"`;
    return `export const s${index} = source("cloud${1 + (index % 9)}", "s${index}", { option_1: ["a"], ${typed} });`;
  });
  // The service is told of one file alone, so that this one leads to the types.
  const text = `/// <reference path="./.tspack/types/index.d.ts" />\nimport { source } from "tspack";\n${sources.join("\n")}\n`;
  await editor.edit(text.replace("▮", ""));
  const offered = await editor.completions(text.indexOf("▮"));
  if (!offered.includes("option_2")) throw new Error(`completion offers ${offered.slice(0, 5).join(", ")} …`);
  return performance.now() - started;
}

/** A plugin that tells of 250 options, of which 25 are blocks, without doing anything else. */
function writePlugin(folder: string, name: string): void {
  const spec = specOf(250);
  const component = { name: "-packer-default-plugin-name-", description: "Synthetic.", options: spec };
  const specs = {
    components: [
      { ...component, kind: "builder" },
      { ...component, kind: "provisioner" },
    ],
  };
  const names = [component.name];
  const describe = { version: "1.0.0", api_version: "x5.0", builders: names, provisioners: names, tells_specs: true };
  const data = join(folder, `${name}.json`);
  writeFileSync(data, JSON.stringify(specs));
  writeScript(
    join(folder, `packer-plugin-${name}`),
    `case $1 in describe) echo '${JSON.stringify(describe)}';; specs) cat '${data}';; esac`,
  );
}

function specOf(count: number): ConfigSpec {
  const options = Array.from({ length: count }, (_, index): [string, OptionSpec] => {
    const about = { required: false, description: `What option ${index} is good for, in a sentence of some length.` };
    if (index % 10 === 9 && count > 10) return [`option_${index}`, { ...about, type: { kind: "block-list", spec: specOf(8) } }];
    if (index === 1) return [`option_${index}`, { ...about, type: { kind: "list", element: { kind: "string" } } }];
    return [`option_${index}`, { ...about, type: { kind: "string" } }];
  });
  return { options: Object.fromEntries(options) };
}
