// Provisioners and post-processors of a template (rows JSN-02 to JSN-04, META-02 to META-09).
import type { Problems } from "./problems.ts";
import { requireType } from "./require-type.ts";
import { findProperty, type JsonNode, type JsonObject, type JsonString } from "./syntax/tree.ts";
import type { JsonChain, JsonFilters, JsonPostProcessor, JsonProvisioner } from "./template.ts";

/** A provisioner, in a list of its own; an empty list when there is no telling what it is. */
export function readProvisioner(value: JsonNode, what: string, problems: Problems): readonly JsonProvisioner[] {
  const node = problems.object(value, what);
  const type = node === undefined ? undefined : requireType(node, what, problems);
  if (node === undefined || type === undefined) return [];
  const own = new Set(["type", "only", "except", "pause_before", "timeout", "max_retries", "override"]);
  return [
    {
      type,
      node,
      options: node.properties.filter(({ name }) => !own.has(name)),
      ...filters(node, what, problems, true),
      pauseBefore: durationNode(node, "pause_before", what, problems),
      timeout: durationNode(node, "timeout", what, problems),
      maxRetries: findProperty(node, "max_retries")?.value,
      override: overrides(node, what, problems),
    },
  ];
}

/** The chains of `post-processors`: an element is a type, an object, or a list of these. Empty chains are left out. */
export function readPostProcessors(elements: readonly JsonNode[], problems: Problems): readonly JsonChain[] {
  return elements
    .map((node, index): JsonChain => {
      const what = `Post-processor ${index + 1}`;
      if (node.kind !== "array") return { node, members: postProcessor(node, what, problems) };
      const members = node.items.flatMap((item, inner) => postProcessor(item, `${what}.${inner + 1}`, problems));
      return { node, members };
    })
    .filter(({ members }) => members.length > 0);
}

// --- internal ---

function postProcessor(node: JsonNode, what: string, problems: Problems): readonly JsonPostProcessor[] {
  if (node.kind === "string") {
    return [{ type: node.value, name: undefined, node, options: [], only: undefined, except: undefined, keepInputArtifact: undefined }];
  }
  if (node.kind === "array") {
    problems.add(node, {
      summary: "Nested chain",
      detail: `${what} is a list inside a chain; chains cannot be put inside each other.`,
      hint: "Put its members into the chain itself, or make it a chain of its own beside it.",
    });
    return [];
  }
  if (node.kind !== "object") {
    problems.unfit(node, what, "the name of a type, an object, or a list of these");
    return [];
  }
  const type = requireType(node, what, problems);
  if (type === undefined) return [];
  const own = new Set(["type", "name", "only", "except", "keep_input_artifact"]);
  const keep = findProperty(node, "keep_input_artifact")?.value;
  if (keep !== undefined && keep.kind !== "boolean") {
    problems.unfit(
      keep,
      `"keep_input_artifact" of ${what.toLowerCase()}`,
      "true or false",
      keep.kind === "string" ? "Leave out the quotes." : undefined,
    );
  }
  return [
    {
      type,
      name: problems.text(findProperty(node, "name")?.value, `"name" of ${what.toLowerCase()}`)?.value,
      node,
      options: node.properties.filter(({ name }) => !own.has(name)),
      ...filters(node, what, problems, false),
      keepInputArtifact: keep?.kind === "boolean" ? keep.value : undefined,
    },
  ];
}

/** Packer takes a single text for a list of one in provisioners, and in them alone. */
function filters(node: JsonObject, what: string, problems: Problems, takesText: boolean): JsonFilters {
  const names = (argument: string): readonly JsonString[] | undefined => {
    const property = findProperty(node, argument);
    if (property === undefined) return undefined;
    const label = `"${argument}" of ${what.toLowerCase()}`;
    if (takesText && property.value.kind === "string") return [property.value];
    return problems.list(property.value, label).flatMap((item) => problems.text(item, `A name in ${label}`) ?? []);
  };
  const [only, except] = [names("only"), names("except")];
  const property = findProperty(node, "except");
  if (only !== undefined && only.length > 0 && except !== undefined && except.length > 0 && property !== undefined) {
    problems.add(property, {
      summary: "Conflicting arguments",
      detail: `${what} has both "only" and "except".`,
      hint: "Keep one of them.",
    });
  }
  return { only, except };
}

function durationNode(node: JsonObject, argument: string, what: string, problems: Problems): JsonNode | undefined {
  const value = findProperty(node, argument)?.value;
  if (value === undefined || value.kind === "string" || value.kind === "number") return value;
  problems.unfit(value, `"${argument}" of ${what.toLowerCase()}`, "a duration", 'Write it as text: "10s", "1m30s"');
  return undefined;
}

function overrides(node: JsonObject, what: string, problems: Problems): JsonProvisioner["override"] {
  const property = findProperty(node, "override");
  const object = property === undefined ? undefined : problems.object(property.value, `"override" of ${what.toLowerCase()}`);
  return (object?.properties ?? []).flatMap((one) => {
    const options = problems.object(one.value, `The override for ${JSON.stringify(one.name)}`);
    return options === undefined ? [] : [{ property: one, options }];
  });
}
