// The data source that asks a web server (row DS-02).
import { text } from "node:stream/consumers";
import * as z from "zod";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { BuildError, CancelledError, errorText } from "../../diagnostics/error.ts";
import { redactLocation } from "../../download/location.ts";
import { sendRequest } from "../../download/request.ts";
import { defineDatasource } from "../../sdk/config/define.ts";
import { textMap } from "../../sdk/config/options.ts";
import { coreVersion } from "../../version.ts";

const methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"] as const;

export default defineDatasource({
  type: "http",
  description: "Sends a request to a web server and answers what it says.",
  options: () =>
    z.object({
      url: z.string().describe("Address to ask, http or https."),
      method: z.enum(methods).default("GET").describe("Method of the request."),
      request_headers: textMap().default({}).describe("Headers to send, by name."),
      request_body: z.string().default("").describe("Body to send."),
    }),
  output: () =>
    z.object({
      url: z.string().describe("The address that was asked."),
      body: z.string().describe("Body of the answer, as text."),
      request_headers: textMap().describe(
        "Headers of the answer by name; the name of this value is Packer's. Repeated headers are joined with commas.",
      ),
    }),
  check({ config, isUnknown }): Diagnostic[] {
    if (isUnknown("url")) return [];
    if (config.url === "") {
      const detail = `The argument "url" is required, but it is empty.`;
      return [{ severity: "error", code: "TPK3104", summary: "Missing required argument", detail, path: ["url"] }];
    }
    if (URL.canParse(config.url) && /^https?:$/.test(new URL(config.url).protocol)) return [];
    const detail = `The argument "url" is not the address of something that can be asked.`;
    const hint = "Write it like https://example.org/data.json.";
    return [{ severity: "error", code: "TPK3105", summary: "Invalid argument value", detail, hint, path: ["url"] }];
  },
  async execute({ config, run, signal, ui }) {
    const shown = redactLocation(config.url);
    try {
      const { message, status } = await sendRequest(new URL(config.url), {
        method: config.method,
        headers: { "user-agent": `tspack/${coreVersion}`, ...lowerCased(config.request_headers) },
        ...(config.request_body === "" ? {} : { body: config.request_body }),
        signal,
        environment: run.environment,
      });
      const body = await text(message);
      if (status < 200 || status > 299) throw new Error(`the server answered ${status} ${message.statusMessage ?? ""}`.trim());
      const type = message.headers["content-type"] ?? "";
      if (!isText(type)) {
        ui.say(`Warning: ${shown} answered with the content type ${JSON.stringify(type)}, which may not be text`);
      }
      return { url: config.url, body, request_headers: joinHeaders(message.rawHeaders) };
    } catch (error) {
      if (signal.aborted) throw new CancelledError();
      throw new BuildError(`the request to ${shown} failed: ${errorText(error)}`, { code: "TPK6004", cause: error });
    }
  },
});

// --- internal ---

/** Names in one case, so that the user's header replaces ours and is not sent beside it. */
function lowerCased(headers: { readonly [name: string]: string }): { readonly [name: string]: string } {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Text, JSON and SAML metadata, in UTF-8 or ASCII. */
function isText(contentType: string): boolean {
  const [type = "", ...parameters] = contentType.toLowerCase().split(";");
  const charset = parameters.map((parameter) => /^\s*charset="?([^"]*)"?\s*$/.exec(parameter)?.[1]).find((found) => found !== undefined);
  if (charset !== undefined && !["utf-8", "us-ascii"].includes(charset)) return false;
  return /^(text\/.+|application\/json|application\/samlmetadata\+xml)$/.test(type.trim());
}

/** Headers by their usual spelling (`Content-Type`), as Go spells them. */
function joinHeaders(raw: readonly string[]): { readonly [name: string]: string } {
  const joined: { [name: string]: string } = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
    const value = raw[index + 1] ?? "";
    const before = Object.hasOwn(joined, name) ? joined[name] : undefined;
    joined[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return joined;
}
