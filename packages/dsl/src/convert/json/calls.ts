// Calls of JSON templates that the front end renders, in TypeScript.
import { stringType } from "../../hcl/eval/type.ts";
import { onlyInVariables } from "../../json/variable-calls.ts";
import { type Code, code, precedence } from "../expression/code.ts";
import type { Imports } from "../expression/imports.ts";
import { isIdentifier } from "../expression/names.ts";
import { quote } from "../expression/text.ts";
import type { TextWorld } from "./text.ts";

/** What calls are written with. */
export interface CallContext {
  readonly imports: Imports;
  /** Code of the template's folder. */
  readonly templateDirectory: () => string;
  readonly user: (name: string) => Code;
}

/** Calls in the options of components: `user`, `template_dir`, and in steps `build`. */
export function optionCallCodes({ templateDirectory, user }: CallContext, build: ((name: string) => Code) | undefined): TextWorld["calls"] {
  return new Map<string, (...args: readonly string[]) => Code | undefined>([
    ...[...onlyInVariables].map((name) => [name, () => undefined] as const),
    ["user", (name) => (name === undefined ? undefined : user(name))],
    ["template_dir", () => code(templateDirectory(), stringType)],
    ["build", (name) => (name === undefined ? undefined : build?.(name))],
  ]);
}

/** Calls in the variables section, all of which are rendered when the template is read (rows TPL-02 to TPL-20). */
export function variableCallCodes(context: CallContext): TextWorld["calls"] {
  const { imports, templateDirectory, user } = context;
  const text = (written: string): Code => code(written, stringType, { precedence: precedence.access });
  const fn = (name: string, ...args: readonly string[]): string => `${imports.use("fn")}.${name}(${args.map(quote).join(", ")})`;
  const store =
    (name: string) =>
    (...args: readonly string[]) =>
      text(`(await ${fn(name, ...args)}).reveal()`);
  return new Map<string, (...args: readonly string[]) => Code | undefined>([
    ["user", (name) => (name === undefined ? undefined : user(name))],
    ["env", (name) => (name === undefined ? undefined : environmentValue(name))],
    ["template_dir", () => text(templateDirectory())],
    ["pwd", () => text(`${imports.use("path")}.cwd`)],
    ["packer_version", () => text(imports.use("packerVersion"))],
    ["isotime", (layout) => text(layout === undefined ? fn("legacy_isotime") : fn("legacy_isotime", layout))],
    ["strftime", (format) => (format === undefined ? undefined : text(fn("legacy_strftime", format)))],
    ["timestamp", () => text(`String(Date.parse(${fn("legacy_isotime")}) / 1000)`)],
    // Packer's begins with the time.
    ["uuid", () => code(`\`\${(Date.parse(${fn("timestamp")}) / 1000).toString(16)}\${${fn("uuidv4")}.slice(8)}\``, stringType)],
    ["vault", store("vault")],
    ["consul_key", store("consul_key")],
    [
      "aws_secretsmanager",
      (name = "", key) =>
        text(`(await ${imports.use("fn")}.aws_secretsmanager(${quote(name)}, ${key === undefined ? "null" : quote(key)})).reveal()`),
    ],
    ["aws_secretsmanager_raw", store("aws_secretsmanager_raw")],
  ]);
}

// --- internal ---

function environmentValue(name: string): Code {
  const access = isIdentifier(name) ? `process.env.${name}` : `process.env[${JSON.stringify(name)}]`;
  return code(`${access} ?? ""`, stringType, { precedence: precedence.nullish });
}
