import { suggest } from "@tspack/core";
import type { Problems } from "./problems.ts";
import { findProperty, type JsonObject } from "./syntax/tree.ts";

/** The text under `type`, which every component has. */
export function requireType(node: JsonObject, what: string, problems: Problems): string | undefined {
  const property = findProperty(node, "type");
  if (property === undefined) {
    const near = suggest(
      "type",
      node.properties.map(({ name }) => name),
    );
    const end = node.start + 1;
    problems.add(
      { source: node.source, start: node.start, end },
      {
        summary: "Missing type",
        detail: `${what} has no "type".`,
        hint:
          near === undefined
            ? undefined
            : `Is ${JSON.stringify(near)} meant to be "type"?` === undefined
              ? undefined
              : `Is ${JSON.stringify(near)} meant to be "type"?`,
      },
    );
    return undefined;
  }
  const text = problems.text(property.value, `"type" of ${what.toLowerCase()}`);
  if (text?.value === "") problems.add(text, { summary: "Missing type", detail: `The "type" of ${what.toLowerCase()} is empty.` });
  return text?.value === "" ? undefined : text?.value;
}
