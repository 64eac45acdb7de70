// Options of a JSON template as the body of an HCL block (row UPG-16). JSON does not tell nested blocks from values, so it is guessed
// as Packer guesses: an object that holds anything but plain values is a block, and so is a list of objects.
import type { JsonNode, JsonObject, JsonProperty } from "../syntax/tree.ts";
import { block, comment, escapeHcl, isIdentifier, objectKey } from "./hcl-text.ts";

/** Rewrites one text of the template into the inside of an HCL string. */
export type RewriteText = (text: string) => string;

/** Objects that are blocks of their component even when they hold plain values alone. */
const knownBlocks: ReadonlySet<string> = new Set(["linux_options", "network_interface", "shared_image_gallery"]);

/** The lines of a body, by name. Options that are null are left out: null means unset. */
export function bodyLines(
  options: readonly (JsonProperty | { readonly name: string; readonly text: string })[],
  rewrite: RewriteText,
): string[] {
  return [...options]
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .flatMap((option) =>
      "text" in option ? [`${objectKey(option.name)} = ${option.text}`] : optionLines(option.name, option.value, rewrite),
    );
}

/** A value as an HCL expression. */
export function valueText(node: JsonNode, rewrite: RewriteText): string {
  switch (node.kind) {
    case "string":
      return `"${rewrite(node.value)}"`;
    case "number":
      return node.text;
    case "boolean":
      return String(node.value);
    case "null":
      return "null";
    case "array":
      return `[${node.items.map((item) => valueText(item, rewrite)).join(", ")}]`;
    case "object": {
      const items = sorted(node).map(({ name, value }) => `${objectKey(name)} = ${valueText(value, rewrite)}`);
      return items.length === 0 ? "{}" : `{\n${items.join("\n")}\n}`;
    }
  }
}

// --- internal ---

function optionLines(name: string, node: JsonNode, rewrite: RewriteText): string[] {
  if (node.kind === "null") return [];
  // HCL can write such a name inside of objects alone.
  if (!isIdentifier(name)) return [comment(`${JSON.stringify(name)} is no name that an argument can have: ${valueText(node, rewrite)}`)];
  if (node.kind === "object" && isBlock(name, node)) return [block(name, bodyLines(node.properties, rewrite))];
  if (node.kind === "array" && node.items.length > 0 && node.items.every((item) => item.kind === "object")) {
    return node.items.map((item) => block(name, item.kind === "object" ? bodyLines(item.properties, rewrite) : []));
  }
  return [`${name} = ${valueText(node, rewrite)}`];
}

function isBlock(name: string, node: JsonObject): boolean {
  if (knownBlocks.has(name) || node.properties.length === 0) return true;
  return node.properties.some(({ value }) => value.kind === "object" || value.kind === "array");
}

function sorted(node: JsonObject): readonly JsonProperty[] {
  return [...node.properties].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A list of texts as an HCL list. */
export function textList(texts: readonly string[]): string {
  return `[${texts.map((text) => `"${escapeHcl(text)}"`).join(", ")}]`;
}
