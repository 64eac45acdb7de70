import { LoadError } from "@tspack/core";

/**
 * Node's `process` as the program sees it: all of it, but `exit` throws, so that a program cannot end the run (or a script that
 * loads it) half-way.
 */
export function guardedProcess(): NodeJS.Process {
  const exit = (): never => {
    throw new LoadError("the program called process.exit()", {
      code: "TPK1003",
      hint: "Throw an error to stop loading, or export no build for this case.",
    });
  };
  return new Proxy(process, {
    get: (target, name) => (name === "exit" || name === "reallyExit" ? exit : Reflect.get(target, name, target)),
  });
}
