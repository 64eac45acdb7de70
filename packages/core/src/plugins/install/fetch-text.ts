// Small files from the places that publish plugins, asked for again only when they have changed.

import { createHash } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import { errorText, PluginError, TspackError } from "../../diagnostics/error.ts";
import { readBoundedBody } from "../../download/bounded-body.ts";
import { redactLocation } from "../../download/location.ts";
import type { Environment } from "../../download/proxy.ts";
import { type HttpResponse, sendRequest } from "../../download/request.ts";
import { Interruption, interruptionOf, type RetryOptions, temporaryStatus, withRetries } from "../../download/retry.ts";
import { recall, remember } from "../remembered.ts";
import { SIGNATURE_SUFFIXES } from "./release-source.ts";

export interface FetchTextOptions extends RetryOptions {
  readonly environment: Environment;
  /** Folder of remembered answers. */
  readonly cacheDirectory: string;
}

/** Far more than a list of versions or checksums has. */
const LARGEST_BYTES = 16 * 1024 * 1024;
const IDLE_TIMEOUT_MS = 60_000;
/** A server that asks for more patience than this is not waited for. */
const LONGEST_WAIT_MS = 10_000;

/** The text behind a URL, as `fetchBytes` gets it. */
export async function fetchText(url: URL, token: string | undefined, options: FetchTextOptions): Promise<string | undefined> {
  return (await fetchBytes(url, token, options))?.toString();
}

/**
 * The bytes behind a URL; undefined when there is nothing. An answer with an ETag is remembered, and the server asked whether it still
 * holds. Passing failures are tried again. Throws `PluginError` (TPK4007), for a rate limit with the time when it ends (row INS-07).
 */
export async function fetchBytes(url: URL, token: string | undefined, options: FetchTextOptions): Promise<Buffer | undefined> {
  const shown = redactLocation(url);
  const file = join(options.cacheDirectory, `text-${createHash("sha256").update(url.href).digest("hex").slice(0, 32)}.json`);
  const known = await readRemembered(file, url);
  try {
    return await withRetries(shown, options, async () => {
      const headers: { [name: string]: string } = { "user-agent": "tspack", accept: "*/*" };
      if (token !== undefined) headers.authorization = `Bearer ${token}`;
      if (known !== undefined) headers["if-none-match"] = known.etag;
      const response = await sendRequest(url, { ...options, headers, idleTimeoutMs: IDLE_TIMEOUT_MS }).catch((error: unknown) => {
        throw interruptionOf(error, options.signal);
      });
      const { message, status } = response;
      if (status === 304 && known !== undefined) {
        message.destroy();
        return Buffer.from(known.base64, "base64");
      }
      // What archives are checked against must not come over a line that anybody can write on.
      if (url.protocol === "https:" && response.url.protocol !== "https:") {
        message.destroy();
        throw new Error(`it redirects to ${redactLocation(response.url)}, which is not https`);
      }
      if (status === 404 || status === 410) {
        message.destroy();
        return undefined;
      }
      if (status !== 200) {
        message.destroy();
        throw failureOf(response, shown, token);
      }
      const body = await bodyOf(response, options.signal);
      const { etag } = message.headers;
      if (etag !== undefined) {
        const entry: Remembered = { url: shown, etag, base64: body.toString("base64") };
        // Not being able to remember only costs a download.
        await remember(file, JSON.stringify(entry)).catch(() => undefined);
      }
      return body;
    });
  } catch (error) {
    if (options.signal.aborted || (TspackError.is(error) && error.code === "TPK4007")) throw error;
    throw new PluginError(`${shown} could not be read: ${errorText(error)}`, {
      code: "TPK4007",
      cause: error,
      hint: "Is the address reachable from here? TSPACK_PLUGIN_MIRROR names another place, see docs/plugins-install.md.",
    });
  }
}

/** The detached signature beside a file; undefined when there is none. */
export async function fetchSignature(file: string, options: FetchTextOptions): Promise<Buffer | undefined> {
  for (const suffix of SIGNATURE_SUFFIXES) {
    const found = await fetchBytes(new URL(`${file}${suffix}`), undefined, options);
    if (found !== undefined) return found;
  }
  return undefined;
}

// --- internal ---

function failureOf({ message, status }: HttpResponse, shown: string, token: string | undefined): Error {
  const reason = `the server answered ${status} ${message.statusMessage ?? ""}`.trim();
  const { "retry-after": after, "x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset } = message.headers;
  const isLimit = status === 429 || (status === 403 && (after !== undefined || remaining === "0"));
  if (status === 401 && token !== undefined) {
    return new PluginError(`${shown} does not accept the token: ${reason}`, {
      code: "TPK4007",
      hint: "PACKER_GITHUB_API_TOKEN holds one that is wrong or has expired. Without a token public plugins can be read too, but less often.",
    });
  }
  if (!isLimit) return temporaryStatus(message, reason) ?? new Error(reason);
  const waitMs = waitOf(after, typeof reset === "string" ? reset : undefined);
  if (waitMs !== undefined && waitMs <= LONGEST_WAIT_MS) return new Interruption(reason, { retryAfterMs: waitMs });
  const when = waitMs === undefined ? "later" : `in ${durationText(waitMs)}, at ${new Date(Date.now() + waitMs).toISOString()}`;
  return new PluginError(`${shown} refuses more requests for now: ${reason}`, {
    code: "TPK4007",
    hint:
      token === undefined
        ? `Try again ${when}. A GitHub token in PACKER_GITHUB_API_TOKEN allows many more requests.`
        : `Try again ${when}. The token in PACKER_GITHUB_API_TOKEN has used up its requests.`,
  });
}

/** How long a server asks to wait: in seconds, until a date (RFC 9110 §10.2.3), or until a time in seconds, as GitHub says it. */
function waitOf(after: string | undefined, reset: string | undefined): number | undefined {
  if (after !== undefined && /^\d+$/.test(after)) return Number(after) * 1000;
  const until = after !== undefined ? Date.parse(after) : Number(reset ?? Number.NaN) * 1000;
  return Number.isNaN(until) ? undefined : Math.max(0, until - Date.now());
}

function durationText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}

async function bodyOf({ message }: HttpResponse, signal: AbortSignal): Promise<Buffer> {
  const { bytes, isTooLarge } = await readBoundedBody(message, LARGEST_BYTES).catch((error: unknown) => {
    throw interruptionOf(error, signal);
  });
  if (isTooLarge) throw new Error("the answer is too large");
  return bytes;
}

interface Remembered {
  readonly url: string;
  readonly etag: string;
  readonly base64: string;
}

async function readRemembered(file: string, url: URL): Promise<Remembered | undefined> {
  const content = await recall(file);
  if (content === undefined) return undefined;
  try {
    const entry = z.object({ url: z.string(), etag: z.string(), base64: z.base64() }).parse(JSON.parse(content.toString()));
    return entry.url === redactLocation(url) ? entry : undefined;
  } catch {
    // Something else: the server is asked for all of it.
    return undefined;
  }
}
