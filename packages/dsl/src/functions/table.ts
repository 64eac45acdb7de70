// All functions of the language.
import { chunklist, compact, concat, distinct, flatten, reverse, slice, sort } from "./collection-lists.ts";
import { keys, merge, values, zipmap } from "./collection-maps.ts";
import { coalesce, coalescelist, element, lookup } from "./collection-pick.ts";
import { range } from "./collection-range.ts";
import { alltrue, anytrue, contains, index, length } from "./collection-search.ts";
import { convertFunction } from "./convert-function.ts";
import { cryptoFunctions } from "./crypto.ts";
import { csvFunctions } from "./csv.ts";
import { dateTimeFunctions } from "./date-time.ts";
import { env } from "./env.ts";
import { file, filebase64, fileexists } from "./files.ts";
import { fileset } from "./fileset.ts";
import { formatFunctions } from "./format.ts";
import type { HclFunction } from "./function.ts";
import { hashFunctions } from "./hash.ts";
import { identityFunctions } from "./identity.ts";
import { jsonFunctions } from "./json.ts";
import { networkFunctions } from "./network.ts";
import { numberFunctions } from "./number.ts";
import { abspath, basename, dirname, pathexpand } from "./path.ts";
import { regexFunctions } from "./regex.ts";
import { awsSecretsmanager, awsSecretsmanagerRaw } from "./services-aws.ts";
import { consulKey } from "./services-consul.ts";
import { vault } from "./services-vault.ts";
import { setintersection, setproduct, setunion } from "./set.ts";
import { stringFunctions } from "./string.ts";
import { templatefileWith } from "./templatefile.ts";
import { textEncodingFunctions } from "./text-encoding.ts";
import { canFunction, tryFunction } from "./try.ts";
import { yamlFunctions } from "./yaml.ts";

let table: ReadonlyMap<string, HclFunction> | undefined;

/** The functions that expressions may call, but for the defaults of variables (section 5 of the surface). Made when first asked for. */
export function hclFunctions(): ReadonlyMap<string, HclFunction> {
  table ??= byName([
    ...[numberFunctions, stringFunctions, regexFunctions, formatFunctions, textEncodingFunctions].flat(),
    ...[alltrue, anytrue, chunklist, coalesce, coalescelist, compact, concat, contains, distinct, element, flatten, index, keys],
    ...[length, lookup, merge, range, reverse, setintersection, setproduct, setunion, slice, sort, values, zipmap],
    ...[convertFunction, tryFunction, canFunction],
    ...[abspath, basename, dirname, file, filebase64, fileexists, fileset, pathexpand, templatefileWith(hclFunctions)],
    ...[csvFunctions, jsonFunctions, yamlFunctions].flat(),
    ...[dateTimeFunctions, hashFunctions, cryptoFunctions, identityFunctions, networkFunctions].flat(),
    ...[vault, consulKey, awsSecretsmanager, awsSecretsmanagerRaw],
  ]);
  return table;
}

/** The functions that the defaults of variables may call: `env` alone (row FUN-12). */
export function variableDefaultFunctions(): ReadonlyMap<string, HclFunction> {
  return byName([env]);
}

// --- internal ---

function byName(functions: readonly HclFunction[]): ReadonlyMap<string, HclFunction> {
  return new Map(functions.map((one) => [one.name, one]));
}
