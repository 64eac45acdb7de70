// `hcp_packer_registry` (row BLK-15): at the root for all builds, or in a build.
import type { Config } from "@tspack/core";
import { listOf, mapOf, stringType, type Type } from "../eval/type.ts";
import type { Attribute, Block } from "../syntax/tree.ts";
import { decodeBody } from "./decode-body.ts";
import type { Decoding } from "./decoding.ts";
import { headOf } from "./located.ts";
import { blockTitle, problemAt } from "./problem.ts";
import type { Place } from "./template-scope.ts";

const types: { readonly [name: string]: Type } = {
  bucket_name: stringType,
  description: stringType,
  bucket_labels: mapOf(stringType),
  build_labels: mapOf(stringType),
  channels: listOf(stringType),
  labels: mapOf(stringType),
};

/** Longest description that a registry takes. */
const DESCRIPTION_LENGTH = 255;

/** The registry that a block describes. `labels` is the former name of `bucket_labels`. */
export function decodeRegistry(block: Block, at: Place, decoding: Decoding): Config {
  const where = `in ${blockTitle(block)}`;
  const body = decodeBody([{ body: block.body, at }], decoding, { where, head: headOf(block) });
  const config: { [name: string]: unknown } = {};
  for (const [name, { attribute, at: place }] of body.placed) {
    const type = types[name];
    // What is not among them was told when the template was read.
    if (type === undefined) continue;
    const value = decoding.programValue(attribute.value, place, where, type);
    if (value === undefined) continue;
    checkValue(name, value, attribute, decoding, where);
    if (name !== "labels") config[name] = value;
    else {
      decoding.report(
        problemAt(attribute.nameNode, {
          severity: "warning",
          code: "TPK2207",
          summary: "Outdated argument",
          detail: "labels is the former name of bucket_labels.",
          hint: "Write bucket_labels.",
          where,
        }),
      );
      config.bucket_labels ??= value;
    }
  }
  return config;
}

// --- internal ---

function checkValue(name: string, value: unknown, attribute: Attribute, decoding: Decoding, where: string): void {
  if (typeof value !== "string") return;
  const complain = (detail: string): void =>
    decoding.report(problemAt(attribute.value, { code: "TPK3105", summary: "Invalid argument value", detail, where }));
  if (name === "bucket_name" && !/^[A-Za-z0-9][A-Za-z0-9-]{1,34}[A-Za-z0-9]$/.test(value)) {
    complain("bucket_name must be 3 to 36 letters, digits and dashes, with a letter or digit at both ends.");
  }
  if (name === "description" && value.length > DESCRIPTION_LENGTH) {
    complain(`description must have at most ${DESCRIPTION_LENGTH} characters.`);
  }
}
