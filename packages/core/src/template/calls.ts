// The calls that Packer adds to Go's templates (rows TPL-01..20).
import { randomBytes } from "node:crypto";
import { dirname, resolve } from "node:path";
import { didYouMean } from "../diagnostics/suggest.ts";
import { builtins, type Call, intOf, textOf } from "./builtins.ts";
import { type TemplateContext, TemplateError } from "./context.ts";
import { LateValue } from "./evaluate.ts";
import { formatGoTime, RFC3339 } from "./go-time.ts";
import { strftime } from "./strftime.ts";
import { fromOutside } from "./values.ts";

/** Names of calls that read secrets stores. They work in the variables section of legacy JSON alone. */
const STORES = ["consul_key", "vault", "aws_secretsmanager", "aws_secretsmanager_raw"];

/** All calls a template string can make in this context, Go's own included. */
export function callsFor(context: TemplateContext): ReadonlyMap<string, Call> {
  const calls = new Map<string, Call>(builtins);
  // The evaluator runs these three itself; here they only have a name.
  for (const name of ["and", "or", "call"]) calls.set(name, { arity: [1, Number.POSITIVE_INFINITY], run: () => undefined });
  const add = (name: string, arity: Call["arity"], run: Call["run"]) => calls.set(name, { arity, run });
  add("user", [1, 1], (name) => userVariable(context, textOf(name)));
  add("env", [1, 1], (name) => environmentVariable(context, textOf(name)));
  add("build", [1, 1], (name) => buildValue(context, textOf(name)));
  add("build_name", [0, 0], () => known(context.buildName));
  add("build_type", [0, 0], () => known(context.buildType));
  add("packer_version", [0, 0], () => known(context.coreVersion));
  add("timestamp", [0, 0], () => BigInt(Math.floor(context.startedAtMs / 1000)));
  add("isotime", [0, 1], (layout = RFC3339) => formatGoTime(context.startedAtMs, textOf(layout)));
  add("strftime", [1, 1], (format) => strftime(context.startedAtMs, textOf(format)));
  add("uuid", [0, 0], timeOrderedUuid);
  add("pwd", [0, 0], () => context.workingDirectory);
  add("template_dir", [0, 0], () => templateFolder(context));
  add("upper", [1, 1], (text) => changeCase(textOf(text), (character) => character.toUpperCase()));
  add("lower", [1, 1], (text) =>
    changeCase(textOf(text), (character) => String.fromCodePoint(character.toLowerCase().codePointAt(0) ?? 0)),
  );
  add("split", [3, 3], (text, separator, index) => split(textOf(text), textOf(separator), intOf(index)));
  add("replace", [4, 4], (old, by, count, text) => replace(textOf(text), textOf(old), textOf(by), intOf(count)));
  add("replace_all", [3, 3], (old, by, text) => replace(textOf(text), textOf(old), textOf(by), -1));
  add("sed", [0, Number.POSITIVE_INFINITY], () => refuse("sed is not available", "Use replace or replace_all instead."));
  for (const name of STORES) {
    add(name, [1, 2], () => refuse("secrets stores can be read in the variables section of a JSON template alone"));
  }
  return calls;
}

// --- internal ---

function refuse(message: string, hint?: string): never {
  throw new TemplateError(message, hint);
}

function known(value: string | undefined): string {
  return value ?? refuse("this is known inside builds alone");
}

/** As in Packer, a variable that has no value is the empty text where variables are known at all. */
function userVariable(context: TemplateContext, name: string): string {
  const { userVariables } = context;
  if (userVariables === undefined) {
    return refuse(
      "variables of JSON templates do not exist here",
      `Write \${${/^[A-Za-z_]\w*$/.test(name) ? name : "…"}} in TypeScript or HCL.`,
    );
  }
  return Object.hasOwn(userVariables, name) ? (userVariables[name] ?? "") : "";
}

function environmentVariable(context: TemplateContext, name: string): string {
  if (context.environment === undefined) {
    return refuse(
      "environment variables are not allowed here",
      "Give the value to a variable (PKR_VAR_name in the environment does) and use that.",
    );
  }
  return context.environment[name] ?? "";
}

function buildValue(context: TemplateContext, name: string): unknown {
  const data = context.data ?? {};
  if (Object.hasOwn(data, name)) return fromOutside(data[name]);
  if (context.phase === "prepare") throw new LateValue();
  return refuse(`the build has no value named ${JSON.stringify(name)}`, didYouMean(name, Object.keys(data)));
}

function templateFolder(context: TemplateContext): string {
  if (context.templatePath === undefined) {
    return refuse("the template's folder is known in JSON templates alone", `Use path.root (\${path.root} in HCL) instead.`);
  }
  return dirname(resolve(context.workingDirectory, context.templatePath));
}

/** A UUID that starts with the time in seconds, so that later ones sort behind (row TPL-08). */
function timeOrderedUuid(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt32BE(Math.floor(Date.now() / 1000) >>> 0, 0);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Go changes letter by letter: one that would become several stays as it is. */
function changeCase(text: string, change: (character: string) => string): string {
  return Array.from(text, (character) => {
    const changed = change(character);
    return [...changed].length === 1 ? changed : character;
  }).join("");
}

function split(text: string, separator: string, index: number): string {
  const parts = separator === "" ? [...text] : text.split(separator);
  const part = index < 0 ? undefined : parts[index];
  return part ?? refuse(`there is no part ${index}, the separator ${JSON.stringify(separator)} makes only ${parts.length}`);
}

/** Go's strings.Replace: a negative count means all; an empty old text matches before every character and at the end. */
function replace(text: string, old: string, by: string, count: number): string {
  const parts = old === "" ? ["", ...text, ""] : text.split(old);
  const most = old === "" ? [...text].length + 1 : parts.length - 1;
  const wanted = count < 0 ? most : Math.min(count, most);
  if (old === "") {
    const characters = [...text];
    return `${characters.map((character, index) => (index < wanted ? by : "") + character).join("")}${wanted === most ? by : ""}`;
  }
  return [parts.slice(0, wanted + 1).join(by), ...parts.slice(wanted + 1)].join(old);
}
