import { coreVersion, type TemplateCall, TemplateError, templateCalls } from "@tspack/core";
import type { FunctionEnvironment } from "../functions/function.ts";
import { FunctionError } from "../functions/function.ts";
import { askAwsSecret, askAwsSecretRaw } from "../functions/services-aws.ts";
import { askConsul } from "../functions/services-consul.ts";
import { askVault } from "../functions/services-vault.ts";
import type { VariableCalls } from "./variables.ts";

/** Calls that ask a store of secrets: what is made of them must not be shown (rows TPL-17 to TPL-20). */
const stores: ReadonlySet<string> = new Set(["consul_key", "vault", "aws_secretsmanager", "aws_secretsmanager_raw"]);

/** Calls that nobody knows while variables are made: a build's. */
const ofBuilds: ReadonlySet<string> = new Set(["build", "build_name", "build_type"]);

/** All calls that the variables section may make, but `user`. `templatePath` is undefined for a template of standard input. */
export function variableCalls(environment: FunctionEnvironment, templatePath: string | undefined): VariableCalls {
  const { workingDirectory } = environment;
  const calls = new Map<string, TemplateCall>(
    templateCalls({
      phase: "run",
      coreVersion,
      templatePath: templatePath ?? `${workingDirectory}/-`,
      workingDirectory,
      startedAtMs: environment.startedAt,
      environment: environment.environment,
    }),
  );
  for (const name of ofBuilds) {
    calls.set(name, {
      arity: [0, Number.POSITIVE_INFINITY],
      run: () => {
        throw new TemplateError("variables cannot use values of builds", "Make the call where the variable is used.");
      },
    });
  }
  calls.set("uuid", { arity: [0, 0], run: () => timeOrderedUuid(environment) });
  const ask = (name: string, arity: TemplateCall["arity"], question: (...values: readonly string[]) => Promise<string>): void => {
    calls.set(name, { arity, run: (...values) => answer(environment, name, values.map(textOf), question) });
  };
  ask("consul_key", [1, 1], (key = "") => askConsul({ key }, environment.environment));
  ask("vault", [2, 2], (path = "", key = "") => askVault({ path, key }, environment.environment));
  ask("aws_secretsmanager", [1, 2], (name = "", key) => askAwsSecret({ name, key }, environment.environment));
  ask("aws_secretsmanager_raw", [1, 1], (name = "") => askAwsSecretRaw({ name }, environment.environment));
  return { calls, sensitive: stores };
}

/** Names of calls that only the variables section may make. */
export const onlyInVariables: ReadonlySet<string> = new Set([...stores, "env"]);

// --- internal ---

function answer(
  environment: FunctionEnvironment,
  name: string,
  values: readonly string[],
  question: (...values: readonly string[]) => Promise<string>,
): string {
  try {
    return environment.service(`${name} ${JSON.stringify(values)}`, () => question(...values));
  } catch (error) {
    if (error instanceof FunctionError) throw new TemplateError(error.message);
    throw error;
  }
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TemplateError("expected text");
}

/** As the call of components (row TPL-08), from the bytes of this load. What follows the time is that of a random UUID, version and all. */
function timeOrderedUuid(environment: FunctionEnvironment): string {
  const bytes = Buffer.from(environment.randomBytes(16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  bytes.writeUInt32BE(Math.floor(environment.now() / 1000) >>> 0, 0);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
