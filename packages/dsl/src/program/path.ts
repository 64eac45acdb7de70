import { currentLoad } from "./context.ts";

/** Folders, as in HCL. Relative paths in options start in `path.cwd`. */
export const path = {
  /** Folder of the program, absolute; outside a load the working directory. */
  get root(): string {
    return currentLoad()?.root ?? process.cwd();
  },
  /** The working directory, absolute. */
  get cwd(): string {
    return currentLoad()?.workingDirectory ?? process.cwd();
  },
};
