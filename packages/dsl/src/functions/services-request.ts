// Asking a service over HTTP: what vault, consul_key and aws_secretsmanager share.
import { readFile } from "node:fs/promises";
import { errorText, sendRequest, type TlsSettings } from "@tspack/core";
import { FunctionError } from "./function.ts";

/** Variables of the environment. */
export type Environment = { readonly [name: string]: string | undefined };

/** A question to a service. */
export interface ServiceQuestion {
  /** For messages: `Vault`. */
  readonly service: string;
  readonly url: URL;
  readonly method?: "GET" | "POST" | "PUT";
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
  readonly tls?: TlsSettings;
  readonly timeoutMs?: number;
  /** Variables of proxies and certificates are read from here. */
  readonly environment: Environment;
  /** Texts that no message may hold, should the service say them again. */
  readonly secrets: readonly string[];
}

/** What it answered: any status is an answer. */
export interface ServiceAnswer {
  readonly status: number;
  readonly text: string;
  /** The body, if it is JSON. */
  readonly json: unknown;
}

const longestAnswer = 4 * 1024 * 1024;

/** Asks once. Rejects with `FunctionError` when no answer comes; the message names the service's address and no secret. */
export async function askService(question: ServiceQuestion): Promise<ServiceAnswer> {
  const { service, url, method, headers, body, tls, environment, timeoutMs = 60_000 } = question;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const request = { method, headers, body, tls, environment, signal };
    const { message, status } = await sendRequest(url, request);
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of message) {
      const bytes = Buffer.from(chunk);
      length += bytes.length;
      if (length > longestAnswer) throw new Error("its answer is longer than 4 MiB");
      chunks.push(bytes);
    }
    const text = Buffer.concat(chunks).toString("utf8");
    return { status, text, json: parsed(text) };
  } catch (error) {
    const reason = error instanceof Error && error.name === "TimeoutError" ? `no answer in ${timeoutMs / 1000} s` : errorText(error);
    throw new FunctionError(`cannot ask ${service} at ${url.origin}: ${withoutSecrets(reason, question.secrets)}`);
  }
}

/** The text with every secret in it replaced. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => (secret === "" ? clean : clean.replaceAll(secret, "<sensitive>")), text);
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
  if (URL.canParse(text)) {
    const url = new URL(text);
    if (url.protocol === "http:" || url.protocol === "https:") return url;
  }
  throw new FunctionError(`${variable} is not an address with http:// or https://`);
}

/** Go's reading of a truth value in a variable: `1`, `t`, `true` and their like; false when it is not set. Throws `FunctionError`. */
export function flagFrom(environment: Environment, name: string, fallback: boolean): boolean {
  const text = environment[name];
  if (text === undefined || text === "") return fallback;
  if (/^(1|t|T|true|True|TRUE)$/.test(text)) return true;
  if (/^(0|f|F|false|False|FALSE)$/.test(text)) return false;
  throw new FunctionError(`${name} must be true or false`);
}

/** A field of an object that came as JSON; undefined where there is none. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // An error page, or nothing.
    return undefined;
  }
}
