import * as z from "zod";
import { textList, textMap } from "../../sdk/config/options.ts";

/** Options that everything that runs shell scripts takes (rows SHC-01..07). */
export function scriptOptions() {
  return {
    inline: textList().default([]).describe("Lines of a script to run."),
    script: z.string().default("").describe("Path of a script on this machine to run."),
    scripts: textList().default([]).describe("Paths of scripts on this machine to run, in this order."),
    valid_exit_codes: z
      .array(z.number().int())
      .default([0])
      .describe("Exit codes of a script that count as success. An empty list means 0 alone."),
    environment_vars: textList().default([]).describe('Environment variables for the scripts, each as "NAME=value".'),
    env: textMap().default({}).describe("Environment variables for the scripts, by name. They win over `environment_vars`."),
  };
}

/** The parsed form of these options. */
export type ScriptOptions = z.output<ReturnType<typeof scriptObject>>;

// --- internal ---

function scriptObject() {
  return z.object(scriptOptions());
}
