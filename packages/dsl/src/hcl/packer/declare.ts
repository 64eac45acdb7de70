// From the syntax trees of all files to the declarations in them. The shape of the blocks was checked before: what does not fit is left out.
import type { Diagnostic } from "@tspack/core";
import type { Attribute, Block, Body } from "../syntax/tree.ts";
import { attributesOf, blocksOf, findAttribute } from "./body.ts";
import { constantBool } from "./constant.ts";
import type {
  BuildBlock,
  Configuration,
  ConfigurationFile,
  DataBlock,
  LocalDeclaration,
  PackerBlock,
  SourceBlock,
  VariableBlock,
} from "./declarations.ts";
import { duplicates } from "./duplicates.ts";
import { blockTitle, problemAt } from "./problem.ts";
import { variableFromBlock } from "./variable-block.ts";

/** A configuration without what is known about its files. */
type Found = Omit<Configuration, "root" | "givenRoot" | "isFolder" | "files">;

/** Everything that the files declare, with what is wrong about names. */
export function declarationsIn(files: readonly ConfigurationFile[]): Found {
  const found = new Declarations();
  for (const { body } of files) found.addFile(body);
  return found.finish();
}

// --- internal ---

class Declarations {
  readonly #packer: PackerBlock[] = [];
  readonly #variables: VariableBlock[] = [];
  readonly #locals: LocalDeclaration[] = [];
  readonly #datasources: DataBlock[] = [];
  readonly #sources: SourceBlock[] = [];
  readonly #builds: BuildBlock[] = [];
  readonly #registries: Block[] = [];
  readonly #ignored: Block[] = [];
  readonly #diagnostics: Diagnostic[] = [];

  addFile(body: Body): void {
    for (const block of blocksOf(body)) this.#addBlock(block);
  }

  finish(): Found {
    const name = ({ type, name }: { readonly type: string; readonly name: string }): string => `${type}.${name}`;
    this.#diagnostics.push(
      ...duplicates(
        "variable",
        this.#variables.map((one) => ({ name: one.name, at: headOf(one.node) })),
      ),
      ...duplicates(
        "local",
        this.#locals.map((one) => ({ name: one.name, at: headOf(one.node) })),
      ),
      ...duplicates(
        "data source",
        this.#datasources.map((one) => ({ name: name(one), at: headOf(one.block) })),
      ),
      ...duplicates(
        "source",
        this.#sources.map((one) => ({ name: name(one), at: headOf(one.block) })),
      ),
    );
    return {
      packer: this.#packer,
      variables: this.#variables,
      locals: this.#locals,
      datasources: this.#datasources,
      sources: this.#sources,
      builds: this.#builds,
      registries: this.#registries,
      ignored: this.#ignored,
      diagnostics: this.#diagnostics,
    };
  }

  #addBlock(block: Block): void {
    const [first, second] = block.labels;
    switch (block.type) {
      case "packer":
        this.#packer.push({
          block,
          requiredVersion: findAttribute(block.body, "required_version"),
          requiredPlugins: blocksOf(block.body)
            .filter(({ type }) => type === "required_plugins")
            .flatMap(({ body }) => attributesOf(body)),
        });
        break;
      case "variable":
        if (first !== undefined) this.#addVariable(block, first.text);
        break;
      case "variables":
        for (const node of attributesOf(block.body)) {
          this.#checkName("variable", node.name, node);
          this.#variables.push({ name: node.name, node, default: node.value, validations: [] });
        }
        break;
      case "locals":
        for (const node of attributesOf(block.body)) {
          this.#checkName("local", node.name, node);
          this.#locals.push({ name: node.name, node, value: node.value, sensitive: false });
        }
        break;
      case "local":
        if (first !== undefined) this.#addLocal(block, first.text);
        break;
      case "data":
        if (first !== undefined && second !== undefined) {
          this.#checkName("data source", second.text, block);
          this.#datasources.push({ type: first.text, name: second.text, block });
        }
        break;
      case "source":
        if (first !== undefined && second !== undefined) this.#sources.push({ type: first.text, name: second.text, block });
        break;
      case "build":
        this.#addBuild(block);
        break;
      case "hcp_packer_registry":
        this.#registries.push(block);
        break;
      case "communicator":
        this.#ignored.push(block);
        break;
    }
  }

  #addVariable(block: Block, name: string): void {
    this.#checkName("variable", name, block);
    const { variable, diagnostics } = variableFromBlock(name, block);
    this.#variables.push(variable);
    this.#diagnostics.push(...diagnostics);
  }

  #addLocal(block: Block, name: string): void {
    this.#checkName("local", name, block);
    const value = findAttribute(block.body, "expression")?.value;
    if (value === undefined) return;
    const sensitive = findAttribute(block.body, "sensitive");
    const isSensitive = sensitive === undefined ? false : constantBool(sensitive.value);
    if (sensitive !== undefined && isSensitive === undefined) {
      this.#diagnostics.push(
        problemAt(sensitive.value, {
          code: "TPK2201",
          summary: "Not a constant",
          detail: "sensitive must be true or false as such: it is read before anything is evaluated.",
          where: `in ${blockTitle(block)}`,
        }),
      );
    }
    // In doubt a value is hidden.
    this.#locals.push({ name, node: block, value, sensitive: isSensitive ?? true });
  }

  #addBuild(block: Block): void {
    const blocks = blocksOf(block.body);
    this.#ignored.push(...blocks.filter(({ type }) => type === "from"));
    const cleanups = blocks.filter(({ type }) => type === "error-cleanup-provisioner");
    const [first, second] = cleanups;
    if (first !== undefined && second !== undefined) {
      const { typeNode } = first;
      this.#diagnostics.push(
        problemAt(second.typeNode, {
          code: "TPK2202",
          summary: "Second error-cleanup-provisioner",
          detail: "A build has at most one error-cleanup-provisioner.",
          where: "in build",
          related: [{ at: typeNode.source.range(typeNode.start, typeNode.end), message: "The other one is here." }],
        }),
      );
    }
    this.#builds.push({
      block,
      name: findAttribute(block.body, "name"),
      description: findAttribute(block.body, "description"),
      sources: findAttribute(block.body, "sources"),
      blocks,
    });
  }

  /** Row BLK-03. */
  #checkName(kind: string, name: string, node: Block | Attribute): void {
    if (/^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(name)) return;
    this.#diagnostics.push(
      problemAt(headOf(node), {
        code: "TPK2201",
        summary: "Invalid name",
        detail: `"${name}" is no name for a ${kind}: it must start with a letter or an underscore, and only letters, digits, underscores and dashes may follow.`,
      }),
    );
  }
}

/** What is marked of a declaration: the last label of a block, the name of an attribute. */
function headOf(node: Block | Attribute): Block["typeNode"] {
  if (node.kind === "attribute") return node.nameNode;
  return node.labels.at(-1) ?? node.typeNode;
}
