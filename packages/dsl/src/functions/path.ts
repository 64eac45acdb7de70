// Functions on paths, and where the paths of files start. Paths are Go's `path/filepath` on Unix: cleaned, with slashes.
import { posix } from "node:path";
import { stringType } from "../hcl/eval/type.ts";
import { stringValue, type Value } from "../hcl/eval/value.ts";
import { textOf } from "./argument.ts";
import { type FunctionEnvironment, FunctionError, type FunctionExample, type HclFunction, type Parameter } from "./function.ts";

/** The parameter that names a file. */
export const pathParameter: Parameter = { name: "path", type: stringType };

/** The absolute path of a file that a function names: `~` is the home folder, relative paths start in `base`. */
export function locate(path: string, base: string, environment: FunctionEnvironment): string {
  return posix.resolve(base, expandHome(path, environment));
}

/** `~` and `~/…` with the home folder in place of the tilde. Other people's homes (`~name`) are refused. */
export function expandHome(path: string, { environment }: FunctionEnvironment): string {
  if (!path.startsWith("~")) return path;
  if (path.length > 1 && path[1] !== "/") throw new FunctionError("cannot expand user-specific home dir", 0);
  const home = environment.HOME;
  if (home === undefined || home === "") throw new FunctionError("cannot tell the home folder, since HOME is not set", 0);
  return posix.join(home, path.slice(1));
}

/** `abspath`: relative paths start in the working directory (row FUD-10). */
export const abspath = pathFunction({
  name: "abspath",
  summary: "The absolute path; relative ones start in the working directory.",
  examples: [{ code: 'abspath("/srv/../images/base.iso")', result: '"/images/base.iso"' }],
  impure: true,
  compute: (path, environment) => posix.resolve(environment.workingDirectory, path),
});

/** `basename`: the last part of a path. */
export const basename = pathFunction({
  name: "basename",
  summary: "The last part of a path.",
  examples: [{ code: 'basename("/images/base.iso")', result: '"base.iso"' }],
  compute: baseOf,
});

/** `dirname`: a path without its last part. */
export const dirname = pathFunction({
  name: "dirname",
  summary: "The path without its last part.",
  examples: [{ code: 'dirname("/images/base.iso")', result: '"/images"' }],
  compute: directoryOf,
});

/** `pathexpand`: a leading `~` replaced. */
export const pathexpand = pathFunction({
  name: "pathexpand",
  summary: "The path with the home folder in place of a leading `~`.",
  examples: [{ code: 'pathexpand("/etc/hosts")', result: '"/etc/hosts"' }],
  impure: true,
  compute: expandHome,
});

// --- internal ---

interface PathFunction {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly FunctionExample[];
  readonly impure?: boolean;
  readonly compute: (path: string, environment: FunctionEnvironment) => string;
}

function pathFunction({ name, summary, examples, impure, compute }: PathFunction): HclFunction {
  return {
    name,
    parameters: [pathParameter],
    impure,
    returns: () => stringType,
    call: ([path]: readonly Value[], environment) => stringValue(compute(textOf(path), environment)),
    doc: { summary, signature: `${name}(path)`, examples },
  };
}

function baseOf(path: string): string {
  if (path === "") return ".";
  const name = posix.basename(path);
  return name === "" ? "/" : name;
}

function directoryOf(path: string): string {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const clean = posix.normalize(folder);
  return clean.length > 1 && clean.endsWith("/") ? clean.slice(0, -1) : clean;
}
