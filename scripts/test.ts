// The test command: type check, lint, build, then every uvu file in a process of its own. Ends with `N passed, N failed, N skipped`.
// usage: test.ts [--tests-only] [path fragment …]
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Against files that hang: many times what the slowest one takes, as other files and their machines run beside it. */
const fileLimitMs = 1_200_000;
/** For `*.vm.test.ts`, whose machines may be emulated. */
const machineLimitMs = 1_800_000;
const words = process.argv.slice(2);
const testsOnly = words.includes("--tests-only");
const filters = words.filter((word) => !word.startsWith("--"));

interface FileResult {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly durationMs: number;
  readonly output: string;
}

/** Every `*.test.ts` below a folder, but for fixtures and dependencies. */
function findTests(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) {
      return ["node_modules", "dist", "fixtures", "templates", ".tspack"].includes(entry.name) ? [] : findTests(join(folder, entry.name));
    }
    return entry.name.endsWith(".test.ts") ? [join(folder, entry.name)] : [];
  });
}

/** Runs a program to its end, or kills it with everything it started at the limit. */
function execute(command: string, args: readonly string[], limitMs: number): Promise<{ code: number; output: string; late: boolean }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      env: { ...process.env, FORCE_COLOR: "0" },
    });
    const chunks: Buffer[] = [];
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, limitMs);
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString(), late });
    });
  });
}

async function runFile(file: string): Promise<FileResult> {
  const started = Date.now();
  const limitMs = file.endsWith(".vm.test.ts") ? machineLimitMs : fileLimitMs;
  const { code, output, late } = await execute(process.execPath, ["--conditions=source", "--import", "tsx", file], limitMs);
  const count = (label: string): number => Number(new RegExp(`^\\s*${label}:\\s+(\\d+)`, "m").exec(output)?.[1] ?? 0);
  const total = count("Total");
  const passed = count("Passed");
  const skipped = count("Skipped");
  let failed = Math.max(0, total - passed - skipped);
  let note = "";
  if (late) note = `\nkilled: not done within ${limitMs / 1000} s`;
  else if (total + skipped === 0) note = "\nno test was run: does the file end with test.run()?";
  if (failed === 0 && (note !== "" || code !== 0)) failed = 1;
  return { file: relative(root, file), passed, failed, skipped, durationMs: Date.now() - started, output: output + note };
}

async function runTests(): Promise<FileResult[]> {
  const all = [join(root, "packages"), join(root, "test")].flatMap(findTests);
  // Real templates are not part of the project.
  const own = process.env.TSPACK_CORPUS === undefined ? all.filter((file) => !file.endsWith(".corpus.test.ts")) : all;
  if (own.length < all.length)
    console.log(`${all.length - own.length} test files need real templates and are left out: TSPACK_CORPUS names no folder`);
  const queue = own.filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));
  const results: FileResult[] = [];
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await runFile(file);
      results.push(result);
      const mark = result.failed > 0 ? "✗" : "✓";
      console.log(
        `${mark} ${result.file}  ${result.passed} passed${result.skipped > 0 ? `, ${result.skipped} skipped` : ""}  ${result.durationMs} ms`,
      );
      if (result.failed > 0) console.log(result.output.trimEnd());
      else for (const line of result.output.split("\n")) if (line.startsWith("SKIP ")) console.log(`    ${line}`);
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
  return results;
}

async function check(label: string, args: readonly string[]): Promise<boolean> {
  const [script, ...rest] = args as [string, ...string[]];
  const { code, output } = await execute(process.execPath, [join(root, "node_modules", script), ...rest], fileLimitMs * 2);
  console.log(`${code === 0 ? "✓" : "✗"} ${label}`);
  if (code !== 0) console.log(output.trimEnd());
  return code === 0;
}

let failedChecks = 0;
if (!testsOnly) {
  const checks = [
    await check("type check", ["typescript/bin/tsc", "-b"]),
    await check("lint", ["@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."]),
  ];
  failedChecks = checks.filter((ok) => !ok).length;
}
// Many files build the program before they use it. Built now, it stays as it is: nobody starts what another file is half-way through writing.
if (!(await check("build", ["tsx/dist/cli.mjs", "scripts/bundle.ts", "--program-only"]))) failedChecks++;
const results = await runTests();
const sum = (pick: (result: FileResult) => number): number => results.reduce((total, result) => total + pick(result), 0);
const slowest = [...results].sort((a, b) => b.durationMs - a.durationMs).slice(0, 5);
console.log(`slowest: ${slowest.map((result) => `${result.file} ${(result.durationMs / 1000).toFixed(1)} s`).join(", ")}`);
const failed = sum((result) => result.failed) + failedChecks;
console.log(`${sum((result) => result.passed)} passed, ${failed} failed, ${sum((result) => result.skipped)} skipped`);
process.exitCode = failed > 0 || results.length === 0 ? 1 : 0;
