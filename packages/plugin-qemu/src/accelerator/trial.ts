// Whether an accelerator can really run a guest.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { CancelledError } from "@tspack/core/sdk";
import { boundToUs, killGroup } from "../machine/bound.ts";
import type { Accelerator } from "../options.ts";
import { BOOT_SECTOR_EXIT_CODE, bootSector, bootSectorArguments } from "./boot-sector.ts";

/** With what an accelerator is tried. */
export interface TrialOptions {
  readonly qemu: string;
  readonly setpriv: string | undefined;
  readonly env: { readonly [name: string]: string | undefined };
  /** Where the boot sector may be written; the caller removes it. Absolute. */
  readonly sectorPath: string;
  readonly signal: AbortSignal;
  /** How long the guest may take, in milliseconds. Emulation needs a tenth of a second. */
  readonly limitMs: number;
}

/** Boots a guest of one sector. Resolves to undefined when it ran to its end in time, and else to the reason why not. */
export async function tryAccelerator(accelerator: Accelerator, options: TrialOptions): Promise<string | undefined> {
  const { qemu, setpriv, env, sectorPath, signal, limitMs } = options;
  await writeFile(sectorPath, bootSector());
  // A signal that has aborted already tells nobody.
  if (signal.aborted) throw new CancelledError();
  const machine = ["-machine", `pc,accel=${accelerator}`, "-m", "16M", "-nodefaults", "-no-user-config", "-display", "none"];
  const drive = ["-drive", `file=${sectorPath.replaceAll(",", ",,")},format=raw,if=ide,readonly=off,snapshot=on`, ...bootSectorArguments];
  const [program = "", ...args] = boundToUs([qemu, ...machine, ...drive], setpriv);
  const child = spawn(program, args, { env: { ...env }, stdio: ["ignore", "ignore", "pipe"], detached: true });
  const kill = (): void => killGroup(child);
  const timer = setTimeout(kill, limitMs);
  signal.addEventListener("abort", kill, { once: true });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = `${said}${text}`.slice(0, 2_000);
  });
  try {
    const [code, killedBy]: unknown[] = await once(child, "close");
    if (signal.aborted) throw new CancelledError();
    if (code === BOOT_SECTOR_EXIT_CODE) return undefined;
    if (killedBy === "SIGKILL") return `a guest of a few instructions did not end within ${limitMs / 1000} s`;
    return said.trim().split("\n")[0] ?? `QEMU ended with ${String(code)}`;
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
  }
}
