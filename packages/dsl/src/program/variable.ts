import { currentLoad } from "./context.ts";
import type { Secret } from "./ref-types.ts";
import { captureOrigin, type Problem, report } from "./report.ts";
import { requireName } from "./require.ts";
import { isSchema, type Schema } from "./schema.ts";
import { namedSecret, registerSecrets } from "./secret.ts";
import { type Converted, convertInput, defaultValue } from "./variable-value.ts";

/** What `variable` takes besides a name. */
export interface VariableOptions<T, S extends boolean = false> {
  /** The value when none is given. Its type is the variable's, unless there is a schema. `undefined` is a value too. */
  readonly default?: (T & {}) | undefined;
  readonly description?: string | undefined;
  /** Checks and converts the value, whatever it comes from. Any Standard Schema. */
  readonly schema?: Schema<T> | undefined;
  /** The value is not shown anywhere; the variable is a `Secret`. */
  readonly sensitive?: S | undefined;
}

/**
 * An input of the program, with the value it has in this run: from `-var`, a variable file, the environment (`PKR_VAR_name`), or
 * the default (rows VAR-05..11). Text is converted by the default's type, or tried with the schema as it is and then read as JSON.
 * A missing or unfit value is recorded, and a stand-in returned, so that all of them are told together; outside a load it throws
 * TPK1101 or TPK1103.
 *
 * @example
 * const release = variable("release", { default: "bookworm", description: "Debian release" });
 * const cpus = variable("cpus", z.coerce.number().int().min(1).default(2));
 * const token = variable("token", { sensitive: true });
 */
export function variable<T = string, S extends boolean = false>(
  name: string,
  options?: VariableOptions<T, S> | Schema<T>,
): S extends true ? Secret<T> : T;
// The implementation works with unknown values: what the schema or the default say about T is checked at run time.
export function variable(name: string, options: VariableOptions<unknown, boolean> | Schema = {}): unknown {
  requireName("variable", "name", name);
  const origin = captureOrigin();
  const settings: VariableOptions<unknown, boolean> = isSchema(options) ? { schema: options } : options;
  const sensitive = settings.sensitive === true;
  const load = currentLoad();
  const problem = (code: Problem["code"], summary: string, detail: string, hint?: string): Problem => {
    return { code, summary, detail, hint, where: `in variable(${JSON.stringify(name)})`, origin };
  };
  if (load?.variables.some((other) => other.name === name)) {
    report(problem("TPK1105", "Duplicate variable", `There is another variable with the name ${JSON.stringify(name)}.`));
  }
  const input = load?.inputs.get(name);
  if (sensitive && load !== undefined && input !== undefined) {
    registerSecrets("text" in input.value ? input.value.text : input.value.typed, load.secrets);
  }
  const result: Converted = input === undefined ? defaultValue(settings) : convertInput(input.value, settings);
  let value: unknown;
  if (result.kind === "value") value = result.value;
  else if (result.kind === "missing") {
    value = settings.default ?? "";
    const hint = `Set it with -var '${name}=…', PKR_VAR_${name} or a variable file, or give it a default.`;
    report(problem("TPK1101", "No value for variable", `The variable ${JSON.stringify(name)} has no value.`, hint));
  } else {
    value = settings.default ?? "";
    const from = input === undefined ? "the default" : input.from;
    const reason = sensitive && result.fromSchema ? "it does not fit the schema" : result.reason;
    report(problem("TPK1103", "Invalid value for variable", `The value of ${JSON.stringify(name)} from ${from} does not fit: ${reason}.`));
  }
  load?.variables.push({
    name,
    value: result.kind === "missing" ? undefined : value,
    ...("default" in settings ? { default: settings.default } : {}),
    description: settings.description,
    sensitive,
    origin,
  });
  return sensitive ? namedSecret(value, `var.${name}`) : value;
}
