import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { errorText } from "../diagnostics/error.ts";

/** Folders of runs that are kept beside a program. */
export const KEPT_RUNS = 50;

/** A run's identifier (RFC 9562, version 7): its first part is the time, so that names sort by it. */
const runId = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Which process works on a run: what a ledger says, so that a run which goes on is told from one that was killed. */
export function runOwner(): { readonly process: number; readonly host: string } {
  return { process: process.pid, host: hostname() };
}

/**
 * Removes the oldest folders of runs in `parent`, down to `kept`, while others work. Whatever is no folder of a run with its ledger
 * stays, and so does a run that may still go on. Resolves with what could not be removed, for the log; never rejects.
 */
export async function pruneRuns(parent: string, kept: number = KEPT_RUNS): Promise<string[]> {
  const failures: string[] = [];
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failures.push(`old runs could not be removed: ${errorText(error)}`);
    }
  };
  await attempt(async () => {
    for (const path of await oldRuns(parent, kept)) {
      await attempt(async () => {
        if (await hasEnded(path)) await rm(path, { recursive: true, force: true });
      });
    }
  });
  return failures;
}

// --- internal ---

async function oldRuns(parent: string, kept: number): Promise<string[]> {
  const entries = await readdir(parent, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && runId.test(entry.name))
    .map(({ name }) => name)
    .sort()
    .reverse()
    .slice(kept)
    .map((name) => join(parent, name));
}

/** True when the ledger is one of ours and the run has an outcome, or its process is gone. */
async function hasEnded(path: string): Promise<boolean> {
  const ledger = await readLedger(path);
  if (ledger === undefined || !path.endsWith(String(ledger.id)) || typeof ledger.outcome !== "string") return false;
  if (ledger.outcome !== "running") return true;
  return ledger.host === hostname() && typeof ledger.process === "number" && !isAlive(ledger.process);
}

async function readLedger(path: string): Promise<{ readonly [name: string]: unknown } | undefined> {
  try {
    const ledger: unknown = JSON.parse(await readFile(join(path, "ledger.json"), "utf8"));
    return typeof ledger === "object" && ledger !== null ? { ...ledger } : undefined;
  } catch {
    // None, or not whole: then it is not ours to remove.
    return undefined;
  }
}

function isAlive(id: number): boolean {
  try {
    // Signal 0 only asks (kill(2)).
    process.kill(id, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
