// What a Packer configuration declares, found in its syntax trees before anything is evaluated. `image.ts` is made from this by the
// converter, and the Program by evaluation.
import type { Diagnostic } from "@tspack/core";
import type { SourceText } from "../syntax/source-text.ts";
import type { Attribute, Block, Body, Expression } from "../syntax/tree.ts";

/** A configuration: all files of a folder, or one file. Everything in the order of files, then of lines. */
export interface Configuration {
  /** Folder of the template, absolute. */
  readonly root: string;
  /** Folder of the template as the user named it, with forward slashes: what `path.root` is (row REF-04). */
  readonly givenRoot: string;
  /** True if it is all of a folder; then variable files of the folder are read too (rows FIL-01, FIL-06). */
  readonly isFolder: boolean;
  readonly files: readonly ConfigurationFile[];
  readonly packer: readonly PackerBlock[];
  readonly variables: readonly VariableBlock[];
  readonly locals: readonly LocalDeclaration[];
  readonly datasources: readonly DataBlock[];
  readonly sources: readonly SourceBlock[];
  readonly builds: readonly BuildBlock[];
  /** `hcp_packer_registry` at the root. */
  readonly registries: readonly Block[];
  /** Accepted and ignored, as Packer does (rows BLK-17, BLK-18). */
  readonly ignored: readonly Block[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ConfigurationFile {
  readonly source: SourceText;
  readonly body: Body;
}

/** `packer { required_version, required_plugins }` */
export interface PackerBlock {
  readonly block: Block;
  readonly requiredVersion?: Attribute | undefined;
  readonly requiredPlugins: readonly Attribute[];
}

/** A `variable` block, or one line of `variables`. */
export interface VariableBlock {
  readonly name: string;
  /** The block, or the attribute in `variables`. */
  readonly node: Block | Attribute;
  readonly type?: Attribute | undefined;
  readonly default?: Expression | undefined;
  readonly description?: Attribute | undefined;
  readonly sensitive?: Attribute | undefined;
  readonly validations: readonly ValidationBlock[];
}

export interface ValidationBlock {
  readonly block: Block;
  readonly condition: Expression;
  readonly errorMessage: Expression;
}

/** One line of `locals`, or a `local` block. */
export interface LocalDeclaration {
  readonly name: string;
  readonly node: Block | Attribute;
  readonly value: Expression;
  /** Of a `local` block. */
  readonly sensitive: boolean;
}

export interface DataBlock {
  readonly type: string;
  readonly name: string;
  readonly block: Block;
}

export interface SourceBlock {
  readonly type: string;
  readonly name: string;
  readonly block: Block;
}

/** A `build` block. */
export interface BuildBlock {
  readonly block: Block;
  readonly name?: Attribute | undefined;
  readonly description?: Attribute | undefined;
  readonly sources?: Attribute | undefined;
  /** All nested blocks in order, `dynamic` ones too: source, provisioner, post-processor, … */
  readonly blocks: readonly Block[];
}
