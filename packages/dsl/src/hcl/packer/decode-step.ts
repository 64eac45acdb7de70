// Provisioners and post-processors of one source: the common arguments apart from the component's own (rows META-01 to META-11).
import type { Config, PostProcessorDeclaration, ProvisionerDeclaration } from "@tspack/core";
import { boolType, listOf, numberType, stringType, type Type } from "../eval/type.ts";
import type { Block } from "../syntax/tree.ts";
import { configOf, type DecodedBody, decodeBody } from "./decode-body.ts";
import type { Decoding } from "./decoding.ts";
import { headOf, originOf } from "./located.ts";
import { blockTitle, problemAt } from "./problem.ts";
import type { Place } from "./template-scope.ts";

const provisionerArguments = ["name", "pause_before", "timeout", "max_retries", "continue_on_error", "only", "except", "override"];
const postProcessorArguments = ["name", "keep_input_artifact", "only", "except"];

/** A `provisioner` or `error-cleanup-provisioner` block for one source. */
export function decodeProvisioner(block: Block, at: Place, decoding: Decoding): ProvisionerDeclaration {
  const type = block.labels[0]?.text ?? "";
  const step = new Step(block, at, decoding, decoding.spec("provisioner", type));
  step.refuseBlocks(provisionerArguments);
  return {
    type,
    config: step.config(provisionerArguments),
    name: step.text("name"),
    pause_before: step.value("pause_before", stringType),
    timeout: step.value("timeout", stringType),
    max_retries: step.value("max_retries", numberType),
    continue_on_error: step.value("continue_on_error", boolType),
    only: step.names("only"),
    except: step.names("except"),
    override: step.override(),
    origin: originOf(step.body, blockTitle(block)),
  };
}

/** A `post-processor` block for one source. */
export function decodePostProcessor(block: Block, at: Place, decoding: Decoding): PostProcessorDeclaration {
  const type = block.labels[0]?.text ?? "";
  const step = new Step(block, at, decoding, decoding.spec("post-processor", type));
  step.refuseBlocks(postProcessorArguments);
  return {
    type,
    config: step.config(postProcessorArguments),
    name: step.text("name"),
    keep_input_artifact: step.value("keep_input_artifact", boolType),
    only: step.names("only"),
    except: step.names("except"),
    origin: originOf(step.body, blockTitle(block)),
  };
}

// --- internal ---

class Step {
  readonly body: DecodedBody;
  readonly #decoding: Decoding;
  readonly #where: string;

  constructor(block: Block, at: Place, decoding: Decoding, spec: ReturnType<Decoding["spec"]>) {
    this.#decoding = decoding;
    this.#where = `in ${blockTitle(block)}`;
    this.body = decodeBody([{ body: block.body, at }], decoding, { where: this.#where, head: headOf(block), spec });
  }

  config(common: readonly string[]): Config {
    return configOf(this.body, this.#decoding, common);
  }

  refuseBlocks(common: readonly string[]): void {
    for (const name of common) {
      const [block] = this.body.blocks.get(name) ?? [];
      if (block === undefined) continue;
      this.#decoding.report(
        problemAt(block.head, {
          code: "TPK2201",
          summary: "Unsupported block type",
          detail: `"${name}" is an argument of every step, and no block.`,
          hint: `Write an equals sign: ${name} = …`,
          where: this.#where,
        }),
      );
    }
  }

  /** A value that may become known while the build runs. */
  value(name: string, type: Type): unknown {
    const found = this.body.placed.get(name);
    return found === undefined ? undefined : this.#decoding.programValue(found.attribute.value, found.at, this.#where, type);
  }

  text(name: string): string | undefined {
    const found = this.body.placed.get(name);
    return found === undefined ? undefined : this.#decoding.text(found.attribute.value, found.at, this.#where);
  }

  names(name: string): readonly string[] | undefined {
    const found = this.body.placed.get(name);
    if (found === undefined) return undefined;
    const names = this.#decoding.constant(found.attribute.value, listOf(stringType), found.at, this.#where);
    if (!Array.isArray(names)) return undefined;
    return names.filter((one): one is string => typeof one === "string");
  }

  /** Options by source name (row META-07). */
  override(): { readonly [source: string]: Config } | undefined {
    const found = this.body.placed.get("override");
    if (found === undefined) return undefined;
    const expression = found.attribute.value;
    const value = this.#decoding.structure(expression, found.at, this.#where);
    if (value === undefined || value.kind === "null") return undefined;
    const isMap = value.kind === "record" && [...value.entries.values()].every(({ kind }) => kind === "record" || kind === "null");
    if (!isMap) {
      this.#decoding.report(
        problemAt(expression, {
          code: "TPK2104",
          summary: "Incorrect argument value type",
          detail: "override must be an object of options by source name.",
          hint: 'For example: override = { debian = { inline = ["true"] } }',
          where: this.#where,
        }),
      );
      return undefined;
    }
    const options = this.#decoding.programValue(expression, found.at, this.#where);
    return isOverride(options) ? options : undefined;
  }
}

function isOverride(value: unknown): value is { readonly [source: string]: Config } {
  return typeof value === "object" && value !== null;
}
