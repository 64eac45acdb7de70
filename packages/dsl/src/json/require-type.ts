import { didYouMean } from "@tspack/core";
import type { Problems } from "./problems.ts";
import { findProperty, type JsonObject } from "./syntax/tree.ts";

/** The text under `type`, which every component has. */
export function requireType(node: JsonObject, what: string, problems: Problems): string | undefined {
  const property = findProperty(node, "type");
  if (property === undefined) {
    const near = didYouMean(
      "type",
      node.properties.map(({ name }) => name),
    );
    const end = node.start + 1;
    problems.add(
      { source: node.source, start: node.start, end },
      { summary: "Missing type", detail: `${what} has no "type".`, hint: near },
    );
    return undefined;
  }
  const text = problems.text(property.value, `"type" of ${what.toLowerCase()}`);
  if (text?.value === "") problems.add(text, { summary: "Missing type", detail: `The "type" of ${what.toLowerCase()} is empty.` });
  return text?.value === "" ? undefined : text?.value;
}
