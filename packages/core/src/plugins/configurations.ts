// What plugins are sent in Prepare and Configure (plugin-protocol section 11).
import type { PathSegment } from "../diagnostics/range.ts";
import type { Config } from "../program/program.ts";
import { UNKNOWN_OPTIONS } from "../protocol/cty/config.ts";
import { formatTypedJson } from "../protocol/cty/json.ts";
import type { TypedValue } from "../protocol/cty/type.ts";
import { Float64 } from "../protocol/msgpack/float64.ts";
import type { ComponentKind, PackerVariables } from "../sdk/component.ts";

/** The configurations of a component whose options have the types of its specification, as from HCL. */
export function typedConfigs(kind: ComponentKind, config: TypedValue, packer: PackerVariables): readonly unknown[] {
  const value = Buffer.from(formatTypedJson(config), "utf8");
  switch (kind) {
    case "builder":
      return [textVariables(packer), value];
    case "provisioner":
      // The last one stands for `override`, which has been applied already.
      return [{ ...textVariables(packer), packer_sensitive_variables: sensitive(packer) }, value, undefined];
    case "post-processor":
      return [{ ...textVariables(packer), packer_sensitive_variables: sensitive(packer) }, value];
    case "datasource":
      return [value];
  }
}

/** The configurations of a component whose options are as they were written, as from a legacy JSON template. */
export function plainConfigs(kind: ComponentKind, config: Config, packer: PackerVariables): readonly unknown[] {
  const map = plainMap(config);
  const own = Object.keys(map).length === 0 ? undefined : map;
  if (kind === "datasource") return [own];
  return [
    own,
    {
      packer_build_name: packer.packer_build_name,
      packer_builder_type: packer.packer_builder_type,
      packer_core_version: packer.packer_core_version,
      packer_debug: packer.packer_debug,
      packer_force: packer.packer_force,
      packer_on_error: packer.packer_on_error,
      packer_template_path: packer.packer_template_path ?? "",
      packer_user_variables: { ...packer.packer_user_variables },
      packer_sensitive_variables: sensitive(packer),
    },
  ];
}

/** For a plugin of ours: which options are not known yet. Placeholders other than texts look like values that somebody gave. */
export function withUnknown(configs: readonly unknown[], unknown: readonly (readonly PathSegment[])[]): readonly unknown[] {
  const options = [...new Set(unknown.map(([option]) => option).filter((option) => typeof option === "string"))];
  return options.length === 0 ? configs : [...configs, { [UNKNOWN_OPTIONS]: options }];
}

// --- internal ---

function textVariables(packer: PackerVariables): { readonly [name: string]: string } {
  return {
    packer_build_name: packer.packer_build_name,
    packer_builder_type: packer.packer_builder_type,
    packer_core_version: packer.packer_core_version,
    packer_debug: String(packer.packer_debug),
    packer_force: String(packer.packer_force),
    packer_on_error: packer.packer_on_error,
  };
}

function sensitive({ packer_sensitive_variables = [] }: PackerVariables): readonly string[] | undefined {
  return packer_sensitive_variables.length === 0 ? undefined : packer_sensitive_variables;
}

function plainMap(config: Config): { [option: string]: unknown } {
  const entries = Object.entries(config).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name, plainValue(value)]));
}

/** Numbers of JSON are floats for Go. */
function plainValue(value: unknown): unknown {
  if (typeof value === "number") return new Float64(value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value === "object" && value !== null && !(value instanceof Date)) return plainMap({ ...value });
  return value;
}
