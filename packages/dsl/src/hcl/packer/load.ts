import type { Loaded, LoadOptions } from "../../load/options.ts";

/** Loads an HCL configuration, a file or a folder, into a Program. `load` of `load/` calls it for such paths. */
export async function loadHcl(_path: string, _options: LoadOptions): Promise<Loaded> {
  throw new Error("written by the owner of packer/");
}
