// The same inputs as files, through the doors that users come by: templates, variable files, `fix`, `inspect`.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalProgram, type Diagnostic, hasErrors } from "@tspack/core";
import { loadHcl } from "../../packages/dsl/src/hcl/packer/load.ts";
import { loadJson } from "../../packages/dsl/src/json/load.ts";
import { fixTemplate } from "../../packages/dsl/src/library/fix.ts";
import type { Loaded } from "../../packages/dsl/src/load/options.ts";

/** The doors, and the name an input has behind each. */
const doors = {
  hcl: ["fuzz.pkr.hcl", "values.pkrvars.hcl", "text.pkrtpl"],
  json: ["fuzz.pkr.json", "values.pkrvars.json", "fuzz.json"],
} as const;

/** Which door a case takes. */
export type Door = (typeof doors)[keyof typeof doors][number];

/** The doors for a language. */
export function doorsOf(language: keyof typeof doors): readonly Door[] {
  return doors[language];
}

/** Loads a text as a file of that name in the folder, which is emptied before. Throws when something is not as it must be. */
export async function runDoor(text: string, door: Door, folder: string): Promise<void> {
  // They would ask somebody, or take long on purpose.
  if (/vault|consul|aws_|bcrypt/.test(text)) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, door), text);
  const options = {
    workingDirectory: folder,
    environment: { SOURCE_DATE_EPOCH: "1", PKR_VAR_k: "[1, {" },
    undeclared: "warn",
  } as const;
  if (door === "fuzz.json") {
    await check(await loadJson(door, { ...options, variables: { x: "v" } }));
    checkDiagnostics((await fixTemplate(door, { workingDirectory: folder })).diagnostics);
    return;
  }
  const isTemplate = door === "fuzz.pkr.hcl" || door === "fuzz.pkr.json";
  writeFileSync(join(folder, "secret.pkr.hcl"), isTemplate ? secretOnly : around);
  await check(await loadHcl(".", { ...options, variableFiles: door.startsWith("values") ? [door] : [] }));
}

// --- internal ---

/** Must not show in anything that is printed. */
const SECRET = "Xq7hiddenKw3";

const secretOnly = `variable "s" {
  default   = "${SECRET}"
  sensitive = true
}
`;

/** A template that uses the values of a variable file, and renders a text. */
const around = `${secretOnly}
variable "x" {
  type    = list(map(string))
  default = []
}
variable "k" {
  type    = object({ a = string, b = optional(number) })
  default = { a = "a" }
}
variable "v" {
  default = "v"
}
locals {
  rendered = can(templatefile("text.pkrtpl", { x = var.x, k = var.s, var = { x = var.v } }))
}
source "null" "n" {
  communicator = "none"
}
build {
  name    = var.v
  sources = ["null.n"]
  provisioner "shell-local" {
    inline = [var.k.a, var.s, jsonencode(var.x)]
  }
}
`;

async function check({ program, diagnostics }: Loaded): Promise<void> {
  checkDiagnostics(diagnostics);
  if ((program === undefined) !== hasErrors(diagnostics)) throw new Error("a program with errors, or none without");
  if (program === undefined) return;
  const text = JSON.stringify(await canonicalProgram(program));
  if (text.includes(SECRET)) throw new Error("the canonical program shows a secret");
}

function checkDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const one of diagnostics) {
    if (JSON.stringify(one).includes(SECRET)) throw new Error(`a diagnostic shows a secret: ${one.summary}: ${one.detail}`);
    if (one.code.startsWith("TPK9")) throw new Error(`an internal error: ${one.detail}`);
    if (one.summary === "" || (one.severity === "error" && one.detail === undefined)) throw new Error("a diagnostic that says nothing");
  }
}
