import type { Loaded, LoadOptions } from "../load/options.ts";

/** Loads a legacy JSON template into a Program. `load` of `load/` calls it for such paths. */
export async function loadJson(_path: string, _options: LoadOptions): Promise<Loaded> {
  throw new Error("written by the owner of json/");
}
