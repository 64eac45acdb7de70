// One case of the fuzzer: an input made from its seed, what is done with it, and what must hold.
import { type Diagnostic, hasErrors } from "@tspack/core";
import { functionEnvironment } from "../../packages/dsl/src/functions/environment.ts";
import { hclFunctions } from "../../packages/dsl/src/functions/table.ts";
import { evaluate } from "../../packages/dsl/src/hcl/eval/evaluate.ts";
import type { EvalScope } from "../../packages/dsl/src/hcl/eval/scope.ts";
import { objectValue, referenceValue, stringValue, tupleValue, type Value } from "../../packages/dsl/src/hcl/eval/value.ts";
import { formatHcl } from "../../packages/dsl/src/hcl/format/format.ts";
import { parseConfig, parseExpression, parseTemplate } from "../../packages/dsl/src/hcl/syntax/parse.ts";
import { parseJsonConfig } from "../../packages/dsl/src/hcl/syntax/parse-json.ts";
import { SourceText } from "../../packages/dsl/src/hcl/syntax/source-text.ts";
import type { Body, Expression } from "../../packages/dsl/src/hcl/syntax/tree.ts";
import { readTemplateText } from "../../packages/dsl/src/json/read-template.ts";
import { upgradeTemplate } from "../../packages/dsl/src/json/upgrade/upgrade.ts";
import { checkConversion } from "./conversion.ts";
import { type Door, doorsOf, runDoor } from "./doors.ts";
import { body, expression, json, template } from "./grammar.ts";
import { mutate, mutateJson } from "./mutate.ts";
import { Random } from "./random.ts";

/** An input and the language it is in. */
export interface Input {
  readonly language: "hcl" | "json";
  readonly text: string;
  /** The door that it is also loaded through, as a file: a share of the cases, since files take time. */
  readonly door: Door | undefined;
  /** It is also converted to TypeScript: a small share. */
  readonly isConverted: boolean;
  /** Where it came from, for messages. */
  readonly from: string;
}

/** The input of a seed. */
export function inputFor(seed: number, seeds: readonly { readonly name: string; readonly text: string }[]): Input {
  const random = new Random(seed);
  const { language, text, from } = makeInput(random, seeds);
  const door = random.chance(DOOR_SHARE) ? random.pick(doorsOf(language)) : undefined;
  return { language, text, from, door, isConverted: random.chance(CONVERTED_SHARE) };
}

/** Does with an input all that tspack does with it; files are written to `folder`. Throws when something is not as it must be. */
export async function runCase({ language, text, door, isConverted }: Input, folder: string): Promise<void> {
  const source = new SourceText("fuzz", text);
  if (language === "json") runJson(source);
  else runHcl(source);
  if (door !== undefined) await runDoor(text, door, folder);
  if (isConverted) await checkConversion(text, language, folder);
}

// --- internal ---

/** How many of the cases go through a door. */
const DOOR_SHARE = 0.1;
/** How many are converted. */
const CONVERTED_SHARE = 0.02;

function makeInput(
  random: Random,
  seeds: readonly { readonly name: string; readonly text: string }[],
): Pick<Input, "language" | "text" | "from"> {
  if (seeds.length > 0 && random.chance(0.5)) {
    const { name, text } = random.pick(seeds);
    if (!name.endsWith(".json")) return { language: "hcl", text: mutate(text, random), from: name };
    return { language: "json", text: random.chance(0.5) ? mutateJson(text, random) : mutate(text, random), from: name };
  }
  const language = random.chance(0.7) ? "hcl" : "json";
  const one = (): string => {
    if (language === "json") return json(random);
    if (random.chance(0.3)) return `x = ${expression(random)}\n`;
    return random.chance(0.4) ? template(random) : body(random);
  };
  const text = random.chance(0.02) ? random.several(5, 40, one).join("\n") : one();
  return { language, text: random.chance(0.3) ? mutate(text, random) : text, from: "grammar" };
}

/** Ask a service, take long on purpose, or differ from call to call. */
const left: ReadonlySet<string> = new Set(["bcrypt", "vault", "consul_key", "aws_secretsmanager", "aws_secretsmanager_raw", "fileset"]);

const environment = functionEnvironment({
  environment: { SOURCE_DATE_EPOCH: "1" },
  templateDirectory: "/nonexistent",
  workingDirectory: "/nonexistent",
});

const variables: ReadonlyMap<string, Value> = new Map<string, Value>([
  [
    "var",
    objectValue(
      new Map<string, Value>([
        ["x", stringValue("v")],
        ["k", tupleValue([stringValue("a"), stringValue("b")])],
      ]),
    ),
  ],
  ["local", objectValue(new Map<string, Value>([["a-b", { ...stringValue("s"), sensitive: true }]]))],
  ["data", referenceValue({ kind: "data", type: "http", name: "x", path: [] })],
  ["x", tupleValue([stringValue("1"), objectValue(new Map([["a", stringValue("z")]]))])],
]);

const scope: EvalScope = {
  variable: (name) => variables.get(name),
  variableNames: () => variables.keys(),
  function: (name) => (left.has(name) ? undefined : hclFunctions().get(name)),
  functionNames: () => hclFunctions().keys(),
  environment,
};

function runHcl(source: SourceText): void {
  const { tree, diagnostics } = parseConfig(source);
  checkPlaces(diagnostics, source);
  for (const value of expressionsIn(tree)) checkPlaces(evaluate(value, scope).diagnostics, source);
  const wanted = parseExpression(source);
  checkPlaces(wanted.diagnostics, source);
  if (!hasErrors(wanted.diagnostics)) evaluate(wanted.tree, scope);
  const template = parseTemplate(source);
  checkPlaces(template.diagnostics, source);
  if (!hasErrors(template.diagnostics)) checkPlaces(evaluate(template.tree, scope).diagnostics, source);
  if (hasErrors(diagnostics)) return;
  const formatted = formatHcl(source.text);
  if (hasErrors(parseConfig(new SourceText("formatted", formatted)).diagnostics)) throw new Error("formatting broke the text");
  if (formatHcl(formatted) !== formatted) throw new Error("formatting twice gives something else than formatting once");
}

function runJson(source: SourceText): void {
  const nested = { labels: 1, body: { blocks: {} } };
  checkPlaces(parseJsonConfig(source, { blocks: { variable: nested, source: { ...nested, labels: 2 } } }).diagnostics, source);
  const { template, diagnostics } = readTemplateText(source);
  checkPlaces(diagnostics, source);
  if (template === undefined || hasErrors(diagnostics)) return;
  const { text } = upgradeTemplate(template, { annotations: true, isBuiltIn: () => true });
  const [error] = parseConfig(new SourceText("upgraded", text)).diagnostics.filter(({ severity }) => severity === "error");
  if (error !== undefined) throw new Error(`hcl2_upgrade wrote HCL with an error: ${error.detail}\n${text}`);
}

function expressionsIn(tree: Body): Expression[] {
  return tree.items.flatMap((item) => (item.kind === "attribute" ? [item.value] : expressionsIn(item.body)));
}

/** Every place lies in the text, and every message says something. */
function checkPlaces(diagnostics: readonly Diagnostic[], source: SourceText): void {
  const lines = source.text.split("\n").length;
  for (const { summary, subject } of diagnostics) {
    if (summary === "") throw new Error("a diagnostic without a summary");
    if (subject === undefined || subject.file !== source.file) continue;
    const { start, end } = subject;
    const isOrdered = start.line < end.line || (start.line === end.line && start.column <= end.column);
    if (start.line < 1 || end.line > lines + 1 || !isOrdered)
      throw new Error(`${summary}: a place outside of the text: ${JSON.stringify(subject)}`);
  }
}
