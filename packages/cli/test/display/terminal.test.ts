// The live tree and questions in a real terminal.
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findLabProgram, lab, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openTerminal, type Terminal } from "../support/terminal.ts";
import { buildProgram, program } from "../support/tspack.ts";

const labTest = lab(test, "tmux");

/** A folder with a program of `count` builds that run these provisioners. */
function project(provisioners: string, count = 1): string {
  const folder = tmp("terminal");
  writeFileSync(
    join(folder, "image.ts"),
    `import { build, provision, source } from "tspack";
const sources = Array.from({ length: ${count} }, (_, index) => source("null", \`n\${index}\`, { communicator: "none" }));
export default build({ name: "demo", sources, provisioners: [${provisioners}] });
`,
  );
  return folder;
}

async function inTerminal(
  words: readonly string[],
  options: Parameters<typeof openTerminal>[1],
  body: (terminal: Terminal) => Promise<void>,
) {
  const terminal = openTerminal(words, options);
  try {
    await body(terminal);
  } finally {
    terminal.close();
  }
}

labTest("a run draws the tree while it runs, and leaves only its summary", async () => {
  const folder = project(`provision("shell-local", { inline: ["echo first line", "while ! test -e go; do sleep 0.05; done"] })`);
  await inTerminal(["run"], { cwd: folder }, async (terminal) => {
    await terminal.shows(/demo\.null\.n0 .*\n(?:.*\n)*.*shell-local.*\n(?:.*\n)* {4}│ first line/);
    writeFileSync(join(folder, "go"), "");
    const text = await terminal.shows(/EXIT 0/);
    assert.match(text, /^✔ demo\.null\.n0/m);
    assert.match(text, /1 of 1 build succeeded/);
    assert.match(text, /full output: \.tspack\/runs\//);
    assert.not.match(text, /first line/);
  });
});

labTest("sixty builds neither flood the terminal nor wrap in a narrow one", async () => {
  const folder = project(`provision("shell-local", { inline: ["echo started; sleep 0.2"] })`, 60);
  await inTerminal(["run", "-parallel-builds=8"], { cwd: folder, columns: 40, rows: 15 }, async (terminal) => {
    const text = await terminal.shows(/EXIT 0/);
    assert.match(text, /60 builds succeeded/);
    assert.ok(text.trimEnd().split("\n").length < 30, text);
    assert.not.match(text, /running ·/);
  });
});

labTest("a question pauses the tree and is answered from the terminal", async () => {
  const folder = project(`provision("breakpoint", { note: "look around" }), provision("shell-local", { inline: ["touch went-on"] })`);
  await inTerminal(["run"], { cwd: folder }, async (terminal) => {
    await terminal.shows(/look around[\s\S]*\n>$/m);
    assert.not.ok(existsSync(join(folder, "went-on")));
    terminal.press("Enter");
    await terminal.shows(/EXIT 0/);
    assert.ok(existsSync(join(folder, "went-on")));
  });
});

labTest("-on-error=ask shows what failed, and the answer decides", async () => {
  const folder = project(`provision("shell-local", { inline: ["echo a problem", "test -e fixed"] })`);
  await inTerminal(["run", "-on-error=ask"], { cwd: folder }, async (terminal) => {
    const text = await terminal.shows(/\[r\] retry[\s\S]*\n>$/m);
    assert.match(text, /a problem/);
    assert.match(text, /TPK6006/);
    writeFileSync(join(folder, "fixed"), "");
    terminal.press("r", "Enter");
    await terminal.shows(/EXIT 0/);
  });
});

labTest("Ctrl-C at a question cancels the run", async () => {
  const folder = project(`provision("breakpoint", { note: "look around" }), provision("shell-local", { inline: ["touch went-on"] })`);
  await inTerminal(["run", "-plain"], { cwd: folder }, async (terminal) => {
    await terminal.shows(/look around[\s\S]*\n>$/m);
    terminal.press("C-c");
    await terminal.shows(/EXIT 1/);
    assert.not.ok(existsSync(join(folder, "went-on")));
  });
});

labTest("Ctrl-C while a script runs cancels the run, and the tree says so", async () => {
  const folder = project(`provision("shell-local", { inline: ["trap '' TERM", "echo up", "while :; do sleep 1; done"] })`);
  await inTerminal(["run"], { cwd: folder }, async (terminal) => {
    await terminal.shows(/│ up/);
    terminal.press("C-c");
    await terminal.shows(/cancelling: cleaning up/);
    await pause(400);
    terminal.press("C-c");
    await terminal.shows(/EXIT 130/);
  });
});

lab(test, "script")("a terminal that does not say how large it is gets plain lines, while the run goes on", () => {
  buildProgram();
  const folder = project('provision("shell-local", { inline: ["echo first line"] })');
  const command = `'${process.execPath}' '${program}' run`;
  // Without a terminal of its own to take the size from, it makes one of no rows and no columns.
  const shown = execFileSync(findLabProgram("script") ?? "script", ["-qec", command, "/dev/null"], {
    cwd: folder,
    env: { ...process.env, CI: "", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  assert.match(shown, /^==> demo\.null\.n0: first line\r?\n/m, shown);
  assert.match(shown, /Builds finished/);
});

test.run();
