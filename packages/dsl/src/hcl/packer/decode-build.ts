// A `build` block (rows BLK-10 to BLK-16, SEL-05): its sources, and for each of them the steps, evaluated with that source's names.
import {
  type BuildDeclaration,
  type Config,
  didYouMean,
  type PostProcessorDeclaration,
  type ProvisionerDeclaration,
  type SourceDeclaration,
} from "@tspack/core";
import { listOf, stringType } from "../eval/type.ts";
import type { Block, Body, Node } from "../syntax/tree.ts";
import { buildBlocks, chainShape } from "./block-shapes.ts";
import { findAttribute } from "./body.ts";
import { checkBlock } from "./check-shape.ts";
import { constantText } from "./constant.ts";
import type { BuildBlock, SourceBlock } from "./declarations.ts";
import { configOf, decodeBody } from "./decode-body.ts";
import { decodeRegistry } from "./decode-registry.ts";
import { decodePostProcessor, decodeProvisioner } from "./decode-step.ts";
import type { Decoding } from "./decoding.ts";
import { expandBlocks } from "./dynamic.ts";
import { type ExpandedBlock, noLayer } from "./layer.ts";
import { headOf, originAt, originOf } from "./located.ts";
import { blockTitle, problemAt } from "./problem.ts";
import type { Place } from "./template-scope.ts";

/** What a build makes; `registry` is the one at the root of the template. */
export function decodeBuild(build: BuildBlock, registry: Block | undefined, decoding: Decoding): BuildDeclaration {
  return new BuildDecoder(build, decoding).decode(registry);
}

// --- internal ---

/** A source as one build uses it. */
interface SourceUse {
  readonly source: SourceBlock;
  /** Local name. */
  readonly name: string;
  /** What the build adds. */
  readonly added: Body | undefined;
  readonly addedBy: ExpandedBlock | undefined;
}

class BuildDecoder {
  readonly #build: BuildBlock;
  readonly #decoding: Decoding;
  readonly #root: Place;
  readonly #where: string;
  readonly #sources: ReadonlyMap<string, SourceBlock>;

  constructor(build: BuildBlock, decoding: Decoding) {
    this.#build = build;
    this.#decoding = decoding;
    this.#root = decoding.template.at({ kind: "root" });
    const name = build.name === undefined ? undefined : constantText(build.name.value);
    this.#where = name === undefined ? "in build" : `in build ${JSON.stringify(name)}`;
    this.#sources = new Map(decoding.template.configuration.sources.map((one) => [`${one.type}.${one.name}`, one]));
  }

  decode(registry: Block | undefined): BuildDeclaration {
    const { name: nameArgument, description } = this.#build;
    const name = nameArgument === undefined ? undefined : this.#decoding.text(nameArgument.value, this.#root, this.#where);
    const blocks = this.#expand(this.#build.block.body, buildBlocks);
    const uses = [...this.#listedSources(), ...this.#sourceBlocks(blocks)];
    if (uses.length === 0 && this.#decoding.isWell) this.#complainOfNoSource();
    return {
      name,
      description: description === undefined ? undefined : this.#decoding.text(description.value, this.#root, this.#where),
      registry: this.#registry(blocks, registry),
      sources: uses.map((use) => this.#sourceApart(use, name ?? "", blocks)),
      origin: originAt(this.#build.block.typeNode),
    };
  }

  #expand(body: Body, shapes: typeof buildBlocks): readonly ExpandedBlock[] {
    const expanded = expandBlocks(body, this.#root, noLayer, this.#decoding, this.#where);
    // What stands there as such was checked when it was read; what dynamic made was not.
    return expanded.filter(({ block, layer }) => {
      if (layer === noLayer) return Object.hasOwn(shapes, block.type);
      const problems = checkBlock(block, { attributes: {}, blocks: shapes }, this.#where);
      this.#decoding.report(...problems);
      return problems.length === 0;
    });
  }

  #listedSources(): readonly SourceUse[] {
    const { sources } = this.#build;
    if (sources === undefined) return [];
    const list = this.#decoding.constant(sources.value, listOf(stringType), this.#root, this.#where);
    if (!Array.isArray(list)) return [];
    const elements = sources.value.kind === "tuple" ? sources.value.elements : [];
    return list.flatMap((reference: unknown, index) => {
      const node = elements.length === list.length ? (elements[index]?.value ?? sources.value) : sources.value;
      if (typeof reference !== "string") return [];
      const source = this.#find(reference, node);
      return source === undefined ? [] : [{ source, name: source.name, added: undefined, addedBy: undefined }];
    });
  }

  #sourceBlocks(blocks: readonly ExpandedBlock[]): readonly SourceUse[] {
    return blocks.flatMap((expanded) => {
      const { block, layer } = expanded;
      if (block.type !== "source") return [];
      const [label] = block.labels;
      const source = label === undefined ? undefined : this.#find(label.text, label);
      if (source === undefined) return [];
      const rename = findAttribute(block.body, "name");
      const name =
        rename === undefined ? undefined : this.#decoding.text(rename.value, layer(this.#root), `in source ${JSON.stringify(label?.text)}`);
      const added = { ...block.body, items: block.body.items.filter((item) => item !== rename) };
      return [{ source, name: name ?? source.name, added, addedBy: expanded }];
    });
  }

  #find(reference: string, node: Node): SourceBlock | undefined {
    // Of three or more words Packer takes the second and the third, whatever the first is.
    const words = reference.split(".");
    const key = this.#sources.has(reference) || words.length < 3 ? reference : words.slice(1, 3).join(".");
    const source = this.#sources.get(key);
    if (source !== undefined) return source;
    const names = [...this.#sources.keys()];
    const isReference = /^[^.]+\.[^.]+/.test(key);
    this.#decoding.report(
      problemAt(node, {
        code: "TPK2102",
        summary: isReference ? "Unknown source" : "Invalid source reference",
        detail: isReference ? `There is no source "${key}".` : `"${reference}" is no reference to a source: it is written as type.name.`,
        hint: didYouMean(key, names) ?? (names.length === 0 ? 'Declare it: source "TYPE" "NAME" { … }' : `There is ${names.join(", ")}.`),
        where: this.#where,
      }),
    );
    return undefined;
  }

  /** What is wrong with it goes where `keepGoing` says: to this source of this build, or to all else. */
  #sourceApart(use: SourceUse, build: string, blocks: readonly ExpandedBlock[]): SourceDeclaration {
    if (!this.#decoding.keepsGoing) return this.#source(use, build, blocks);
    const { made, problems } = this.#decoding.apart(() => this.#source(use, build, blocks));
    return problems.length === 0 ? made : { ...made, problems };
  }

  #source({ source, name, added, addedBy }: SourceUse, build: string, blocks: readonly ExpandedBlock[]): SourceDeclaration {
    const names = { type: source.type, name };
    const decoding = this.#decoding;
    const at = decoding.template.at({ kind: "source", source: names });
    const where = `in source ${JSON.stringify(source.type)} ${JSON.stringify(source.name)}`;
    const body = decodeBody(
      [{ body: source.block.body, at }, ...(added === undefined ? [] : [{ body: added, at: addedBy?.layer(at) ?? at }])],
      decoding,
      { where, head: headOf(source.block), spec: decoding.spec("builder", source.type) },
    );
    const step = decoding.template.at({ kind: "step", source: names, build });
    return {
      type: source.type,
      name,
      sourceName: name === source.name ? undefined : source.name,
      config: configOf(body, decoding),
      ...this.#steps(blocks, step),
      origin: originOf(body, blockTitle(source.block)),
    };
  }

  #steps(blocks: readonly ExpandedBlock[], at: Place): Pick<SourceDeclaration, "provisioners" | "errorCleanup" | "postProcessors"> {
    const provisioners: ProvisionerDeclaration[] = [];
    const postProcessors: (readonly PostProcessorDeclaration[])[] = [];
    let errorCleanup: ProvisionerDeclaration | undefined;
    for (const { block, layer } of blocks) {
      switch (block.type) {
        case "provisioner":
          provisioners.push(decodeProvisioner(block, layer(at), this.#decoding));
          break;
        case "error-cleanup-provisioner":
          // Two that are written out were told when the template was read.
          if (errorCleanup !== undefined && layer !== noLayer) this.#complainOfSecondCleanup(block);
          errorCleanup = decodeProvisioner(block, layer(at), this.#decoding);
          break;
        case "post-processor":
          postProcessors.push([decodePostProcessor(block, layer(at), this.#decoding)]);
          break;
        case "post-processors": {
          const chain = this.#chain(block, layer(this.#root), layer(at));
          if (chain.length > 0) postProcessors.push(chain);
          break;
        }
      }
    }
    return { provisioners, errorCleanup, postProcessors };
  }

  /** The structure of a chain is that of the build: it does not depend on the source. */
  #chain(block: Block, root: Place, at: Place): readonly PostProcessorDeclaration[] {
    return expandBlocks(block.body, root, noLayer, this.#decoding, this.#where).flatMap(({ block: inner, layer }) => {
      if (layer !== noLayer) {
        const problems = checkBlock(inner, chainShape.body, this.#where);
        this.#decoding.report(...problems);
        if (problems.length > 0) return [];
      }
      return inner.type === "post-processor" ? [decodePostProcessor(inner, layer(at), this.#decoding)] : [];
    });
  }

  #registry(blocks: readonly ExpandedBlock[], atRoot: Block | undefined): Config | undefined {
    const [own, second] = blocks.filter(({ block }) => block.type === "hcp_packer_registry");
    const decoding = this.#decoding;
    if (own === undefined) return atRoot === undefined ? undefined : decodeRegistry(atRoot, this.#root, decoding);
    const other = second?.block ?? atRoot;
    const { typeNode } = own.block;
    if (other !== undefined) {
      const at = typeNode.source.range(typeNode.start, typeNode.end);
      decoding.report(
        problemAt(other.typeNode, {
          code: "TPK2202",
          summary: "Second hcp_packer_registry",
          detail: "A build has one hcp_packer_registry: its own, or that at the root of the template.",
          hint: "Keep the one at the root.",
          where: this.#where,
          related: [{ at, message: "The other one is here." }],
        }),
      );
    }
    decoding.report(
      problemAt(typeNode, {
        severity: "warning",
        code: "TPK2207",
        summary: "Outdated place of a block",
        detail: "hcp_packer_registry in a build is outdated.",
        hint: "Move it out of the build, to the root of the template.",
        where: this.#where,
      }),
    );
    return decodeRegistry(own.block, own.layer(this.#root), decoding);
  }

  #complainOfSecondCleanup(block: Block): void {
    const detail = "A build has at most one error-cleanup-provisioner.";
    this.#decoding.report(
      problemAt(block.typeNode, { code: "TPK2202", summary: "Second error-cleanup-provisioner", detail, where: this.#where }),
    );
  }

  #complainOfNoSource(): void {
    this.#decoding.report(
      problemAt(this.#build.block.typeNode, {
        code: "TPK2201",
        summary: "Missing source",
        detail: "The build has no source, so there is nothing to build.",
        hint: 'Name one: sources = ["source.TYPE.NAME"]',
        where: this.#where,
      }),
    );
  }
}
