// Configurations as components in plugins get them (plugin-protocol sections 9.1 and 11).
import { ConfigError } from "../../diagnostics/error.ts";
import type { Config } from "../../program/program.ts";
import type { ConfigSpec } from "../../sdk/config/spec.ts";
import { malformed } from "../malformed.ts";
import { formatTypedJson, parseTypedJson } from "./json.ts";
import { type TypedConfigOptions, typeConfig } from "./typed-config.ts";

/**
 * The typed configuration for Prepare or Configure: JSON that goes into `Configs` as bin. Throws a ConfigError that carries the
 * diagnostics of `typeConfig` when the configuration does not fit the specification.
 */
export function encodeConfig(config: Config, spec: ConfigSpec, options?: TypedConfigOptions): Buffer {
  const { value, diagnostics } = typeConfig(config, spec, options);
  if (value === undefined) throw new ConfigError("the configuration does not fit what the component takes", { diagnostics });
  return Buffer.from(formatTypedJson(value), "utf8");
}

/** What tspack tells its own plugins beside Packer's variables: the names of options that hold placeholders. Go's plugins would skip it. */
export const UNKNOWN_OPTIONS = "packer_tspack_unknown";

/** What Prepare or Configure brought. */
export interface ReceivedConfig {
  /** The component's options, without those that are unset. */
  readonly config: Config;
  /** What Packer says of the run: everything named `packer_…`, as it came. Texts in HCL, real types in legacy JSON (section 11). */
  readonly packer: Config;
}

/**
 * One configuration from the elements of `Configs`, of either form: typed JSON (bin) and plain maps. Later elements go over earlier
 * ones, objects inside them are joined; null changes nothing. The map of build placeholders that may come last is dropped. Throws a
 * PluginError (TPK4002) for anything else.
 */
export function decodeConfigs(elements: readonly unknown[]): ReceivedConfig {
  const maps = elements.map(elementMap);
  const last = maps.at(-1);
  const given = last !== undefined && isPlaceholders(last) ? maps.slice(0, -1) : maps;
  const all = given.reduce<Config>((under, over) => joined(under, over, 0), {});
  const entries = Object.entries(all);
  return {
    config: Object.fromEntries(entries.filter(([name]) => !name.startsWith("packer_"))),
    packer: Object.fromEntries(entries.filter(([name]) => name.startsWith("packer_"))),
  };
}

// --- internal ---

function elementMap(element: unknown): Config {
  if (element === null || element === undefined) return {};
  const content = Buffer.isBuffer(element) ? parseTypedJson(element) : element;
  if (!isRecord(content)) throw malformed("a configuration is neither a map nor a typed value");
  return content;
}

/** Legacy JSON: what the generated data is called before there is any. */
function isPlaceholders(map: Config): boolean {
  return typeof map.PackerRunUUID === "string" && map.PackerRunUUID.includes("Build_PackerRunUUID.");
}

function joined(under: Config, over: Config, depth: number): Config {
  if (depth > JOIN_DEPTH) return over;
  const entries = new Map(Object.entries(under));
  for (const [name, value] of Object.entries(over)) {
    if (value === null || value === undefined) continue;
    const before = entries.get(name);
    entries.set(name, isRecord(before) && isRecord(value) ? joined(before, value, depth + 1) : value);
  }
  return Object.fromEntries(entries);
}

/** Data from the wire nests no deeper. */
const JOIN_DEPTH = 200;

function isRecord(value: unknown): value is Config {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value) && !(value instanceof Map);
}
