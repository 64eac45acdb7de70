import { readdirSync, readFileSync, rmSync } from "node:fs";
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
 * Removes the oldest folders of runs in `parent`, down to `kept`. Whatever is no folder of a run with its ledger stays, and so does
 * a run that may still go on. Returns what could not be removed, for the log; throws nothing.
 */
export function pruneRuns(parent: string, kept: number = KEPT_RUNS): string[] {
  const failures: string[] = [];
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      failures.push(`old runs could not be removed: ${errorText(error)}`);
    }
  };
  attempt(() => {
    for (const path of oldRuns(parent, kept)) attempt(() => hasEnded(path) && rmSync(path, { recursive: true, force: true }));
  });
  return failures;
}

// --- internal ---

function oldRuns(parent: string, kept: number): string[] {
  const names = readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory() && runId.test(entry.name));
  return names
    .map(({ name }) => name)
    .sort()
    .reverse()
    .slice(kept)
    .map((name) => join(parent, name));
}

/** True when the ledger is one of ours and the run has an outcome, or its process is gone. */
function hasEnded(path: string): boolean {
  const ledger = readLedger(path);
  if (ledger === undefined || !path.endsWith(String(ledger.id)) || typeof ledger.outcome !== "string") return false;
  if (ledger.outcome !== "running") return true;
  return ledger.host === hostname() && typeof ledger.process === "number" && !isAlive(ledger.process);
}

function readLedger(path: string): { readonly [name: string]: unknown } | undefined {
  try {
    const ledger: unknown = JSON.parse(readFileSync(join(path, "ledger.json"), "utf8"));
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
