import type { Configuration } from "./declarations.ts";

/** Where a configuration is read from. */
export interface ReadOptions {
  /** Absolute. */
  readonly workingDirectory: string;
}

/** Reads and parses a `.pkr.hcl` or `.pkr.json` file, or all of a folder (rows FIL-01..05). All errors are in `diagnostics`. */
export function readConfiguration(_path: string, _options: ReadOptions): Configuration {
  throw new Error("written by the owner of packer/");
}
