// Asking a service a small question over HTTP: for credentials, tokens and secrets.

import { BuildError, errorText } from "../diagnostics/error.ts";
import { readBoundedBody } from "./bounded-body.ts";
import type { Environment } from "./proxy.ts";
import { sendRequest, type TlsSettings } from "./request.ts";

/** A question to a service. */
export interface ServiceQuestion {
  /** For messages: `Vault`. */
  readonly service: string;
  readonly url: URL;
  readonly method?: "GET" | "POST" | "PUT";
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
  readonly tls?: TlsSettings;
  /** For the whole answer; a minute unless given. */
  readonly timeoutMs?: number;
  /** Variables of proxies and certificates are read from here. */
  readonly environment: Environment;
  /** Texts that no message may hold, should the service say them again. */
  readonly secrets: readonly string[];
  /** Ends the wait; rejects then with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What it answered: any status is an answer. */
export interface ServiceAnswer {
  readonly status: number;
  readonly text: string;
  /** The body, if it is JSON. */
  readonly json: unknown;
}

const LONGEST_ANSWER_BYTES = 4 * 1024 * 1024;

/** Asks once. Rejects with `BuildError` (TPK7001) when no answer comes; the message names the service's address and no secret. */
export async function askService(question: ServiceQuestion): Promise<ServiceAnswer> {
  const { service, url, method, headers, body, tls, environment, timeoutMs = 60_000 } = question;
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = question.signal === undefined ? limit : AbortSignal.any([limit, question.signal]);
  try {
    const { message, status } = await sendRequest(url, { method, headers, body, tls, environment, signal });
    const { bytes, isTooLarge } = await readBoundedBody(message, LONGEST_ANSWER_BYTES);
    if (isTooLarge) throw new Error("its answer is longer than 4 MiB");
    const text = bytes.toString("utf8");
    return { status, text, json: parsed(text) };
  } catch (error) {
    question.signal?.throwIfAborted();
    const reason = limit.aborted ? `no answer in ${timeoutMs / 1000} s` : errorText(error);
    throw new BuildError(`cannot ask ${service} at ${url.origin}: ${withoutSecrets(reason, question.secrets)}`, { code: "TPK7001" });
  }
}

/** The text with every secret in it replaced. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => (secret === "" ? clean : clean.replaceAll(secret, "<sensitive>")), text);
}

/** A field of an object that came as JSON; undefined where there is none. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

/** The URL in a variable. Throws `BuildError` (TPK7001) when it is none. */
export function urlInVariable(text: string, variable: string): URL {
  if (URL.canParse(text)) {
    const url = new URL(text);
    if (url.protocol === "http:" || url.protocol === "https:") return url;
  }
  throw new BuildError(`${variable} is not an address with http:// or https://`, { code: "TPK7001" });
}

// --- internal ---

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // An error page, or nothing.
    return undefined;
  }
}
