/** The type of an option's value, as a component's specification states it. */
export type SpecType =
  | { readonly kind: "string" | "number" | "bool" | "any" }
  | { readonly kind: "list" | "set" | "map"; readonly element: SpecType }
  /** Attributes written as one object value. `spec`, where it is known, says more about them; it is not sent over a wire. */
  | { readonly kind: "object"; readonly attributes: { readonly [name: string]: SpecType }; readonly spec?: ConfigSpec | undefined }
  /** A value of one of these types. Stays as it is written: only the component knows which one is meant. Our own components alone. */
  | { readonly kind: "union"; readonly variants: readonly OptionSpec[] }
  /** A nested block: one object; a list of one object means the same. */
  | { readonly kind: "block"; readonly spec: ConfigSpec }
  /** A repeated block: a list of objects; one bare object means a list of one. The limits on how many are those of old plugins. */
  | {
      readonly kind: "block-list";
      readonly spec: ConfigSpec;
      readonly minItems?: number | undefined;
      readonly maxItems?: number | undefined;
    };

export interface OptionSpec {
  readonly type: SpecType;
  readonly required: boolean;
  readonly description?: string | undefined;
  /** As the documentation shows it. */
  readonly default?: unknown;
  /** Fixed values, where there are any. */
  readonly choices?: readonly string[] | undefined;
  readonly deprecated?: boolean | undefined;
  /** Under which name a plugin gets the value, where that is not the name the user writes. */
  readonly sentAs?: string | undefined;
}

/** The options of a component: plain data, whatever home the component has. */
export interface ConfigSpec {
  readonly options: { readonly [name: string]: OptionSpec };
}
