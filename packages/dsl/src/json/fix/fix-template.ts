import { resolve } from "node:path";
import { type Diagnostic, hasErrors } from "@tspack/core";
import { SourceText } from "../../hcl/syntax/source-text.ts";
import { standardInputPath } from "../../load/input-kind.ts";
import type { LoadOptions } from "../../load/options.ts";
import { Problems } from "../problems.ts";
import { readTemplateText } from "../read-template.ts";
import { readSourceFile } from "../source-file.ts";
import { parseJsonTree } from "../syntax/parse.ts";
import type { JsonNode } from "../syntax/tree.ts";
import { type Component, ExactNumber, type Fixable, type FixableTemplate, FixError, isComponent } from "./fixer.ts";
import { fixers } from "./fixers.ts";
import { printTemplate } from "./print.ts";

/** A fixed template. */
export interface FixedTemplate {
  /** JSON with sorted keys, ending in a line break; undefined when the template could not be read or fixed. */
  readonly text: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Options of `fixTemplate`. */
export interface FixOptions extends Pick<LoadOptions, "workingDirectory" | "standardInput"> {
  /** Check the structure of the fixed template too; true unless given (row FLG-26). */
  readonly validate?: boolean | undefined;
}

/**
 * Brings an outdated legacy JSON template up to date (rows DET-15, FIX-01 to FIX-09). Nothing is rendered, and the file stays. The path
 * `-` means the text in `standardInput`.
 */
export function fixTemplate(path: string, options: FixOptions = {}): FixedTemplate {
  const workingDirectory = resolve(options.workingDirectory ?? process.cwd());
  const { source, diagnostics: trouble } =
    path === standardInputPath
      ? { source: new SourceText("<standard input>", options.standardInput ?? ""), diagnostics: [] }
      : readSourceFile(resolve(workingDirectory, path), workingDirectory);
  if (trouble.length > 0) return { text: undefined, diagnostics: trouble };
  const { root: node, diagnostics: syntax } = parseJsonTree(source);
  const problems = new Problems();
  const object = node === undefined ? undefined : problems.object(node, "A template");
  const told = [...syntax, ...problems.diagnostics];
  const root = object === undefined ? undefined : fixable(object);
  if (hasErrors(told) || !isComponent(root)) return { text: undefined, diagnostics: told };
  try {
    const components = componentsOf(root);
    for (const fixer of fixers) fixer.run(components);
  } catch (error) {
    if (!(error instanceof FixError)) throw error;
    return { text: undefined, diagnostics: [{ severity: "error", code: "TPK2301", summary: "Cannot be fixed", detail: error.message }] };
  }
  const text = printTemplate(root);
  return { text, diagnostics: options.validate === false ? [] : structureProblems(text) };
}

// --- internal ---

/** What is still wrong with the structure; places in the printed text would point at no file. */
function structureProblems(text: string): readonly Diagnostic[] {
  const { template, diagnostics } = readTemplateText(new SourceText("fixed template", text));
  const withoutPlaces = diagnostics.map(({ subject: _subject, related: _related, ...rest }): Diagnostic => rest);
  if (template === undefined || hasErrors(withoutPlaces) || template.builders.length > 0) return withoutPlaces;
  const detail = 'The fixed template needs at least one builder in "builders".';
  return [...withoutPlaces, { severity: "error", code: "TPK2301", summary: "No builders", detail }];
}

function fixable(node: JsonNode): Fixable {
  switch (node.kind) {
    case "object":
      return Object.fromEntries(node.properties.map(({ name, value }) => [name, fixable(value)]));
    case "array":
      return node.items.map(fixable);
    case "number":
      return /^-?\d{16,}$/.test(node.text) && !Number.isSafeInteger(Number(node.text)) ? new ExactNumber(node.text) : Number(node.text);
    case "null":
      return null;
    default:
      return node.value;
  }
}

function componentsOf(root: Component): FixableTemplate {
  return {
    builders: listed(root, "builders"),
    provisioners: listed(root, "provisioners"),
    postProcessors: listed(root, "post-processors"),
  };
}

/** The objects in a list and in the lists in it. */
function listed(root: Component, key: string): readonly Component[] {
  const list = root[key] ?? [];
  if (!Array.isArray(list)) throw new FixError(`"${key}" must be a list.`);
  return list.flat().filter(isComponent);
}
