// Asking a service over HTTP: what vault, consul_key and aws_secretsmanager share.
import { readFile } from "node:fs/promises";
import {
  askService as askOnce,
  errorText,
  type ServiceAnswer,
  type ServiceQuestion,
  type TlsSettings,
  TspackError,
  urlInVariable,
} from "@tspack/core";
import { FunctionError } from "./function.ts";

/** Variables of the environment. */
export type Environment = { readonly [name: string]: string | undefined };

/** Asks once, as the core does. Rejects with `FunctionError` when no answer comes; the message names the service's address and no secret. */
export async function askService(question: ServiceQuestion): Promise<ServiceAnswer> {
  return ofCall(() => askOnce(question));
}

/** Does what the core can, and makes what it refuses an error of the call. */
export async function ofCall<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (TspackError.is(error)) throw new FunctionError(error.message);
    throw error;
  }
}

/** TLS settings from files that variables name. Rejects with `FunctionError` for a file that cannot be read. */
export async function tlsFrom(
  environment: Environment,
  names: { readonly ca: string; readonly cert: string; readonly key: string; readonly servername: string; readonly isVerified: boolean },
): Promise<TlsSettings> {
  const servername = environment[names.servername];
  return {
    ca: await fileOf(environment, names.ca),
    cert: await fileOf(environment, names.cert),
    key: await fileOf(environment, names.key),
    servername: servername === "" ? undefined : servername,
    rejectUnauthorized: names.isVerified ? undefined : false,
  };
}

/** The URL in a variable. Throws `FunctionError` when it is none. */
export function urlFrom(text: string, variable: string): URL {
  try {
    return urlInVariable(text, variable);
  } catch (error) {
    throw new FunctionError(errorText(error));
  }
}

/** Go's reading of a truth value in a variable: `1`, `t`, `true` and their like; false when it is not set. Throws `FunctionError`. */
export function flagFrom(environment: Environment, name: string, fallback: boolean): boolean {
  const text = environment[name];
  if (text === undefined || text === "") return fallback;
  if (/^(1|t|T|true|True|TRUE)$/.test(text)) return true;
  if (/^(0|f|F|false|False|FALSE)$/.test(text)) return false;
  throw new FunctionError(`${name} must be true or false`);
}

// --- internal ---

async function fileOf(environment: Environment, variable: string): Promise<string | undefined> {
  const path = environment[variable];
  if (path === undefined || path === "") return undefined;
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new FunctionError(`cannot read the file that ${variable} names: ${errorText(error)}`);
  }
}
