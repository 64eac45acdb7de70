// The run as a plugin's process can know it.
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunInfo } from "../component.ts";

/** A run, whose temporary folder is there when it is asked for, and removed again by `removeTemporary`. */
export interface PluginRun {
  readonly info: RunInfo;
  /** Packer kills plugins when it is done with them: call it whenever nothing runs. */
  removeTemporary(): void;
}

/** Reads what is known of the run off the process. */
export function pluginRun(
  environment: { readonly [name: string]: string | undefined },
  workingDirectory: string = process.cwd(),
): PluginRun {
  const epoch = environment.SOURCE_DATE_EPOCH;
  let folder: string | undefined;
  return {
    info: {
      runUuid: environment.PACKER_RUN_UUID ?? randomUUID(),
      startedAtMs: epoch !== undefined && /^\d+$/.test(epoch) ? Number(epoch) * 1000 : Date.now(),
      environment,
      workingDirectory,
      get temporaryDirectory() {
        folder ??= mkdtempSync(join(environment.TMPDIR || tmpdir(), "tspack-plugin-"));
        return folder;
      },
    },
    removeTemporary() {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      folder = undefined;
    },
  };
}
