// Writes docs/errors.md from the table of codes. usage: generate-error-docs.ts [--check]
// With --check it writes nothing and fails when the page is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ErrorCode, errorCodes } from "../packages/core/src/diagnostics/codes.ts";
import { errorAdvice } from "./error-advice.ts";

const page = fileURLToPath(new URL("../docs/errors.md", import.meta.url));

const families: { readonly [digit: string]: string } = {
  1: "Loading the program",
  2: "HCL and JSON templates",
  3: "Configuration",
  4: "Plugins",
  5: "Communicators",
  6: "Builds and steps",
  7: "Downloads and checksums",
  8: "The command line",
  9: "Faults of tspack",
};

/** The page: one section per family, one paragraph per code. */
export function errorPage(): string {
  const lines = [
    "# Error codes",
    "",
    "Every problem that tspack reports has a code. Codes are stable: one is never used again for another meaning. This page is made by",
    "`npm run docs:errors` from the table in the engine.",
  ];
  let family = "";
  for (const [code, meaning] of Object.entries(errorCodes)) {
    const digit = code.slice(3, 4);
    if (digit !== family) {
      family = digit;
      lines.push("", `## ${families[digit] ?? digit}`);
    }
    lines.push("", `### ${code}`, "", [meaning, adviceFor(code)].filter((text) => text !== "").join(" "));
  }
  return `${lines.join("\n")}\n`;
}

function adviceFor(code: string): string {
  const advice: { readonly [code in ErrorCode]?: string } = errorAdvice;
  return Object.entries(advice).find(([name]) => name === code)?.[1] ?? "";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes("--check")) writeFileSync(page, errorPage());
  else if (readFileSync(page, "utf8") !== errorPage()) {
    console.error("docs/errors.md is out of date: run `npm run docs:errors`");
    process.exitCode = 1;
  }
}
