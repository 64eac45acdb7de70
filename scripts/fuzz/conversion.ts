// `tspack convert` of an input: whatever it says, a program comes of it, and that is TypeScript.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasErrors } from "@tspack/core";
import { transform } from "esbuild";
import { convert } from "../../packages/dsl/src/convert/convert.ts";

/** Converts a text as the only file of the folder, which is emptied before. Throws when what comes of it is no program. */
export async function checkConversion(text: string, language: "hcl" | "json", folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const isLegacy = language === "json" && /"builders"/.test(text);
  const name = language === "hcl" ? "fuzz.pkr.hcl" : isLegacy ? "fuzz.json" : "fuzz.pkr.json";
  // A lone expression is no template: it becomes a local.
  writeFileSync(join(folder, name), language === "hcl" && text.startsWith("x = ") ? `locals {\n${text}}\n` : text);
  const { files, diagnostics } = await convert(name, { workingDirectory: folder, environment: {}, isSingleFile: true });
  if (hasErrors(diagnostics) !== (files.length === 0)) throw new Error("converted with errors, or without and nothing came of it");
  for (const file of files) {
    try {
      await transform(file.text, { loader: "ts", format: "esm", target: "node20" });
    } catch (error) {
      throw new Error(`the program is no TypeScript: ${error instanceof Error ? error.message : error}\n${file.text}`);
    }
  }
  const unformatted = diagnostics.find(({ detail }) => detail?.startsWith("The program could not be formatted") === true);
  if (unformatted !== undefined) throw new Error(unformatted.detail);
}
