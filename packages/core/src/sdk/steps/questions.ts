// What the step runner asks the user: `-debug` pauses and `-on-error=ask`.
import { errorText } from "../../diagnostics/error.ts";
import type { StepContext } from "./step.ts";

/** With `-debug`, waits until the user presses enter (row RUN-13). Goes on where nobody can answer, and once cancelled. */
export async function pauseForDebug({ ui, packer, signal }: StepContext, where: string): Promise<void> {
  if (!packer.packer_debug || signal.aborted) return;
  try {
    await ui.ask(`Pausing ${where}. Press enter to continue.`, { signal });
  } catch (error) {
    ui.log("warn", `could not pause ${where}: ${errorText(error)}`);
  }
}

/**
 * What to do about a step that failed (row RUN-10). An empty answer means to clean up, and so does a cancellation or that
 * nobody can answer.
 */
export async function askAboutFailure(
  { ui, signal }: StepContext,
  stepName: string,
  failure: unknown,
): Promise<"cleanup" | "abort" | "retry"> {
  ui.error(errorText(failure));
  const question = `Step ${JSON.stringify(stepName)} failed. [c] clean up and exit, [a] abort without cleaning up, or [r] retry the step?`;
  while (!signal.aborted) {
    let answer: string;
    try {
      answer = await ui.ask(question, { signal, choices: ["c", "a", "r"] });
    } catch (error) {
      ui.log("warn", `nobody answered, so the build is cleaned up: ${errorText(error)}`);
      return "cleanup";
    }
    switch (answer.trim().toLowerCase()) {
      case "":
      case "c":
        return "cleanup";
      case "a":
        return "abort";
      case "r":
        return "retry";
      default:
        ui.say("Please answer c, a or r.");
    }
  }
  return "cleanup";
}
