// Who asks Google Cloud: application default credentials, as Google's documentation "How Application Default Credentials works" has them.
import { createSign } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { BuildError, errorText } from "../diagnostics/error.ts";
import { askService, fieldOf, urlInVariable, withoutSecrets } from "../download/ask-service.ts";
import type { Environment } from "../download/proxy.ts";

/** Where credentials are looked for. */
export interface GoogleTokenOptions {
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
}

/** What to do when there are no credentials. */
export const noGoogleCredentials =
  "no Google credentials were found; run: gcloud auth application-default login, or name a key file with GOOGLE_APPLICATION_CREDENTIALS";

/** Far more than such a file has. */
const LARGEST_FILE_BYTES = 1024 * 1024;
const SCOPE = "https://www.googleapis.com/auth/devstorage.read_only";
/** Longest time that a token may be asked for. */
const LIFETIME_S = 3600;

/**
 * A token that may read Cloud Storage: GOOGLE_OAUTH_ACCESS_TOKEN; else for the key of a service account or the login of a user in the file that
 * GOOGLE_APPLICATION_CREDENTIALS names, or that `gcloud auth application-default login` leaves; else that of the machine's service account.
 * Undefined when there are none of these. Rejects with `BuildError` (TPK7001), whose message holds no secret.
 */
export async function findGoogleToken(options: GoogleTokenOptions): Promise<string | undefined> {
  const { environment } = options;
  if (environment.GOOGLE_OAUTH_ACCESS_TOKEN) return environment.GOOGLE_OAUTH_ACCESS_TOKEN;
  const named = environment.GOOGLE_APPLICATION_CREDENTIALS || undefined;
  const path = named ?? wellKnownFile(environment);
  const text = path === undefined ? undefined : await readCredentials(path, named !== undefined);
  return text === undefined || path === undefined ? fromMachine(options) : fromFile(text, path, options);
}

// --- internal ---

const serviceAccount = z.object({
  type: z.literal("service_account"),
  client_email: z.string(),
  private_key: z.string(),
  private_key_id: z.string().optional(),
  token_uri: z.string().default("https://oauth2.googleapis.com/token"),
});

const user = z.object({
  type: z.literal("authorized_user"),
  client_id: z.string(),
  client_secret: z.string(),
  refresh_token: z.string(),
  token_uri: z.string().default("https://oauth2.googleapis.com/token"),
});

function wellKnownFile(environment: Environment): string | undefined {
  const home = process.platform === "win32" ? environment.APPDATA : environment.HOME && join(environment.HOME, ".config");
  const folder = environment.CLOUDSDK_CONFIG || (home ? join(home, "gcloud") : undefined);
  return folder === undefined ? undefined : join(folder, "application_default_credentials.json");
}

async function readCredentials(path: string, isNamed: boolean): Promise<string | undefined> {
  try {
    if ((await stat(path)).size > LARGEST_FILE_BYTES) throw new Error("it is too large to be one");
    return await readFile(path, "utf8");
  } catch (error) {
    if (!isNamed) return undefined;
    throw new BuildError(`cannot read the file that GOOGLE_APPLICATION_CREDENTIALS names: ${errorText(error)}`, { code: "TPK7001" });
  }
}

async function fromFile(text: string, path: string, options: GoogleTokenOptions): Promise<string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Its text is not repeated: it holds a key.
    throw new BuildError(`the Google credentials in ${path} are not JSON`, { code: "TPK7001" });
  }
  const account = serviceAccount.safeParse(json);
  if (account.success) {
    const { token_uri, private_key } = account.data;
    const assertion = signedClaims(account.data, path);
    const form = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
    return exchange(token_uri, form, { ...options, secrets: [assertion, private_key] });
  }
  const login = user.safeParse(json);
  if (login.success) {
    const { token_uri, client_id, client_secret, refresh_token } = login.data;
    const form = { grant_type: "refresh_token", client_id, client_secret, refresh_token };
    return exchange(token_uri, form, { ...options, secrets: [client_secret, refresh_token] });
  }
  const type = fieldOf(json, "type");
  throw new BuildError(
    `the Google credentials in ${path} are of a kind that is not supported${typeof type === "string" ? ` (${type})` : ""}`,
    {
      code: "TPK7001",
      hint: 'Set a token instead: export GOOGLE_OAUTH_ACCESS_TOKEN="$(gcloud auth application-default print-access-token)"',
    },
  );
}

/** A signed claim to be the service account (RFC 7523 §2.1; "Using OAuth 2.0 for Server to Server Applications"). */
function signedClaims(account: z.output<typeof serviceAccount>, path: string): string {
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: "RS256", typ: "JWT", ...(account.private_key_id === undefined ? {} : { kid: account.private_key_id }) };
  const claims = { iss: account.client_email, scope: SCOPE, aud: account.token_uri, iat: now, exp: now + LIFETIME_S };
  const body = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  try {
    return `${body}.${createSign("RSA-SHA256").update(body).sign(account.private_key, "base64url")}`;
  } catch {
    throw new BuildError(`the private key in ${path} cannot be used`, { code: "TPK7001" });
  }
}

async function exchange(
  address: string,
  form: { readonly [name: string]: string },
  { environment, signal, secrets }: GoogleTokenOptions & { readonly secrets: readonly string[] },
): Promise<string> {
  const { status, json } = await askService({
    service: "Google for a token",
    url: urlInVariable(address, "token_uri of the Google credentials"),
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
    environment,
    secrets,
    signal,
  });
  const token = fieldOf(json, "access_token");
  if (status === 200 && typeof token === "string" && token !== "") return token;
  const said = ["error", "error_description"].map((name) => fieldOf(json, name)).filter((part) => typeof part === "string");
  const reason = said.length === 0 ? `status ${status}` : withoutSecrets(said.join(": "), secrets);
  throw new BuildError(`Google gives no token for the credentials: ${reason}`, { code: "TPK7001" });
}

/** The token of the service account of a machine at Google (Compute Engine, "Access the metadata server"); undefined on any other. */
async function fromMachine({ environment, signal }: GoogleTokenOptions): Promise<string | undefined> {
  if (environment.NO_GCE_CHECK?.toLowerCase() === "true") return undefined;
  const host = environment.GCE_METADATA_HOST || "169.254.169.254";
  const url = new URL(`http://${host}/computeMetadata/v1/instance/service-accounts/default/token`);
  try {
    const headers = { "metadata-flavor": "Google" };
    const { status, json } = await askService({
      service: "the machine",
      url,
      headers,
      timeoutMs: 2000,
      environment: {},
      secrets: [],
      signal,
    });
    const token = fieldOf(json, "access_token");
    return status === 200 && typeof token === "string" && token !== "" ? token : undefined;
  } catch {
    // Not a machine of Google's.
    signal?.throwIfAborted();
    return undefined;
  }
}
