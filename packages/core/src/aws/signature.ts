// AWS Signature Version 4, as the documentation "Signature Version 4 signing process" has it.
import { createHash, createHmac } from "node:crypto";

/** What a request is signed with. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** A request to sign. */
export interface AwsRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case; all of them are signed, and `host` is added. */
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly credentials: AwsCredentials;
  readonly region: string;
  readonly service: string;
  /** When it is sent, in milliseconds since 1970. */
  readonly at: number;
}

/** The headers of the request with those of the signature added: `x-amz-date`, `x-amz-security-token`, `authorization`. */
export function signAwsRequest(request: AwsRequest): { readonly [name: string]: string } {
  const { method, url, body, credentials, region, service } = request;
  const time = `${new Date(request.at).toISOString().replace(/[-:]|\.\d+/g, "")}`;
  const day = time.slice(0, 8);
  const headers: { [name: string]: string } = { ...request.headers, host: url.host, "x-amz-date": time };
  if (credentials.sessionToken !== undefined) headers["x-amz-security-token"] = credentials.sessionToken;
  const names = Object.keys(headers).sort();
  const canonical = [
    method,
    url.pathname,
    canonicalQuery(url),
    ...names.map((name) => `${name}:${(headers[name] ?? "").trim().replace(/ +/g, " ")}`),
    "",
    names.join(";"),
    sha256(body),
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<string | Buffer>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    `AWS4${credentials.secretAccessKey}`,
  );
  const signature = createHmac("sha256", key).update(text).digest("hex");
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return headers;
}

// --- internal ---

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Parameters by name, then value, in the encoding of RFC 3986. */
function canonicalQuery(url: URL): string {
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
}
