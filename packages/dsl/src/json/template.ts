// What stands in a legacy JSON template (rows JSN-01 to JSN-11): its parts with their nodes, nothing rendered yet. The JSON door, the
// converter and hcl2_upgrade all start from this.
import type { SourceText } from "../hcl/syntax/source-text.ts";
import type { JsonNode, JsonObject, JsonProperty, JsonString } from "./syntax/tree.ts";

/** A legacy JSON template. Lists keep the order of the file. */
export interface JsonTemplate {
  readonly source: SourceText;
  readonly root: JsonObject;
  readonly description: JsonString | undefined;
  readonly minPackerVersion: JsonString | undefined;
  readonly variables: readonly JsonVariable[];
  /** Names in `sensitive-variables`, also those of no variable. */
  readonly sensitiveVariables: readonly JsonString[];
  /** May be empty, which only a template for converting is allowed. */
  readonly builders: readonly JsonBuilder[];
  readonly provisioners: readonly JsonProvisioner[];
  readonly errorCleanup: JsonProvisioner | undefined;
  /** Chains; one that was written without a list has one member. */
  readonly postProcessors: readonly JsonChain[];
  /** Properties of the root whose name begins with an underscore: comments. */
  readonly comments: readonly JsonProperty[];
}

/** A member of `variables`. */
export interface JsonVariable {
  readonly name: string;
  readonly property: JsonProperty;
  /** The text as written; undefined for null, which makes the variable required. */
  readonly default: JsonString | undefined;
  readonly isSensitive: boolean;
}

/** A member of `builders`. */
export interface JsonBuilder {
  readonly type: string;
  /** As written, calls and all; the type when there is none. Filters and overrides go by it (row JSD-09). */
  readonly rawName: string;
  readonly nameNode: JsonString | undefined;
  readonly node: JsonObject;
  /** The builder's own options. */
  readonly options: readonly JsonProperty[];
}

/** The sources that a provisioner or post-processor is for, by the raw names of builders. */
export interface JsonFilters {
  readonly only: readonly JsonString[] | undefined;
  readonly except: readonly JsonString[] | undefined;
}

/** A member of `provisioners`, or the error-cleanup provisioner. */
export interface JsonProvisioner extends JsonFilters {
  readonly type: string;
  readonly node: JsonObject;
  readonly options: readonly JsonProperty[];
  /** Text or a number of nanoseconds, not rendered. */
  readonly pauseBefore: JsonNode | undefined;
  readonly timeout: JsonNode | undefined;
  /** A number, or text with calls (row JSD-08). */
  readonly maxRetries: JsonNode | undefined;
  /** Options by the raw name of a builder. */
  readonly override: readonly { readonly property: JsonProperty; readonly options: JsonObject }[];
}

/** Post-processors that work on each other's artifacts. */
export interface JsonChain {
  readonly node: JsonNode;
  readonly members: readonly JsonPostProcessor[];
}

/** A post-processor; `node` is a text where only its type was written. */
export interface JsonPostProcessor extends JsonFilters {
  readonly type: string;
  readonly name: string | undefined;
  readonly node: JsonObject | JsonString;
  readonly options: readonly JsonProperty[];
  readonly keepInputArtifact: boolean | undefined;
}
