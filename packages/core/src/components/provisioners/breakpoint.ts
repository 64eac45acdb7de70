import * as z from "zod";
import { defineProvisioner } from "../../sdk/config/define.ts";

/** Stops until the user presses enter (rows WR-07, WR-08). Fails where nobody can answer. */
export default defineProvisioner({
  type: "breakpoint",
  description: "Pauses the build until enter is pressed.",
  options: () =>
    z.object({
      note: z.string().default("").describe("Text to show while waiting."),
      disable: z.boolean().default(false).describe("Go on without waiting."),
    }),
  async provision({ config, ui, signal }) {
    const name = config.note === "" ? "breakpoint" : `breakpoint with note ${JSON.stringify(config.note)}`;
    if (config.disable) {
      ui.say(`The ${name} is disabled; continuing...`);
      return;
    }
    ui.say(`Pausing at ${name}.`);
    await ui.ask("Press enter to continue.", { signal });
  },
});
