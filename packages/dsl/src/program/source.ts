import type { BuilderConfig, Builders, Name } from "./components.ts";
import { copyConfig } from "./config.ts";
import { declare } from "./declaration.ts";
import { captureOrigin, report } from "./report.ts";
import { requireConfig, requireName } from "./require.ts";

/** A machine or file system to start from. One in several builds is built in each of them. */
export interface Source<out T extends string = string, out N extends string = string> {
  readonly kind: "source";
  /** Name of the builder. */
  readonly type: T;
  readonly name: N;
  /** The same source under another name, with some options changed; `undefined` removes one. */
  with<const M extends string>(name: M, changes: Partial<BuilderConfig<T>>): Source<T, M>;
}

/**
 * Declares a source: which builder, under which name, with which options. Option names are the builder's own.
 * Relative paths start in the working directory, not beside the program: write `${path.root}/…` for that.
 *
 * @example
 * const debian = source("qemu", "debian", { iso_url: "https://example.org/debian.qcow2", disk_image: true });
 */
export function source<T extends Name<Builders>, N extends string>(type: T, name: N, config: BuilderConfig<T>): Source<T, N> {
  requireName("source", "type", type);
  requireName("source", "name", name);
  const given = requireConfig(`source(${JSON.stringify(type)}, ${JSON.stringify(name)})`, config);
  return make(type, name, given);
}

function make<T extends string, N extends string>(type: T, name: N, given: { readonly [option: string]: unknown }): Source<T, N> {
  const origin = captureOrigin();
  const where = `in source(${JSON.stringify(type)}, ${JSON.stringify(name)})`;
  const config = copyConfig(given, (path, detail, hint) =>
    report({ code: "TPK1006", summary: "Invalid argument value", detail, hint, where, origin, path }),
  );
  const value: Source<T, N> = {
    kind: "source",
    type,
    name,
    with(other, changes) {
      requireName("with", "name", other);
      // `undefined` among the changes overwrites, and is then dropped.
      return make(type, other, { ...config, ...requireConfig(`with(${JSON.stringify(other)})`, changes) });
    },
  };
  return declare("source", { type, name, config, origin }, value);
}
