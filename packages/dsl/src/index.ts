export { inspect, type Runnable, run, type ScriptOptions, validate } from "./library/library.ts";
export { load } from "./load/load.ts";
export type { Loaded, LoadOptions } from "./load/options.ts";
