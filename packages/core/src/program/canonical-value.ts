import { SENSITIVE } from "../events/redact.ts";
import { decodeConfig } from "../sdk/config/decode.ts";
import type { ConfigSpec, SpecType } from "../sdk/config/spec.ts";
import { type Deferred, deferredOf, dependencyName, type Scope } from "./deferred.ts";
import type { Config } from "./program.ts";

export interface CanonicalOptions {
  /** Gives every dependency its probe value. */
  readonly scope: Scope;
  readonly redact: (text: string) => string;
}

/** A configuration in its canonical form: known options converted to the specification, unknown ones as written. */
export function canonicalConfig(config: Config, spec: ConfigSpec | undefined, options: CanonicalOptions): Config {
  const entries = Object.entries(config).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const option = spec !== undefined && Object.hasOwn(spec.options, name) ? spec.options[name] : undefined;
      return [name, canonicalValue(value, option?.type, options)];
    }),
  );
}

/** One value in its canonical form. A Deferred prints as `{"$ref": {waits, sample}}`, a known secret as `<sensitive>`. */
export function canonicalValue(value: unknown, type: SpecType | undefined, options: CanonicalOptions): unknown {
  const deferred = deferredOf(value);
  if (deferred !== undefined) return canonicalDeferred(deferred, type, options);
  if (value === undefined || value === null) return undefined;
  switch (type?.kind) {
    case "list":
    case "set":
      return asList(value, type.element).map((item) => canonicalValue(item, type.element, options));
    case "map":
      return isRecord(value) ? mapEntries(value, (item) => canonicalValue(item, type.element, options)) : plain(value, options);
    case "object":
      return isRecord(value)
        ? mapEntries(value, (item, name) => canonicalValue(item, type.attributes[name], options))
        : plain(value, options);
    case "block": {
      const block: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
      return isRecord(block) && deferredOf(block) === undefined ? canonicalConfig(block, type.spec, options) : plain(block, options);
    }
    case "block-list":
      return (Array.isArray(value) ? value : [value]).map((item: unknown) =>
        isRecord(item) && deferredOf(item) === undefined ? canonicalConfig(item, type.spec, options) : plain(item, options),
      );
    case "string":
    case "number":
    case "bool": {
      const decoded = decodeConfig({ value }, { options: { value: { type, required: false } } }).config.value;
      return plain(decoded ?? value, options);
    }
    default:
      return plain(value, options);
  }
}

// --- internal ---

function canonicalDeferred(deferred: Deferred, type: SpecType | undefined, options: CanonicalOptions): unknown {
  const sample = sampleOf(deferred, type, options);
  if (deferred.waitsFor.length === 0) return sample;
  const waits = [...new Set(deferred.waitsFor.map(dependencyName))].sort();
  return { $ref: { waits, sample } };
}

/** Its result for the probe values. A function that cannot cope with those has no sample, at any door. */
function sampleOf(deferred: Deferred, type: SpecType | undefined, options: CanonicalOptions): unknown {
  let value: unknown;
  try {
    value = deferred.evaluate(options.scope);
  } catch {
    return deferred.waitsFor.length === 0 ? SENSITIVE : "<no sample>";
  }
  const sample = canonicalValue(value, type, options);
  if (!deferred.sensitive) return sample;
  // A secret that is not set is no option: there is nothing to hide.
  if (sample === undefined) return undefined;
  // A secret that was changed on the way (made upper case, say) is not found in the text: then nothing of it is shown.
  return JSON.stringify(sample)?.includes(SENSITIVE) === true ? sample : SENSITIVE;
}

function plain(value: unknown, options: CanonicalOptions): unknown {
  const deferred = deferredOf(value);
  if (deferred !== undefined) return canonicalDeferred(deferred, undefined, options);
  if (typeof value === "string") return options.redact(value);
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (Array.isArray(value)) return value.map((item) => plain(item, options) ?? null);
  if (isRecord(value)) return mapEntries(value, (item) => plain(item, options));
  return value === null || typeof value === "function" || typeof value === "symbol" ? undefined : value;
}

function asList(value: unknown, element: SpecType): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "string" && element.kind === "string") return value === "" ? [] : value.split(",");
  return [value];
}

function mapEntries(record: Config, convert: (item: unknown, name: string) => unknown): Config {
  const entries = Object.entries(record).filter(([, item]) => item !== undefined && item !== null);
  return Object.fromEntries(entries.map(([name, item]) => [name, convert(item, name)]));
}

function isRecord(value: unknown): value is Config {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
