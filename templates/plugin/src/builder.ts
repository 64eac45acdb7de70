import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { defineBuilder, fileArtifact, HOOK_PROVISION } from "@tspack/core/sdk";
import * as z from "zod";

/** Writes a file. The component that is called like its plugin: `source("acme", …)`. */
export const builder = defineBuilder({
  type: "acme",
  description: "Writes a text to a file.",
  generatedVariables: ["Target"],
  options: () =>
    z.object({
      target: z.string().describe("File to write. Missing folders are made."),
      text: z.string().default("").describe("What it says."),
    }),
  async run({ config, hook, ui, signal, run }) {
    const { target, text } = config;
    const file = resolve(run.workingDirectory, target);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${text}\n`, { signal });
    ui.say(`${target} is written`);
    // What provisioners and post-processors may know: texts, numbers and booleans.
    const data = { ID: target, Target: target };
    await hook.run(HOOK_PROVISION, { ui, data, signal });
    return fileArtifact({
      builderId: "acme.note",
      id: target,
      files: [target],
      description: `a note in ${target}`,
      state: { generated_data: data },
      workingDirectory: run.workingDirectory,
    });
  },
});
