import type { Diagnostic } from "@tspack/core";
import type { Loaded } from "@tspack/dsl";

/** Errors of code that nobody waits for: a promise without `await`, a callback that throws. */
export interface StrayErrors {
  /** One has happened: the command has failed, whatever else it did. */
  readonly happened: boolean;
  /** From here on such errors can be explained in the program's own terms. */
  explainBy(loaded: Loaded): void;
  release(): void;
}

/** What is needed of the packages, which commands load late. */
interface Packages {
  readonly core: Pick<typeof import("@tspack/core"), "errorText" | "redactDiagnostics">;
  readonly dsl: Pick<typeof import("@tspack/dsl"), "watchProcess">;
}

/**
 * Catches what would end the process on the spot, with a stack for a message and everything left behind that builds have started.
 * `onError` tells it and lets the command come to an orderly end. While a program is being loaded its errors are the loader's.
 */
export function catchStrayErrors({ core, dsl }: Packages, onError: (diagnostic: Diagnostic) => void): StrayErrors {
  let happened = false;
  let loaded: Loaded | undefined;
  const release = dsl.watchProcess({
    onIdle() {},
    onStrayError(error) {
      happened = true;
      const found = loaded?.explain(error) ?? { severity: "error", code: "TPK1003", summary: "Exception in the program" };
      const detail = sentence(found.detail ?? core.errorText(error));
      const hint = "Nothing waited for this: await every promise that the program makes, and catch the errors of callbacks.";
      for (const diagnostic of core.redactDiagnostics([{ ...found, detail, hint }], loaded?.program?.secrets ?? [])) onError(diagnostic);
      return true;
    },
  });
  return {
    get happened() {
      return happened;
    },
    explainBy(result) {
      loaded = result;
    },
    release,
  };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
