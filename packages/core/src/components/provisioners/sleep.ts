import { setTimeout as wait } from "node:timers/promises";
import * as z from "zod";
import { CancelledError } from "../../diagnostics/error.ts";
import { defineProvisioner } from "../../sdk/config/define.ts";
import { duration } from "../../sdk/config/options.ts";

/** Waits, without a word (row WR-09). */
export default defineProvisioner({
  type: "sleep",
  description: "Waits for some time.",
  options: () => z.object({ duration: duration().prefault("0s").describe("How long to wait, such as `30s`.") }),
  async provision({ config, signal }) {
    // Longer than a timer can be set for: about 24 days at a time.
    for (let left = config.duration; left > 0; left -= LONGEST_TIMER_MS) {
      try {
        await wait(Math.min(left, LONGEST_TIMER_MS), undefined, { signal });
      } catch (error) {
        throw new CancelledError("cancelled while sleeping", { cause: error });
      }
    }
  },
});

// --- internal ---

const LONGEST_TIMER_MS = 2 ** 31 - 1;
