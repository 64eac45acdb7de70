import type { ComponentCatalog, Diagnostic, Program, VariableDeclaration } from "@tspack/core";

/** How a program is loaded. Nothing is read from the process behind your back but the default of `workingDirectory`. */
export interface LoadOptions {
  /** Relative paths (of the program and of variable files) start here; the process's working directory unless given. */
  readonly workingDirectory?: string | undefined;
  /**
   * Values for variables, as `-var` gives them: they win over everything else, and an unknown name is an error. Text is
   * converted to the variable's type; any other value is only checked.
   */
  readonly variables?: { readonly [name: string]: unknown } | undefined;
  /** Files with values for variables (`.json`, `.hcl` or `.ts`), as `-var-file` gives them; later ones win. */
  readonly variableFiles?: readonly string[] | undefined;
  /** Read `*.auto.pkrvars.json` and `*.auto.pkrvars.ts` from the folder of the program; true unless given. */
  readonly autoVariableFiles?: boolean | undefined;
  /** Where `PKR_VAR_*` are looked up; nowhere unless given. The CLI passes `process.env`. */
  readonly environment?: { readonly [name: string]: string | undefined } | undefined;
  /** What a file is whose name does not say it (row FLG-05): with `"hcl2"` an HCL template, with `"json"` a legacy JSON template. */
  readonly configType?: "json" | "hcl2" | undefined;
  /** The text of the template when its path is `-` (row INV-11): a legacy JSON template. */
  readonly standardInput?: string | undefined;
  /** HCL: ask all data sources first, then evaluate locals, in place of one graph of both (rows EVA-07, FLG-15). */
  readonly sequentialEvaluation?: boolean | undefined;
  /** What to do about names in variable files that the program does not declare (rows FLG-13, FLG-18); `"ignore"` unless given. */
  readonly undeclared?: "ignore" | "warn" | undefined;
  /**
   * What to do about variables without a value; `"error"` unless given. `"ignore"` is for telling what values a program takes, as `inspect`
   * does (row DET-05): its declarations have no value then, and what is made of them holds stand-ins. It must not be run.
   */
  readonly missingValues?: "error" | "ignore" | undefined;
  /** Keep the bundle in `.tspack/cache/` beside the program and use it again while no source file changes; true unless given. */
  readonly cache?: boolean | undefined;
  /** How long the program's top-level `await` may take, in milliseconds; 60,000 unless given. */
  readonly timeoutMs?: number | undefined;
  /** Execute data sources for `await resolved(ref)`, as `run` does; false unless given, and `resolved` then throws TPK1007. */
  readonly evaluateDatasources?: boolean | undefined;
  /**
   * HCL: load as much as can be loaded, as `run` and `validate` do. What is wrong with one source of a build stays with it
   * (`SourceDeclaration.problems`), so that builds beside it can run (rows EXIT-07, EVA-11), and blocks that `dynamic` would make of
   * what a data source answers are left out with a warning where data sources are not asked. False unless given: all that is an error then.
   */
  readonly keepGoing?: boolean | undefined;
  /**
   * Templates: read the files and the values given for variables, and evaluate nothing (row FLG-17): variables may be without a value.
   * There is no program then. An `image.ts` is evaluated all the same, since only that tells what is in it.
   */
  readonly syntaxOnly?: boolean | undefined;
  /** Where the data sources are found that are executed; the built-in ones unless given. */
  readonly catalog?: ComponentCatalog | undefined;
  /** Gives up waiting for the program; the load then rejects with a `CancelledError`. */
  readonly signal?: AbortSignal | undefined;
}

/** What came of loading a program. The user's mistakes are in `diagnostics`; a load rejects only for faults of ours and on abort. */
export interface Loaded {
  /** The program's file, absolute. */
  readonly file: string;
  /** Undefined when something kept the program from being built; `diagnostics` then has an error. */
  readonly program: Program | undefined;
  /** What the program says that it needs, also where the rest of it could not be made: `init` installs plugins by it. */
  readonly requirements?: Program["requirements"];
  readonly diagnostics: readonly Diagnostic[];
  /** Local values of an HCL template, in the order declared, for `inspect`: nothing of the program needs them any more. */
  readonly locals?: readonly Pick<VariableDeclaration, "name" | "value" | "sensitive">[] | undefined;
  /** Every file the program was made of, absolute: sources, imported data, variable files. What a watcher watches. */
  readonly dependencies: readonly string[];
  /** True when the bundle came from the cache, so that esbuild was not needed. */
  readonly cached: boolean;
  /**
   * Explains an error that code of the program throws later, during a run, with the place in the user's file.
   * Undefined when the error did not come from the program.
   */
  explain(error: unknown): Diagnostic | undefined;
}
