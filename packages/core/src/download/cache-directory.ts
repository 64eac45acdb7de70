import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "./proxy.ts";

/** Where downloads are kept: `PACKER_CACHE_DIR`, or `tspack` in the user's cache folder. May be relative to the working directory. */
export function cacheDirectory(environment: Environment): string {
  // An empty variable is as good as none.
  return environment.PACKER_CACHE_DIR || join(environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), ".cache"), "tspack");
}
