// Objects of Google Cloud Storage (row ISO-10): addresses, and downloads from a server that speaks the documented interfaces: XML for objects,
// OAuth 2.0 for tokens (it verifies the signature of a service account), and the metadata of a machine.
import { createHash, generateKeyPairSync, randomBytes, verify } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseChecksum } from "../../src/checksum/checksum.ts";
import { errorText, TspackError } from "../../src/diagnostics/error.ts";
import { download } from "../../src/download/download.ts";
import { parseLocation } from "../../src/download/location.ts";
import { serveFile, testServer } from "./test-server.ts";

const content = randomBytes(2_000_000);
const digest = createHash("sha256").update(content).digest("hex");
const { signal } = new AbortController();
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

interface Store {
  readonly url: string;
  readonly requests: readonly string[];
  /** Tokens that were given, in their order. */
  readonly tokens: readonly string[];
  /** From now on tokens that were given before are refused. */
  expire(): void;
}

/** Runs the server; `images` may be read with a token, `public` by everybody. */
async function serving(body: (store: Store) => Promise<void>): Promise<void> {
  const file = serveFile(content, { etag: '"1"', dropAfter: [1_200_000] });
  const whole = serveFile(content, { etag: '"1"' });
  const tokens: string[] = [];
  let oldest = 0;
  const give = (): string => JSON.stringify({ access_token: tokens[tokens.push(`token-${tokens.length}`) - 1], expires_in: 3600 });
  const server = await testServer((request, response) => {
    const url = request.url ?? "";
    if (url === "/token") {
      void text(request).then((form) => {
        const isGood = isRightAssertion(new URLSearchParams(form), `${server.url}/token`);
        response
          .writeHead(isGood ? 200 : 400)
          .end(isGood ? give() : JSON.stringify({ error: "invalid_grant", error_description: `no: ${form}` }));
      });
    } else if (url === "/computeMetadata/v1/instance/service-accounts/default/token") {
      response.writeHead(request.headers["metadata-flavor"] === "Google" ? 200 : 403).end(give());
    } else if (url.startsWith("/public/")) whole(request, response);
    else {
      const token = (request.headers.authorization ?? "").replace("Bearer ", "");
      const isKnown = token === "own-token" || tokens.indexOf(token) >= oldest;
      const [status, code] =
        request.headers.authorization === undefined
          ? [403, "AccessDenied"]
          : isKnown
            ? [404, "NoSuchKey"]
            : [401, "AuthenticationRequired"];
      if (isKnown && url.startsWith("/images/long")) file(request, response);
      else if (isKnown && url === "/images/a%20b%2Bc.iso") whole(request, response);
      else
        response
          .writeHead(status)
          .end(`<?xml version='1.0'?><Error><Code>${code}</Code><Message>It was &lt;${token}&gt;.</Message></Error>`);
    }
  });
  try {
    await within(60_000, () => body({ ...server, tokens, expire: () => (oldest = tokens.length) }));
  } finally {
    await server.close();
  }
}

/** What Google's token endpoint looks at: the grant, who signed, for whom, for what and for how long. */
function isRightAssertion(form: URLSearchParams, audience: string): boolean {
  if (form.get("grant_type") === "refresh_token") {
    return (
      form.get("refresh_token") === "refresh-secret" && form.get("client_secret") === "client-secret" && form.get("client_id") === "id"
    );
  }
  const [header = "", claims = "", signature = ""] = (form.get("assertion") ?? "").split(".");
  const said: { readonly [name: string]: unknown } = JSON.parse(Buffer.from(claims, "base64url").toString());
  const isSigned = verify("RSA-SHA256", Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, "base64url"));
  const isNow = Math.abs(Number(said.iat) - Date.now() / 1000) < 300 && Number(said.exp) - Number(said.iat) <= 3600;
  const isReading = said.scope === "https://www.googleapis.com/auth/devstorage.read_only";
  return (
    form.get("grant_type") === "urn:ietf:params:oauth:grant-type:jwt-bearer" &&
    isSigned &&
    isNow &&
    isReading &&
    said.iss === "me@x" &&
    said.aud === audience
  );
}

function get(location: string, environment: { readonly [name: string]: string }, folder = tmp("cache")) {
  const options = { location, checksum: parseChecksum(`sha256:${digest}`), cacheDirectory: folder, workingDirectory: folder, signal };
  return download({ ...options, environment: { NO_GCE_CHECK: "true", ...environment }, firstDelayMs: 1, attempts: 2 });
}

test("addresses of objects are read in all their forms", () => {
  for (const [written, expected] of [
    ["gcs::https://www.googleapis.com/storage/v1/images/a/b.iso", "images a/b.iso"],
    ["www.googleapis.com/storage/v1/images/b.iso", "images b.iso"],
    ["gcs::https://storage.googleapis.com/images/b.iso", "images b.iso"],
    ["gs://images/a%20b+c.iso", "images a b+c.iso"],
  ] as const) {
    const found = parseLocation(written, "/");
    assert.is(found.kind === "gcs" ? `${found.bucket} ${found.object}` : found.kind, expected, written);
  }
  assert.is(parseLocation("https://storage.googleapis.com/images/b.iso", "/").kind, "http", "a public object by its own address");
  for (const [written, message] of [
    ["gs://images", /no address of an object/],
    ["gcs::https://example.org/storage/v1/images/b.iso", /no address of an object/],
    ["gcs::https://www.googleapis.com/storage/v1/b/images/o/b.iso", /"b" is no name of a bucket/],
    ["gs://images/b.iso?X-Goog-Signature=secret-word", /takes no parameters/],
  ] as const) {
    try {
      parseLocation(written, "/");
      assert.unreachable(written);
    } catch (error) {
      assert.match(errorText(error), message);
      assert.not.match(errorText(error), /secret-word/);
    }
  }
});

test("tokens come from the environment, the key of a service account, a user's login or the machine", () =>
  serving(async ({ url, tokens }) => {
    const at = { STORAGE_EMULATOR_HOST: url.replace("http://", "") };
    const object = "gs://images/a%20b+c.iso";
    const folder = tmp("gcloud");
    const token_uri = `${url}/token`;
    const write = (name: string, value: object): string => {
      writeFileSync(join(folder, name), JSON.stringify(value));
      return join(folder, name);
    };
    const key = write("key.json", { type: "service_account", client_email: "me@x", private_key: pem, private_key_id: "1", token_uri });
    write("application_default_credentials.json", {
      type: "authorized_user",
      client_id: "id",
      client_secret: "client-secret",
      refresh_token: "refresh-secret",
      token_uri,
    });
    for (const environment of [
      { GOOGLE_OAUTH_ACCESS_TOKEN: "own-token", GOOGLE_APPLICATION_CREDENTIALS: "/nowhere" },
      { GOOGLE_APPLICATION_CREDENTIALS: key, CLOUDSDK_CONFIG: "/nowhere" },
      { CLOUDSDK_CONFIG: folder },
      { CLOUDSDK_CONFIG: "/nowhere", NO_GCE_CHECK: "false", GCE_METADATA_HOST: url.replace("http://", "") },
    ]) {
      const { path } = await get(object, { ...at, ...environment });
      assert.ok(readFileSync(path).equals(content));
    }
    assert.is(tokens.length, 3);
    assert.is((await get("gs://public/b.iso", at)).from, "downloaded", "nobody has to ask for what is public");
  }));

test("a broken download is resumed, with a new token where the old one does not hold any more", () =>
  serving(async ({ url, requests, tokens, expire }) => {
    const environment = { NO_GCE_CHECK: "false", GCE_METADATA_HOST: url.replace("http://", ""), STORAGE_EMULATOR_HOST: url };
    const folder = tmp("cache");
    const options = { location: "gs://images/long.iso", checksum: parseChecksum(`sha256:${digest}`), cacheDirectory: folder, signal };
    const { path } = await download({ ...options, workingDirectory: folder, environment, firstDelayMs: 1, log: expire });
    assert.ok(readFileSync(path).equals(content));
    assert.is(tokens.length, 2);
    const asked = requests.filter((line) => line.includes("/images/"));
    assert.equal([asked.length, asked[0]], [3, "GET /images/long.iso"]);
    assert.ok(asked.slice(1).every((line) => /^GET \/images\/long\.iso bytes=\d+-$/.test(line)));
  }));

test("refusals say what the storage says and what to do, and nothing secret", () =>
  serving(async ({ url }) => {
    const folder = tmp("gcloud");
    const file = (value: unknown): string => {
      const path = join(folder, `${readdirSync(folder).length}.json`);
      writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
      return path;
    };
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const account = { type: "service_account", client_email: "me@x", token_uri: `${url}/token` };
    const with_ = (value: unknown) => ({ GOOGLE_APPLICATION_CREDENTIALS: file(value) });
    for (const [environment, message, hint] of [
      [{}, /images\/none\.iso: Google Cloud Storage answered 403, AccessDenied/, /no Google credentials were found/],
      [{ GOOGLE_OAUTH_ACCESS_TOKEN: "own-token" }, /answered 404, NoSuchKey: It was <<sensitive>>\.$/, /^$/],
      [{ GOOGLE_OAUTH_ACCESS_TOKEN: "wrong-secret" }, /answered 401, AuthenticationRequired/, /storage\.objects\.get/],
      [{ GOOGLE_APPLICATION_CREDENTIALS: "/nowhere" }, /GOOGLE_APPLICATION_CREDENTIALS names: .*ENOENT/, /^$/],
      [with_("{ secret"), /are not JSON/, /^$/],
      [with_({ type: "external_account", secret: "secret" }), /not supported \(external_account\)/, /print-access-token/],
      [with_({ ...account, private_key: "secret" }), /the private key in .* cannot be used/, /^$/],
      [with_({ ...account, private_key: other }), /gives no token for the credentials: invalid_grant: no: /, /^$/],
      [{ STORAGE_EMULATOR_HOST: "http://" }, /STORAGE_EMULATOR_HOST is not an address/, /^$/],
    ] as const) {
      const error = await rejects(get("gs://images/none.iso", { STORAGE_EMULATOR_HOST: url, ...environment }), {
        code: "TPK7001",
        message,
      });
      assert.match((TspackError.is(error) && error.hint) || "", hint);
      assert.not.match(errorText(error), /wrong-secret|own-token|eyJ|PRIVATE KEY/);
    }
  }));

test.run();
