// Libraries that few templates need and that take tens of milliseconds to load. Functions are synchronous, so these are required when
// first used rather than imported. scripts/bundle.ts makes each a plain `require`, which puts the library into the program.
import { createRequire } from "node:module";

/** Regular expressions of RE2: linear time whatever the pattern. */
export function re2Library(): typeof import("re2js") {
  return createRequire(import.meta.url)("re2js");
}

/** The YAML reader. */
export function yamlLibrary(): typeof import("yaml") {
  return createRequire(import.meta.url)("yaml");
}

/** The password hash bcrypt. */
export function bcryptLibrary(): typeof import("bcryptjs").default {
  return createRequire(import.meta.url)("bcryptjs");
}
