import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * A command line that ends with our process, whatever ends that (row QM-205): Linux sends the signal, through `setpriv`. It follows the
 * thread that started the program, so never start one from a worker. Without `setpriv` the command line is returned as it is.
 */
export function boundToUs(argv: readonly string[], setpriv: string | undefined): readonly string[] {
  return setpriv === undefined ? argv : [setpriv, "--pdeathsig", "KILL", ...argv];
}

/** The absolute path of a program that can be run, by its name or path; undefined when there is none. */
export function findProgram(name: string, path: string): string | undefined {
  const candidates = name.includes("/")
    ? [name]
    : [...path.split(delimiter).filter((folder) => folder !== ""), "/usr/sbin"].map((folder) => join(folder, name));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
