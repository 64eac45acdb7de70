// `shutdown`, and what the machine says while it restarts.
import type { WinrmHandler } from "./machine.ts";

/** System error codes of Windows. */
const ERROR_SHUTDOWN_IN_PROGRESS = 1115;
const ERROR_NO_SHUTDOWN_IN_PROGRESS = 1116;
const ERROR_SHUTDOWN_IS_SCHEDULED = 1190;

/** Part of `cmdCommands`. */
export const powerCommands: readonly WinrmHandler[] = [
  {
    language: "cmd",
    matches: /^shutdown(?:\.exe)?\s+\/a\s*$/i,
    run: ({ machine: { power }, err }) => {
      if (power.next !== "scheduled") {
        err("Unable to abort the system shutdown because no shutdown was in progress.(1116)\r\n");
        return ERROR_NO_SHUTDOWN_IN_PROGRESS;
      }
      power.next = "none";
      return 0;
    },
  },
  {
    // `/t` is 30 seconds if not given. No clock runs here: a delay lasts until it is taken back, or until somebody orders another restart.
    language: "cmd",
    matches: /^shutdown(?:\.exe)?\s+(.*\/[rs]\b.*)$/i,
    run: ({ machine: { power }, err }, match) => {
      if (power.next === "ordered") {
        err("A system shutdown is in progress.(1115)\r\n");
        return ERROR_SHUTDOWN_IN_PROGRESS;
      }
      if (power.next === "scheduled") {
        power.next = "ordered";
        err("A system shutdown has already been scheduled.(1190)\r\n");
        return ERROR_SHUTDOWN_IS_SCHEDULED;
      }
      power.next = /\/t\s+0\b/i.test(match[1] ?? "") ? "ordered" : "scheduled";
      return 0;
    },
  },
];
