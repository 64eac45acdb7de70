// `required_plugins` (row BLK-02): what each entry must look like.
import { type Diagnostic, didYouMean } from "@tspack/core";
import {
  pluginNameProblem,
  pluginSourceProblem,
  pluginVersionProblem,
  type RequirementProblem,
} from "../../program/requirement-problems.ts";
import type { Attribute, Block, Expression, Node } from "../syntax/tree.ts";
import { constantText } from "./constant.ts";
import { problemAt } from "./problem.ts";
import { parseConstraint } from "./version-constraint.ts";

/** A plugin that a template asks for. */
export interface RequiredPlugin {
  readonly name: string;
  /** Constraint as written. */
  readonly version: string;
  readonly source: string;
  readonly attribute: Attribute;
}

/** Reads an entry; undefined with diagnostics when it is not as it must be. */
export function readRequiredPlugin(attribute: Attribute): {
  readonly plugin: RequiredPlugin | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const { name, nameNode, value } = attribute;
  const complain = (node: Node, detail: string, hint?: string): void => {
    diagnostics.push(
      problemAt(node, { code: "TPK2206", summary: "Invalid plugin requirement", detail, hint, where: "in required_plugins" }),
    );
  };
  const check = (node: Node, problem: RequirementProblem | undefined): void => {
    if (problem !== undefined) complain(node, problem.detail, problem.hint);
  };
  check(nameNode, pluginNameProblem(name));
  if (value.kind !== "object") {
    const text = constantText(value);
    complain(
      value,
      text === undefined
        ? "A plugin requirement is an object with a version and a source."
        : "A plugin requirement as mere text has no source.",
      example(name, text !== undefined && parseConstraint(text) !== undefined ? text : ">= 1.0.0"),
    );
    return { plugin: undefined, diagnostics };
  }
  const fields = new Map<string, { readonly text: string | undefined; readonly node: Expression }>();
  for (const item of value.items) {
    const key = item.key.kind === "variable" ? item.key.name : constantText(item.key);
    if (key !== "version" && key !== "source") {
      complain(item.key, `A plugin requirement has no "${key ?? "computed key"}".`, didYouMean(key ?? "", ["version", "source"]));
      continue;
    }
    fields.set(key, { text: constantText(item.value), node: item.value });
  }
  const version = field("version");
  const source = field("source");
  if (version !== undefined) check(version.node, pluginVersionProblem(version.text));
  if (source !== undefined) check(source.node, pluginSourceProblem(source.text));
  const isUsable = version !== undefined && source !== undefined && diagnostics.length === 0;
  return { plugin: isUsable ? { name, version: version.text, source: source.text, attribute } : undefined, diagnostics };

  function field(key: "version" | "source"): { readonly text: string; readonly node: Expression } | undefined {
    const found = fields.get(key);
    if (found === undefined) {
      complain(nameNode, `The requirement of plugin "${name}" has no ${key}.`, example(name, ">= 1.0.0"));
      return undefined;
    }
    if (found.text === undefined) {
      complain(found.node, `The ${key} of a required plugin must be plain text: it is read before anything is evaluated.`);
      return undefined;
    }
    return { text: found.text, node: found.node };
  }
}

/** Plugins asked for twice, in whatever file. */
export function checkRequiredPlugins(blocks: readonly Block[]): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const first = new Map<string, Attribute>();
  for (const block of blocks) {
    for (const item of block.body.items) {
      if (item.kind !== "attribute") continue;
      diagnostics.push(...readRequiredPlugin(item).diagnostics);
      const earlier = first.get(item.name);
      if (earlier === undefined) {
        first.set(item.name, item);
        continue;
      }
      const at = earlier.nameNode;
      diagnostics.push(
        problemAt(item.nameNode, {
          code: "TPK2206",
          summary: "Duplicate plugin requirement",
          detail: `The plugin "${item.name}" is asked for twice.`,
          hint: "Keep one of the two, with all conditions in its version: >= 1.0.0, < 2.0.0",
          where: "in required_plugins",
          related: [{ at: at.source.range(at.start, at.end), message: "The other one is here." }],
        }),
      );
    }
  }
  return diagnostics;
}

// --- internal ---

function example(name: string, version: string): string {
  const plugin = /^[a-z0-9_-]+$/.test(name) ? name : "qemu";
  return `Write: ${plugin} = { version = "${version}", source = "github.com/hashicorp/${plugin}" }`;
}
