// The Standard Schema interface (standardschema.dev, version 1), declared by us so that no schema library is imported.

/** A schema of any library that follows Standard Schema: zod, valibot, arktype. `T` is what it produces. */
export interface Schema<out T = unknown> {
  readonly "~standard": SchemaProperties<T>;
}

/** What stands behind `~standard`. */
export interface SchemaProperties<out T> {
  readonly version: 1;
  readonly vendor: string;
  readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
  readonly types?: { readonly input: unknown; readonly output: T } | undefined;
}

/** The checked (and possibly converted) value, or what is wrong with it. */
export type SchemaResult<T> = { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** True for a schema, false for an options object. */
export function isSchema(value: unknown): value is Schema {
  // A function too: some libraries make schemas callable.
  return value !== null && (typeof value === "object" || typeof value === "function") && "~standard" in value;
}
