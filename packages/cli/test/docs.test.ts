import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { errorCodes } from "@tspack/core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { commandTable } from "../src/commands/table.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (path: string): string => readFileSync(`${root}/${path}`, "utf8");

test("the page of error codes is what its generator writes", () => {
  execFileSync(process.execPath, ["--import", "tsx", "scripts/generate-error-docs.ts", "--check"], { cwd: root, stdio: "pipe" });
  for (const code of Object.keys(errorCodes)) assert.match(read("docs/errors.md"), new RegExp(`^### ${code}$`, "m"));
});

test("the page of the command line names every command and every flag", async () => {
  const page = read("docs/cli.md");
  for (const { name, flags } of await commandTable.list()) {
    assert.ok(page.includes(`\`tspack ${name}`), `docs/cli.md says nothing about ${name}`);
    for (const flag of Object.keys(flags)) assert.ok(page.includes(`\`-${flag}`), `docs/cli.md says nothing about -${flag} of ${name}`);
  }
});

test.run();
