import { type Diagnostic, didYouMean } from "@tspack/core";
import { formatHcl } from "../../hcl/format/format.ts";
import { type JsonProperty, type JsonString, rangeOf } from "../syntax/tree.ts";
import type { JsonPostProcessor, JsonProvisioner, JsonTemplate } from "../template.ts";
import { AmiFilters } from "./ami-filters.ts";
import * as notes from "./annotations.ts";
import { bodyLines, textList, valueText } from "./body.ts";
import { block, comment, escapeHcl, identifier, isIdentifier, objectKey } from "./hcl-text.ts";
import { type NamedBuilder, namedBuilders } from "./names.ts";
import { packerBlock, pluginOf } from "./plugins.ts";
import { TextRewriter, type UpgradedVariable } from "./rewriter.ts";

/** How a template is upgraded. */
export interface UpgradeOptions {
  /** Write comments that explain the parts (row FLG-32). */
  readonly annotations: boolean;
  /** Builders that are known without a plugin: `null`, `file`, … */
  readonly isBuiltIn: (builder: string) => boolean;
}

/** A template in HCL. */
export interface Upgraded {
  readonly text: string;
  /** What the user should look at. An error (row UPG-03) does not keep the text from being complete. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A legacy JSON template as one HCL file (rows UPG-01 to UPG-16). Differs from Packer where that loses something: `only` and `except`
 * name the new sources, `override` is carried over, and `build_name` is the name of the source.
 */
export function upgradeTemplate(template: JsonTemplate, options: UpgradeOptions): Upgraded {
  return new Upgrader(template, options).upgrade();
}

// --- internal ---

class Upgrader {
  readonly #template: JsonTemplate;
  readonly #options: UpgradeOptions;
  readonly #texts: TextRewriter;
  readonly #amis = new AmiFilters();
  readonly #builders: readonly NamedBuilder[];
  readonly #diagnostics: Diagnostic[] = [];

  constructor(template: JsonTemplate, options: UpgradeOptions) {
    this.#template = template;
    this.#options = options;
    this.#texts = new TextRewriter(template);
    this.#builders = namedBuilders(template);
  }

  upgrade(): Upgraded {
    // What refers to data sources and locals comes first, so that they are known; it is written last.
    const sources = this.#builders.map((named) => this.#source(named));
    const build = this.#builders.length === 0 ? [] : [this.#build()];
    const { variables } = this.#texts;
    const parts = [
      ...(this.#options.annotations ? [comment(notes.fileNote)] : []),
      ...packerBlock(this.#template),
      ...this.#section(notes.variablesNote, this.#variables(variables)),
      ...this.#section(notes.awsSecretsNote, this.#texts.awsSecrets()),
      ...this.#section(notes.amiFiltersNote, this.#amis.blocks()),
      ...this.#section(notes.timestampNote, this.#texts.usesTimestamp ? [timestampLocal] : []),
      ...this.#section(notes.localsNote, locals(variables)),
      ...this.#section(notes.sourcesNote, sources),
      ...this.#section(notes.buildNote, build),
    ];
    this.#reportUnknown();
    this.#reportNames();
    return { text: formatHcl(`${parts.join("\n\n")}\n`), diagnostics: this.#diagnostics };
  }

  /** Blocks with a comment above the first, if comments are wanted. */
  #section(note: string, blocks: readonly string[]): readonly string[] {
    const [first, ...others] = blocks;
    if (first === undefined || !this.#options.annotations) return blocks;
    return [`${comment(note)}\n${first}`, ...others];
  }

  #variables(variables: readonly UpgradedVariable[]): readonly string[] {
    const declared = variables
      .filter(({ kind }) => kind === "variable")
      .map(({ variable, text }) => ({ name: variable.name, text: text?.hcl, isSensitive: variable.isSensitive }));
    const undeclared = [...this.#texts.undeclared].map((name) => ({ name, text: undefined, isSensitive: false }));
    return [...declared, ...undeclared]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, text, isSensitive }) =>
        block(`variable "${identifier(name)}"`, [
          "type = string",
          ...(text === undefined ? [] : [`default = "${text}"`]),
          ...(isSensitive ? ["sensitive = true"] : []),
        ]),
      );
  }

  #source({ builder, name }: NamedBuilder): string {
    const { rewrite } = this.#texts;
    const text = block(`source "${escapeHcl(builder.type)}" "${name}"`, bodyLines(this.#amis.options(builder, rewrite), rewrite));
    return this.#withManualNote(text);
  }

  #build(): string {
    const { description, provisioners, errorCleanup, postProcessors } = this.#template;
    const steps = [
      ...(description === undefined ? [] : [`description = "${escapeHcl(description.value)}"`]),
      `sources = ${textList(this.#builders.map(({ builder, name }) => `source.${builder.type}.${name}`))}`,
      ...provisioners.map((step) => `\n${this.#provisioner("provisioner", step)}`),
      ...(errorCleanup === undefined ? [] : [`\n${this.#provisioner("error-cleanup-provisioner", errorCleanup)}`]),
      ...postProcessors.map(({ members }) => {
        const blocks = members.map((member) => this.#postProcessor(member));
        return members.length === 1 ? `\n${blocks[0]}` : `\n${block("post-processors", blocks)}`;
      }),
    ];
    return block("build", steps);
  }

  #provisioner(kind: string, step: JsonProvisioner): string {
    const { rewrite } = this.#texts;
    const common: { name: string; text: string }[] = this.#filters(step);
    if (step.pauseBefore !== undefined) common.push({ name: "pause_before", text: valueText(step.pauseBefore, rewrite) });
    if (step.timeout !== undefined) common.push({ name: "timeout", text: valueText(step.timeout, rewrite) });
    if (step.maxRetries !== undefined) common.push({ name: "max_retries", text: valueText(step.maxRetries, rewrite) });
    const overrides = step.override.flatMap(({ property, options }) =>
      this.#sourcesNamed(property.name).map((name) => `${objectKey(name)} = ${valueText(options, rewrite)}`),
    );
    if (overrides.length > 0) common.push({ name: "override", text: `{\n${overrides.join("\n")}\n}` });
    return this.#withManualNote(block(`${kind} "${escapeHcl(step.type)}"`, bodyLines([...step.options, ...common], rewrite)));
  }

  #postProcessor(member: JsonPostProcessor): string {
    const common: { name: string; text: string }[] = this.#filters(member);
    if (member.name !== undefined) common.push({ name: "name", text: `"${escapeHcl(member.name)}"` });
    if (member.keepInputArtifact !== undefined) common.push({ name: "keep_input_artifact", text: String(member.keepInputArtifact) });
    return this.#withManualNote(
      block(`post-processor "${escapeHcl(member.type)}"`, bodyLines([...member.options, ...common], this.#texts.rewrite)),
    );
  }

  #filters({ only, except }: Pick<JsonProvisioner, "only" | "except">): { name: string; text: string }[] {
    const names = (list: readonly JsonString[]): string => textList(list.flatMap((node) => this.#sourceReferences(node)));
    return [
      ...(only === undefined ? [] : [{ name: "only", text: names(only) }]),
      ...(except === undefined ? [] : [{ name: "except", text: names(except) }]),
    ];
  }

  /** `type.name` of the sources that a builder's name means. */
  #sourceReferences(node: JsonString): readonly string[] {
    const found = this.#builders.filter(({ builder }) => builder.rawName === node.value);
    if (found.length > 0) return found.map(({ builder, name }) => `${builder.type}.${name}`);
    this.#diagnostics.push({
      severity: "warning",
      code: "TPK3109",
      summary: "Unknown builder",
      detail: `There is no builder with the name ${JSON.stringify(node.value)}.`,
      hint: didYouMean(
        node.value,
        this.#builders.map(({ builder }) => builder.rawName),
      ),
      subject: rangeOf(node),
    });
    return [node.value];
  }

  #sourcesNamed(rawName: string): readonly string[] {
    return this.#builders.filter(({ builder }) => builder.rawName === rawName).map(({ name }) => name);
  }

  /** A block, with what is left to do in it above. */
  #withManualNote(text: string): string {
    const calls = this.#texts.takeUnhandled();
    return calls.length === 0 ? text : `${comment(notes.manualNote(calls))}\n${text}`;
  }

  /** Names that HCL cannot write, and what became of them. */
  #reportNames(): void {
    const { variables, builders, provisioners, postProcessors } = this.#template;
    const report = (property: JsonProperty, outcome: string): void => {
      this.#diagnostics.push({
        severity: "warning",
        code: "TPK2401",
        summary: "Name not possible in HCL",
        detail: `${JSON.stringify(property.name)} is no name in HCL: ${outcome}`,
        subject: rangeOf(property),
      });
    };
    for (const { name, property } of variables) {
      if (!isIdentifier(name)) report(property, `the variable is called ${identifier(name)} now.`);
    }
    for (const { options } of [...builders, ...provisioners, ...postProcessors.flatMap(({ members }) => members)]) {
      for (const property of options) {
        if (!isIdentifier(property.name)) report(property, "the option stands in a comment, and has no effect.");
      }
    }
  }

  /** Row UPG-03. */
  #reportUnknown(): void {
    for (const { builder } of this.#builders) {
      if (pluginOf(builder.type) !== undefined || this.#options.isBuiltIn(builder.type)) continue;
      this.#diagnostics.push({
        severity: "error",
        code: "TPK3101",
        summary: "Unknown builder type",
        detail: `It is not known which plugin the builder ${JSON.stringify(builder.type)} comes from, so required_plugins does not name it. The file was written nevertheless.`,
        hint: "Add the plugin to required_plugins in the packer block.",
        subject: rangeOf(builder.node),
      });
    }
  }
}

const timestampLocal = 'locals { timestamp = regex_replace(timestamp(), "[- TZ:]", "") }';

/** Sensitive ones as `local` blocks, the others together (row UPG-05). */
function locals(variables: readonly UpgradedVariable[]): readonly string[] {
  const all = variables.filter(({ kind }) => kind === "local");
  const sensitive = all.filter(({ variable }) => variable.isSensitive);
  const plain = all.filter(({ variable }) => !variable.isSensitive);
  return [
    ...sensitive.map(({ variable, text }) =>
      block(`local "${identifier(variable.name)}"`, ["sensitive = true", `expression = "${text?.hcl ?? ""}"`]),
    ),
    ...(plain.length === 0
      ? []
      : [
          block(
            "locals",
            plain.map(({ variable, text }) => `${identifier(variable.name)} = "${text?.hcl ?? ""}"`),
          ),
        ]),
  ];
}
