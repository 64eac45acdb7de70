// From a text with Go template calls to the inside of an HCL string (rows UPG-14, UPG-15). What HCL can say becomes `${…}`; any
// other action stays a Go template, which the component renders, with HCL's values put into it as literals.
import {
  type TemplateBody as Body,
  type TemplateCommand as Command,
  type TemplateOperand as Operand,
  type TemplatePipeline as Pipeline,
  parseGoTemplate,
} from "@tspack/core";
import { escapeHcl, isIdentifier } from "./hcl-text.ts";

/** How calls that need the rest of the template are written in HCL, without `${}`. */
export interface CallTexts {
  user(name: string): string;
  /** A secret of AWS: the value of a data source. */
  awsSecret(name: string, key: string | undefined): string;
  /** The generated local that stands for `{{timestamp}}`. */
  timestamp(): string;
}

/** A text in HCL. */
export interface UpgradedText {
  /** What stands between the quotes. */
  readonly hcl: string;
  /** True if any call was made HCL: then the text is no constant. `env` alone does not count. */
  readonly hasExpressions: boolean;
  /** Names of calls that stay Go templates and want a look (row UPG-15). */
  readonly unhandled: readonly string[];
}

/** Rewrites a text. One that is no Go template, or a wrong one, stays as it is. */
export function upgradeText(text: string, calls: CallTexts): UpgradedText {
  const template = text.includes("{{") ? parsed(text) : undefined;
  if (template === undefined) return { hcl: escapeHcl(text), hasExpressions: false, unhandled: [] };
  const rewriter = new Rewriter(calls);
  const hcl = rewriter.body(template);
  return { hcl, hasExpressions: rewriter.hasExpressions, unhandled: [...rewriter.unhandled] };
}

// --- internal ---

/** Calls that change text, which HCL writes in another way: left to the reader, as Packer leaves them. */
const manualCalls: ReadonlySet<string> = new Set([
  "lower",
  "upper",
  "split",
  "replace",
  "replace_all",
  "clean_resource_name",
  "clean_ami_name",
  "clean_image_name",
]);

/** Every name may be called: plugins bring their own. */
class EveryName extends Set<string> {
  override has(): boolean {
    return true;
  }
}

function parsed(text: string): Body | undefined {
  try {
    const { body, defined } = parseGoTemplate(text, new EveryName());
    return defined.size === 0 ? body : undefined;
  } catch {
    // Not a template after all, or a wrong one: whoever renders it says so.
    return undefined;
  }
}

class Rewriter {
  hasExpressions = false;
  readonly unhandled = new Set<string>();
  readonly #calls: CallTexts;

  constructor(calls: CallTexts) {
    this.#calls = calls;
  }

  body(body: Body): string {
    return body
      .map((node) => {
        switch (node.kind) {
          case "text":
            return escapeHcl(node.text);
          case "action":
            return this.#action(node.pipeline);
          case "if":
          case "with":
          case "range": {
            const otherwise = node.otherwise.length === 0 ? "" : `{{ else }}${this.body(node.otherwise)}`;
            return `{{ ${node.kind} ${this.#pipeline(node.pipeline)} }}${this.body(node.body)}${otherwise}{{ end }}`;
          }
          case "template":
            return `{{ template ${literal(node.name)}${node.pipeline === undefined ? "" : ` ${this.#pipeline(node.pipeline)}`} }}`;
          default:
            return `{{ ${node.kind} }}`;
        }
      })
      .join("");
  }

  #action(pipeline: Pipeline): string {
    const [command] = pipeline.commands;
    if (pipeline.variables.length === 0 && pipeline.commands.length === 1 && command !== undefined) {
      const [only] = command.operands;
      if (only.kind === "string" && command.operands.length === 1) return escapeHcl(only.value);
      const expression = this.#expression(command);
      if (expression !== undefined) return `\${${expression}}`;
    }
    return `{{ ${this.#pipeline(pipeline)} }}`;
  }

  /** A call as an expression of HCL, if it is one. */
  #expression({ operands }: Command): string | undefined {
    const [first, ...rest] = operands;
    if (first.kind !== "call") return undefined;
    const args: string[] = [];
    for (const operand of rest) {
      if (operand.kind !== "string") return undefined;
      args.push(operand.value);
    }
    const written = this.#call(first.name, args);
    if (written !== undefined && first.name !== "env") this.hasExpressions = true;
    return written;
  }

  #call(name: string, args: readonly string[]): string | undefined {
    const [first, second] = args;
    const quoted = args.map((arg) => `"${escapeHcl(arg)}"`).join(", ");
    switch (name) {
      case "user":
        return first === undefined ? undefined : this.#calls.user(first);
      case "env":
        return first === undefined ? undefined : `env(${quoted})`;
      case "build":
        return first === undefined || !isIdentifier(first) ? undefined : `build.${first}`;
      case "aws_secretsmanager":
        return first === undefined ? undefined : this.#calls.awsSecret(first, second);
      case "timestamp":
        return this.#calls.timestamp();
      case "isotime":
        return `legacy_isotime(${quoted})`;
      case "strftime":
        return `legacy_strftime(${quoted})`;
      case "consul_key":
      case "vault":
      case "aws_secretsmanager_raw":
        return `${name}(${quoted})`;
      default:
        return args.length > 0 ? undefined : plainCalls[name];
    }
  }

  /** Go's own notation, a pipe written as the call it is, and values of HCL as literals in backquotes. */
  #pipeline({ variables, assigns, commands }: Pipeline): string {
    const start = variables.length === 0 ? "" : `${variables.join(", ")} ${assigns ? "=" : ":="} `;
    const [first, ...others] = commands;
    if (first === undefined) return start;
    let text = this.#command(first);
    // `x | f a` is `f a x`.
    let isSimple = first.operands.length === 1 && first.operands[0].kind !== "call";
    for (const command of others) {
      const piped = isSimple || text.startsWith("`") ? text : `(${text})`;
      text = `${this.#operands(command)} ${piped}`;
      isSimple = false;
    }
    return start + text;
  }

  #command(command: Command): string {
    const expression = this.#expression(command);
    return expression === undefined ? this.#operands(command) : `\`\${${expression}}\``;
  }

  #operands({ operands }: Command): string {
    const [first] = operands;
    if (first.kind === "call" && manualCalls.has(first.name)) this.unhandled.add(first.name);
    return operands.map((operand, index) => this.#operand(operand, index > 0)).join(" ");
  }

  #operand(operand: Operand, isArgument: boolean): string {
    switch (operand.kind) {
      case "dot":
        return ".";
      case "nil":
        return "nil";
      case "boolean":
      case "number":
        return String(operand.value);
      case "string":
        return literal(operand.value);
      case "field":
        return `.${operand.names.join(".")}`;
      case "variable":
        return [operand.name, ...operand.names].join(".");
      case "chain":
        return `${this.#operand(operand.of, false)}.${operand.names.join(".")}`;
      case "call": {
        const value = isArgument ? this.#expression({ operands: [operand], at: operand.at }) : undefined;
        return value === undefined ? operand.name : `\`\${${value}}\``;
      }
      case "pipeline": {
        const inner = this.#pipeline(operand.pipeline);
        return inner.startsWith("`") && inner.endsWith("`") && !inner.slice(1, -1).includes("`") ? inner : `(${inner})`;
      }
    }
  }
}

/** Calls without arguments that are a name in HCL. A build block made from JSON has no name: a source has the builder's. */
const plainCalls: { readonly [name: string]: string | undefined } = {
  build_name: "source.name",
  build_type: "source.type",
  template_dir: "path.root",
  pwd: "path.cwd",
  packer_version: "packer.version",
  uuid: "uuidv4()",
};

/** A text in Go's notation inside an HCL string: in backquotes, where it holds none. */
function literal(text: string): string {
  return text.includes("`") ? escapeHcl(JSON.stringify(text)) : `\`${escapeHcl(text)}\``;
}
