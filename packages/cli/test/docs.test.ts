import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
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

test("the page of functions is what its generator writes", () => {
  const script = ["--conditions=source", "--import", "tsx", "scripts/generate-function-docs.ts", "--check"];
  execFileSync(process.execPath, script, { cwd: root, stdio: "pipe" });
});

test("the page of the QEMU builder has the options of its schema", () => {
  const script = ["--conditions=source", "--import", "tsx", "scripts/qemu-page.ts", "--check"];
  execFileSync(process.execPath, script, { cwd: root, stdio: "pipe" });
});

test("the page of the command line names every command and every flag", async () => {
  const page = read("docs/cli.md");
  for (const { name, flags } of await commandTable.list()) {
    assert.ok(page.includes(`\`tspack ${name}`), `docs/cli.md says nothing about ${name}`);
    for (const flag of Object.keys(flags)) assert.ok(page.includes(`\`-${flag}`), `docs/cli.md says nothing about -${flag} of ${name}`);
  }
});

/** Every page for readers, by its path in the repository. */
function pages(): string[] {
  const folders = ["examples", "packages"].flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)));
  return [".", "docs", "bench", ...folders.filter((folder) => statSync(join(root, folder)).isDirectory())].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(folder, name)),
  );
}

/** The anchors of a page, as GitHub makes them from its headings. */
function anchors(page: string): string[] {
  const text = read(page).replace(/^```.*?^```/gms, "");
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("links between pages lead somewhere", () => {
  const dead: string[] = [];
  for (const page of pages()) {
    const text = read(page)
      .replace(/^```.*?^```/gms, "")
      .replace(/`[^`\n]*`/g, "");
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : normalize(join(dirname(page), path));
      const isThere = existsSync(join(root, file));
      const isAnchorThere =
        anchor === undefined || (isThere && !statSync(join(root, file)).isDirectory() && anchors(file).includes(anchor));
      if (!isThere || !isAnchorThere) dead.push(`${page}: ${target}`);
    }
  }
  assert.equal(dead, []);
});

test("every guide is linked from the README", () => {
  for (const name of readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"))) {
    assert.ok(read("README.md").includes(`(docs/${name})`), `README.md has no link to docs/${name}`);
  }
});

test.run();
