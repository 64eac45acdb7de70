import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { finish, startTspack, tspack } from "./support/tspack.ts";

/** A program whose only step runs shell lines here, and a temporary folder that can be looked into. */
function project(lines: readonly string[]): {
  readonly cwd: string;
  readonly env: { readonly TMPDIR: string };
  readonly file: (name: string) => string;
} {
  const cwd = tmp("interrupt");
  const file = (name: string): string => join(cwd, name);
  mkdirSync(file("tmp"));
  writeFileSync(
    file("image.ts"),
    `import { build, provision, source } from "tspack";
export default build({
  sources: [source("null", "x", { communicator: "none" })],
  provisioners: [provision("shell-local", { inline: ${JSON.stringify(lines)} })],
});
`,
  );
  return { cwd, env: { TMPDIR: file("tmp") }, file };
}

async function waitFor(condition: () => boolean): Promise<void> {
  await within(180_000, async () => {
    while (!condition()) await pause(20);
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that nobody has waited for yet has stopped too.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

function pidsIn(path: string): number[] {
  return readFileSync(path, "utf8").trim().split(/\s+/).map(Number);
}

async function nothingIsLeft(pids: readonly number[], temporary: string): Promise<void> {
  await waitFor(() => !pids.some(isAlive));
  assert.equal(readdirSync(temporary), []);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`the first ${signal} cancels the run: exit code 1, no child and no temporary file is left`, async () => {
    // A grandchild in the background, a child in the foreground: both have to go.
    const { cwd, env, file } = project(["sleep 300 &", `echo $! $$ > pids.new && mv pids.new pids`, "sleep 300"]);
    const child = startTspack(["run"], { cwd, env });
    const ended = finish(child);
    await waitFor(() => existsSync(file("pids")));
    const pids = pidsIn(file("pids"));
    child.kill(signal);
    const { code, stdout } = await within(180_000, () => ended);
    assert.is(code, 1);
    assert.match(stdout, /Cleanly cancelled/);
    await nothingIsLeft(pids, file("tmp"));
  });
}

test("one Ctrl-C that arrives twice, as it does below npx, cleans up all the same", async () => {
  const { cwd, env, file } = project(["echo $$ > pids.new && mv pids.new pids", "sleep 300"]);
  const child = startTspack(["run"], { cwd, env });
  const ended = finish(child);
  await waitFor(() => existsSync(file("pids")));
  const pids = pidsIn(file("pids"));
  // Two of one kind would be one to a process that does not run, and to one that runs the second may come late.
  for (const signal of ["SIGSTOP", "SIGINT", "SIGTERM", "SIGCONT"] as const) child.kill(signal);
  const { code, stdout } = await within(180_000, () => ended);
  assert.is(code, 1);
  assert.match(stdout, /Cleanly cancelled/);
  await nothingIsLeft(pids, file("tmp"));
});

test("the second interrupt leaves at once with 130, and leaves nothing either", async () => {
  const { cwd, env, file } = project([
    "trap '' INT TERM HUP",
    "sleep 300 &",
    `echo $! $$ > pids.new && mv pids.new pids`,
    "while :; do sleep 300; done",
  ]);
  const child = startTspack(["run"], { cwd, env });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  const ended = finish(child);
  await waitFor(() => existsSync(file("pids")));
  const pids = pidsIn(file("pids"));
  child.kill("SIGINT");
  await waitFor(() => output.includes("Cancelling"));
  // Sooner it would count as the same key press, as it arrives below npx.
  await pause(400);
  child.kill("SIGINT");
  const { code } = await within(180_000, () => ended);
  assert.is(code, 130);
  await nothingIsLeft(pids, file("tmp"));
});

test("an interrupt while the program is loaded ends it with 1", async () => {
  const cwd = tmp("interrupt");
  writeFileSync(
    join(cwd, "image.ts"),
    'import { writeFileSync } from "node:fs";\nwriteFileSync("loading", "");\nawait new Promise((resolve) => setTimeout(resolve, 60_000));\n',
  );
  const child = startTspack(["run"], { cwd });
  const ended = finish(child);
  await waitFor(() => existsSync(join(cwd, "loading")));
  child.kill("SIGINT");
  const { code, stderr } = await within(180_000, () => ended);
  assert.is(code, 1);
  assert.match(stderr, /TPK6009/);
});

test("what a program leaves open does not keep the process", async () => {
  const { cwd, env, file } = project(["true"]);
  const program = readFileSync(file("image.ts"), "utf8");
  writeFileSync(file("image.ts"), `${program}setInterval(() => {}, 1000);\n`);
  const { code } = await within(180_000, () => tspack(["run"], { cwd, env }));
  assert.is(code, 0);
});

test("a reader that goes away does not end the run", async () => {
  const { cwd, env, file } = project(["for i in $(seq 2000); do echo line $i; done", "echo done > finished"]);
  const child = startTspack(["run"], { cwd, env });
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.on("exit", resolve));
  assert.is(code, 0);
  assert.ok(existsSync(file("finished")));
});

/** Runs a program that fails in the background while its only step runs. */
async function strayError(background: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { cwd, env, file } = project([`echo $$ > pids.new && mv pids.new pids`, "sleep 300"]);
  // The file is there once the step runs.
  const program = `${readFileSync(file("image.ts"), "utf8")}
import { existsSync } from "node:fs";
const step = (then: () => void) => {
  const timer = setInterval(() => existsSync(${JSON.stringify(file("pids"))}) && (clearInterval(timer), then()), 20);
};
${background}
`;
  writeFileSync(file("image.ts"), program);
  const result = await within(180_000, () => tspack(["run"], { cwd, env }));
  assert.is(result.code, 1, result.stdout);
  await nothingIsLeft(pidsIn(file("pids")), file("tmp"));
  return result;
}

test("a callback of the program that throws during a run ends the run in good order, and shows the place", async () => {
  const { stdout, stderr } = await strayError('step(() => { throw new Error("late"); });');
  assert.match(stdout, /Exception in the program \(TPK1003\)\s+on image\.ts line \d+:.*Error: late\. Nothing waited for this/s);
  assert.match(stdout, /Build 'null\.x' was cancelled/);
  assert.not.match(`${stdout}${stderr}`, /^\s+at /m);
});

test("a promise of the program that is rejected during a run, with nobody waiting, does so too", async () => {
  const { stdout, stderr } = await strayError(`import { readFile } from "node:fs/promises";
const read = new Promise<void>((resolve) => step(resolve)).then(() => readFile("/nonexistent"));`);
  assert.match(stdout, /ENOENT: no such file or directory, open '\/nonexistent'\. Nothing waited for this/);
  assert.not.match(`${stdout}${stderr}`, /^\s+at /m);
});

test("what the program leaves running may fail after the end, and is told in one line", async () => {
  const { cwd, env, file } = project(["true"]);
  writeFileSync(
    file("image.ts"),
    `${readFileSync(file("image.ts"), "utf8")}\nprocess.on("beforeExit", () => { throw new Error("very late"); });\n`,
  );
  const { code, stdout, stderr } = await tspack(["run"], { cwd, env });
  assert.is(code, 1, stdout);
  assert.match(stderr, /^tspack: after the end, .* failed: very late$/m);
  assert.not.match(stderr, /^\s+at /m);
});

test.run();
