// Runs every example with the one command that its example.json names, checks what it leaves, and removes that again.
// usage: run-examples.ts [name …]; ends with `examples: N passed, N failed`
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";

const root = fileURLToPath(new URL("..", import.meta.url));
const descriptionSchema = z.object({
  /** Program and arguments, run in the root of the repository. */
  command: z.array(z.string()).min(1),
  /** Files that must be there afterwards and not be empty, relative to the example. */
  expect: z.array(z.string()),
  /** Programs without which the example cannot run. */
  needs: z.array(z.string()).default([]),
  /** When it is killed, where three minutes may not do. */
  limit_seconds: z.number().default(180),
});

type Description = z.infer<typeof descriptionSchema>;

/** Folders of the examples that can be run. */
function findExamples(names: readonly string[]): string[] {
  const folder = join(root, "examples");
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "example.json")))
    .filter((name) => names.length === 0 || names.includes(name))
    .sort()
    .map((name) => join(folder, name));
}

function hasProgram(name: string): boolean {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => existsSync(join(folder, name)));
}

/** Runs the command in a process group of its own; kills all of it at the limit. */
function execute(
  [program = "", ...args]: readonly string[],
  limitSeconds: number,
): Promise<{ readonly ending: string; readonly output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const chunks: Buffer[] = [];
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, limitSeconds * 1000);
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => chunks.push(Buffer.from(error.message)));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const ending = isLate ? `killed after ${limitSeconds} s` : code === 0 ? "" : `ended with ${code ?? signal}`;
      resolve({ ending, output: Buffer.concat(chunks).toString() });
    });
  });
}

/** Everything that is wrong with an example; nothing when it works. */
async function checkExample(folder: string): Promise<string[]> {
  let description: Description;
  try {
    description = descriptionSchema.parse(JSON.parse(readFileSync(join(folder, "example.json"), "utf8")));
  } catch (error) {
    return [`example.json: ${error instanceof Error ? error.message : error}`];
  }
  const missing = description.needs.filter((name) => !hasProgram(name));
  if (missing.length > 0) return [`needs ${missing.join(", ")}`];
  clean(folder);
  try {
    const { ending, output } = await execute(description.command, description.limit_seconds);
    if (ending !== "") return [`${description.command.join(" ")} ${ending}`, output.trimEnd()];
    return description.expect
      .map((name) => join(folder, name))
      .filter((path) => !existsSync(path) || (statSync(path).isFile() && statSync(path).size === 0))
      .map((path) => `${path} is missing or empty`);
  } finally {
    clean(folder);
  }
}

/** Removes what examples write: all of it lies in these two places. */
function clean(folder: string): void {
  for (const name of ["output", ".tspack"]) rmSync(join(folder, name), { recursive: true, force: true });
}

let passed = 0;
let failed = 0;
for (const folder of findExamples(process.argv.slice(2))) {
  const started = Date.now();
  const problems = await checkExample(folder);
  const name = folder.slice(join(root, "examples").length + 1);
  console.log(`${problems.length === 0 ? "✓" : "✗"} ${name}  ${Date.now() - started} ms`);
  for (const problem of problems) console.log(problem);
  if (problems.length === 0) passed++;
  else failed++;
}
console.log(`examples: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
