import type { EvalScope } from "./scope.ts";

/** A scope with no names and no functions: for what must be written out, such as the default of an optional attribute. */
export const emptyScope: EvalScope = {
  variable: () => undefined,
  variableNames: () => [],
  function: () => undefined,
  functionNames: () => [],
  // Never asked, since there is no function to ask it.
  environment: {
    now: () => 0,
    startedAt: 0,
    randomBytes: (size) => new Uint8Array(size),
    templateDirectory: "/",
    workingDirectory: "/",
    environment: {},
    service: () => "",
  },
};
