import { InternalError } from "@tspack/core";
import type { Loaded, LoadOptions } from "./options.ts";

/** Loads the program in a file, or in the `image.ts` of a folder. */
export async function load(_path: string, _options: LoadOptions = {}): Promise<Loaded> {
  throw new InternalError("load is not there yet");
}
