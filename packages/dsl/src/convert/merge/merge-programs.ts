// Several programs that are nearly alike become a shared module and a short file each.
import { NameScope } from "../expression/names.ts";
import type { Compiler } from "../format/format-source.ts";
import { ExpressionMerger } from "./merge-expressions.ts";
import { mergeStatements } from "./merge-statements.ts";
import { NotMergeable } from "./not-mergeable.ts";
import { type Comment, type ParsedModule, parseModule } from "./parsed-module.ts";
import { agreeOnNames, identifiersIn } from "./rename.ts";
import { nameRepeatedValues } from "./repeated-values.ts";
import { type Setting, Settings } from "./settings.ts";
import { type SharedNames, sharedModule } from "./shared-module.ts";
import { templateFile } from "./template-file.ts";

/** A converted program. */
export interface MergeableProgram {
  /** Of its file, without an ending. */
  readonly name: string;
  readonly text: string;
}

/** What several programs became. */
export interface MergedPrograms {
  /** Text of the shared module. */
  readonly shared: string;
  /** Texts of the files, in the order of the programs. */
  readonly files: readonly string[];
  readonly settings: readonly Setting[];
}

/** Merges programs; the first is the one whose order is kept. Throws `NotMergeable` for one that does not fit. */
export function mergePrograms(compiler: Compiler, programs: readonly MergeableProgram[]): MergedPrograms {
  const parsed = parseAll(
    compiler,
    programs.map(({ text }) => text),
  );
  const modules = parseAll(compiler, agreeOnNames(compiler, parsed));
  const settings = new Settings(programs.map(({ name }) => name));
  const merger = new ExpressionMerger(compiler, settings);
  const { comments } = merger;
  const header = comments.common(
    modules.map((module) => ({ index: module.index, comments: module.header })),
    Number.POSITIVE_INFINITY,
  );
  const statements = mergeStatements(merger, modules);
  const dangling = comments.common(
    modules.map((module) => ({ index: module.index, comments: module.dangling })),
    Number.POSITIVE_INFINITY,
  );
  const imports = new Map<string, string>();
  for (const module of modules) for (const [name, from] of module.imports) imports.set(name, from);
  // For variables that only some declare.
  imports.set("secret", "tspack");
  const names = freeNames(compiler, modules);
  const collected = settings.finish();
  const repeated = nameRepeatedValues(collected.settings, { templates: programs.map(({ name }) => name), names: names.scope });
  const finished = { ...collected, settings: repeated.settings };
  const shared = sharedModule(compiler, { header, dangling, imports, statements, settings: finished, values: repeated.values, names });
  const files = modules.map(({ index }) => {
    const own: readonly Comment[] = comments.unplaced.get(index) ?? [];
    return templateFile(compiler, {
      index,
      comments: own,
      settings: finished.settings,
      shared,
      functionName: names.function,
      constants: repeated.values.map(({ name }) => name),
    });
  });
  return { shared: shared.text, files, settings: finished.settings };
}

// --- internal ---

function parseAll(compiler: Compiler, texts: readonly string[]): readonly ParsedModule[] {
  return texts.map((text, index) => {
    const module = parseModule(compiler, index, text);
    if (module === undefined) throw new NotMergeable(index, "it has statements of another kind");
    return module;
  });
}

function freeNames(compiler: Compiler, modules: readonly ParsedModule[]): SharedNames & { readonly scope: NameScope } {
  const taken = new Set(modules.flatMap((module) => [...identifiersIn(compiler, module)]));
  const scope = new NameScope(taken);
  return {
    scope,
    function: ["image", "makeImage"].find((name) => !taken.has(name)) ?? scope.fresh("image"),
    parameter: scope.fresh("settings"),
    interface: ["Settings", "ImageSettings", "TemplateSettings"].find((name) => !taken.has(name)) ?? "Settings_",
  };
}
