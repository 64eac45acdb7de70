// Whole scripts that the machine knows: how clients move files and look whether it is there.
import type { WinrmHandler } from "./machine.ts";

export const powershellScripts: readonly WinrmHandler[] = [];
