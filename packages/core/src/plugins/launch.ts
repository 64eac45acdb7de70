// How the program of a plugin is started, by what kind of file it is.
import { access, constants, open } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { PluginError } from "../diagnostics/error.ts";
import { type RunProblem, runProblem } from "./runnable.ts";

/** A program and its first arguments. */
export type Command = readonly [string, ...string[]];

/**
 * The command that starts a plugin's file: an executable itself; JavaScript, and a script for whichever Node there is or that is not
 * marked as executable, through the Node that runs us, which need not be on the path; TypeScript through tsx, so that a plugin in development needs no build. Throws a PluginError (TPK4001)
 * for TypeScript where there is no tsx, and for what this system cannot run. `starter` is JavaScript that runs in place of a plugin that
 * ends with a digest of itself, and is told its file: it may keep what V8 compiled.
 */
export async function launchCommand(file: string, starter?: string): Promise<Command> {
  const command = await commandOf(file);
  const [program, script] = command;
  if (starter !== undefined && program === process.execPath && script === file && (await hasDigest(file))) return [program, starter, file];
  const problem = command[0] === file ? await runProblem(file) : undefined;
  if (problem === undefined) return command;
  throw new PluginError(`the plugin ${file} cannot be run: ${problem.why}`, { code: "TPK4001", hint: problem.hint });
}

/** Why a plugin's file cannot be started; undefined when nothing speaks against it. */
export async function launchProblem(file: string): Promise<RunProblem | undefined> {
  const [program] = await commandOf(file);
  return program === file ? runProblem(file) : undefined;
}

/** True for a file that changes with whatever it imports: nothing can be remembered of it. */
export function isTypeScript(file: string): boolean {
  return /\.[cm]?ts$/i.test(file);
}

/** True for a text that another program reads, and not a program whole in itself. */
export async function isScript(file: string): Promise<boolean> {
  return (await firstLine(file)).startsWith("#!");
}

// --- internal ---

async function commandOf(file: string): Promise<Command> {
  if (isTypeScript(file)) return [process.execPath, "--import", pathToFileURL(tsxFor(file)).href, file];
  if (/\.[cm]?js$/i.test(file) || (await isMereNodeScript(file))) return [process.execPath, file];
  return [file];
}

/** tsx of the plugin's own project, else the one that was installed with us. */
function tsxFor(file: string): string {
  for (const from of [file, import.meta.url]) {
    try {
      return createRequire(from).resolve("tsx");
    } catch {
      // Not there; the last one decides.
    }
  }
  throw new PluginError(`the plugin ${file} is TypeScript, and there is no tsx to run it with`, {
    code: "TPK4001",
    hint: "Install it in the plugin's project: npm install --save-dev tsx.",
  });
}

/** The line that ends the files of tspack itself, its plugins among them; scripts/bundle.ts writes it. */
async function hasDigest(file: string): Promise<boolean> {
  const length = 100;
  try {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, Math.max(0, size - length));
      return /\n\/\/ sha256:[0-9a-f]{64}\n$/.test(buffer.toString("latin1", 0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch {
    return false;
  }
}

/** Packages do not keep the mark of an executable wherever they are packed. */
async function isMereNodeScript(file: string): Promise<boolean> {
  const line = await firstLine(file);
  if (line.trimEnd() === "#!/usr/bin/env node") return true;
  try {
    await access(file, constants.X_OK);
    if (process.platform !== "win32") return false;
  } catch {
    // Not executable by itself.
  }
  return /^#!.*\bnode\b/.test(line);
}

async function firstLine(file: string): Promise<string> {
  try {
    const handle = await open(file);
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(256), 0, 256, 0);
      return buffer.toString("latin1", 0, bytesRead).split("\n", 1)[0] ?? "";
    } finally {
      await handle.close();
    }
  } catch {
    // Whoever starts it says what is wrong with it.
    return "";
  }
}
