// The services against servers on loopback that speak their protocols.
import { createHash, createHmac } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { signAwsRequest } from "@tspack/core";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type FunctionEnvironment, FunctionError, Pending } from "../../src/functions/function.ts";
import { askAwsSecret, askAwsSecretRaw } from "../../src/functions/services-aws.ts";
import { askConsul } from "../../src/functions/services-consul.ts";
import { askVault } from "../../src/functions/services-vault.ts";
import { hclFunctions } from "../../src/functions/table.ts";
import { toPlain } from "../../src/hcl/eval/plain.ts";
import type { Value } from "../../src/hcl/eval/value.ts";
import { evaluated, world } from "./evaluating.ts";

/** What a server got. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Answer = readonly [status: number, body: string];

/** A server that answers by a function, for as long as `body` takes. */
async function serving<T>(answer: (asked: Asked) => Answer, body: (url: string, asked: readonly Asked[]) => Promise<T>): Promise<T> {
  const all: Asked[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body: await text(request) };
    all.push(asked);
    const [status, content] = answer(asked);
    response.writeHead(status, { "content-type": "application/json" }).end(content);
  };
  const server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, all);
  } finally {
    server.close();
  }
}

/** Expects a refusal whose text matches and holds none of the secrets. */
async function refused(promise: Promise<unknown>, message: RegExp, ...secrets: readonly string[]): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, FunctionError);
  const told = error instanceof Error ? error.message : "";
  assert.match(told, message);
  for (const secret of secrets) assert.not.ok(told.includes(secret), told);
}

const token = "s.very-secret-token";

/** The value of an expression, evaluated again after each answer that it waits for. */
async function answered(expression: string, environment: FunctionEnvironment): Promise<Value> {
  for (let turn = 0; turn < 5; turn++) {
    try {
      const { value, diagnostics } = evaluated(expression, { environment });
      assert.equal(diagnostics, []);
      return value;
    } catch (error) {
      if (!(error instanceof Pending)) throw error;
      await error.answer;
    }
  }
  throw new Error("it never comes to an end");
}

test("vault reads both versions of the key-value store, with token and namespace", async () => {
  const answers: { readonly [path: string]: Answer } = {
    "/v1/secret/data/hello%20you": [200, JSON.stringify({ data: { data: { foo: "world", n: 1 }, metadata: {} } })],
    "/v1/kv1/hello": [200, JSON.stringify({ data: { foo: "old" } })],
    "/v1/missing": [404, JSON.stringify({ errors: [], warnings: ["Invalid path for a versioned K/V secrets engine"] })],
    "/v1/forbidden": [403, JSON.stringify({ errors: [`permission denied for ${token}`] })],
    "/v1/broken": [200, "<html>"],
  };
  await serving(
    ({ path }) => answers[path] ?? [500, ""],
    async (url, asked) => {
      const environment = { VAULT_ADDR: url, VAULT_TOKEN: token, VAULT_NAMESPACE: "team" };
      assert.is(await askVault({ path: "secret/data/hello you", key: "foo" }, environment), "world");
      assert.is(await askVault({ path: "/kv1/hello", key: "foo" }, environment), "old");
      assert.is(asked[0]?.method, "GET");
      assert.is(asked[0]?.headers["x-vault-token"], token);
      assert.is(asked[0]?.headers["x-vault-namespace"], "team");
      await refused(askVault({ path: "kv1/hello", key: "bar" }, environment), /has no field "bar"/, token);
      await refused(askVault({ path: "secret/data/hello you", key: "n" }, environment), /"n" .* is not a string/);
      await refused(askVault({ path: "missing", key: "a" }, environment), /no secret in Vault at missing.*Invalid path for a versioned/);
      await refused(
        askVault({ path: "forbidden", key: "a" }, environment),
        /refuses to read forbidden: status 403, permission denied/,
        token,
      );
      await refused(askVault({ path: "broken", key: "a" }, environment), /has no field "a"/);
      await refused(askVault({ path: "other", key: "a" }, environment), /status 500/);
    },
  );
});

test("vault needs its token, an address and one that answers", async () => {
  const ask = (environment: { readonly [name: string]: string }) => askVault({ path: "a", key: "b" }, environment);
  await refused(ask({}), /VAULT_TOKEN must be set/);
  await refused(ask({ VAULT_TOKEN: token, VAULT_ADDR: "localhost:8200" }), /VAULT_ADDR is not an address/, token);
  await refused(
    ask({ VAULT_TOKEN: token, VAULT_ADDR: "http://127.0.0.1:1" }),
    /cannot ask Vault at http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
    token,
  );
  await refused(ask({ VAULT_TOKEN: token, VAULT_CACERT: "/nowhere.pem" }), /cannot read the file that VAULT_CACERT names/, token);
  await refused(ask({ VAULT_TOKEN: token, VAULT_SKIP_VERIFY: "maybe" }), /VAULT_SKIP_VERIFY must be true or false/);
});

test("over TLS, only the authority that is named is trusted, and its name and verification can be chosen", async () => {
  const fixtures = fileURLToPath(new URL("../../../core/test/fixtures/tls", import.meta.url));
  const [cert, key] = ["certificate.pem", "key.pem"].map((name) => readFileSync(join(fixtures, name)));
  const server = createTlsServer({ cert, key }, (_, response) => response.end(JSON.stringify({ data: { foo: "world" } })));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const environment = { VAULT_ADDR: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, VAULT_TOKEN: token };
  const ask = (more: { readonly [name: string]: string }) => askVault({ path: "a", key: "foo" }, { ...environment, ...more });
  try {
    await refused(ask({}), /certificate/i, token);
    assert.is(await ask({ VAULT_SKIP_VERIFY: "1" }), "world");
    const trusting = { VAULT_CACERT: join(fixtures, "certificate.pem") };
    assert.is(await ask({ ...trusting, VAULT_TLS_SERVER_NAME: "mirror.test" }), "world");
    await refused(ask({ ...trusting, VAULT_TLS_SERVER_NAME: "other.example" }), /other\.example/, token);
  } finally {
    server.close();
  }
});

test("the examples of the documentation hold", async () => {
  const answers: { readonly [path: string]: Answer } = {
    "/v1/secret/data/hello": [200, JSON.stringify({ data: { data: { foo: "world" } } })],
    "/v1/kv/image/base": [200, JSON.stringify([{ Value: Buffer.from("debian-12").toString("base64") }])],
    "/": [200, JSON.stringify({ SecretString: '{"user":"admin","password":"tea"}' })],
  };
  await serving(
    ({ path }) => answers[path] ?? [404, ""],
    async (url) => {
      const aws = { AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "x" };
      const environment = world({ environment: { VAULT_ADDR: url, VAULT_TOKEN: token, CONSUL_HTTP_ADDR: url, ...aws } });
      for (const name of ["vault", "consul_key", "aws_secretsmanager", "aws_secretsmanager_raw"]) {
        for (const { code, result } of hclFunctions().get(name)?.doc?.examples ?? []) {
          assert.is(JSON.stringify(toPlain(await answered(code, environment))), result, code);
        }
      }
    },
  );
});

test("consul_key reads a key with token or login, and refuses an empty value", async () => {
  const value = (content: string): string => JSON.stringify([{ Key: "k", Value: Buffer.from(content).toString("base64") }]);
  await serving(
    ({ path }) =>
      path.startsWith("/v1/kv/image/base")
        ? [200, value("debian-ü")]
        : path === "/v1/kv/empty"
          ? [200, value("")]
          : path === "/v1/kv/no"
            ? [403, "no"]
            : [404, ""],
    async (url, asked) => {
      const environment = { CONSUL_HTTP_ADDR: url.replace("http://", ""), CONSUL_HTTP_TOKEN: token, CONSUL_NAMESPACE: "team" };
      assert.is(await askConsul({ key: "/image/base" }, environment), "debian-ü");
      assert.is(asked[0]?.path, "/v1/kv/image/base?ns=team");
      assert.is(asked[0]?.headers["x-consul-token"], token);
      const folder = tmp("consul");
      writeFileSync(join(folder, "token"), `${token}\n`);
      await askConsul(
        { key: "image/base" },
        { CONSUL_HTTP_ADDR: url, CONSUL_HTTP_TOKEN_FILE: join(folder, "token"), CONSUL_HTTP_AUTH: "me:tea" },
      );
      assert.is(asked[1]?.headers["x-consul-token"], token);
      assert.is(asked[1]?.headers.authorization, `Basic ${Buffer.from("me:tea").toString("base64")}`);
      const plain = { CONSUL_HTTP_ADDR: url, CONSUL_HTTP_TOKEN: token };
      await refused(askConsul({ key: "empty" }, plain), /the value of empty in Consul is empty/, token);
      await refused(askConsul({ key: "none" }, plain), /no key none in Consul/, token);
      await refused(askConsul({ key: "no" }, plain), /status 403, no/, token);
      await refused(
        askConsul({ key: "x" }, { ...plain, CONSUL_HTTP_SSL: "true", CONSUL_HTTP_ADDR: plain.CONSUL_HTTP_ADDR.slice(7) }),
        /https:/,
      );
      await refused(askConsul({ key: "x" }, { CONSUL_HTTP_ADDR: "unix:///run/consul.sock" }), /Unix socket/);
    },
  );
});

test("signatures are those of AWS's published example", () => {
  // The case "get-vanilla" of the Signature Version 4 test suite.
  const headers = signAwsRequest({
    method: "GET",
    url: new URL("https://example.amazonaws.com/"),
    headers: {},
    body: "",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
    region: "us-east-1",
    service: "service",
    at: Date.UTC(2015, 7, 30, 12, 36),
  });
  assert.is(
    headers.authorization,
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, " +
      "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
  );
});

const key = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "very-secret-key", AWS_EC2_METADATA_DISABLED: "true" };

/** Whether the signature of a request is that of the key; worked out once more here. */
function isSigned({ method, path, headers, body }: Asked, secret: string): boolean {
  const given = /Credential=\w+\/(\d+)\/([\w-]+)\/(\w+)\/aws4_request, SignedHeaders=([\w;-]+), Signature=(\w+)/.exec(
    headers.authorization ?? "",
  );
  const [, day = "", region = "", service = "", names = "", signature = ""] = given ?? [];
  const hash = (content: string): string => createHash("sha256").update(content).digest("hex");
  const lines = names.split(";").map((name) => `${name}:${String(headers[name])}\n`);
  const canonical = `${method}\n${path}\n\n${lines.join("")}\n${names}\n${hash(body)}`;
  const toSign = `AWS4-HMAC-SHA256\n${String(headers["x-amz-date"])}\n${day}/${region}/${service}/aws4_request\n${hash(canonical)}`;
  const mac = (with_: Buffer | string, content: string): Buffer => createHmac("sha256", with_).update(content).digest();
  const signing = mac(mac(mac(mac(`AWS4${secret}`, day), region), service), "aws4_request");
  return mac(signing, toSign).toString("hex") === signature && names.includes("host") && names.includes("x-amz-target");
}

const secrets: { readonly [name: string]: object } = {
  login: { SecretString: '{"user":"admin","password":"tea","port":22,"nested":{}}' },
  one: { SecretString: '{"only":"value"}' },
  plain: { SecretString: "just text" },
  digits: { SecretString: "12345" },
  binary: { SecretBinary: "AAAA" },
};

test("aws_secretsmanager asks with a signed request, and picks the key", async () => {
  await serving(
    ({ body }) => {
      const { SecretId } = JSON.parse(body) as { readonly SecretId: string };
      const found = secrets[SecretId];
      return found === undefined
        ? [
            400,
            JSON.stringify({
              __type: "com.amazonaws#ResourceNotFoundException",
              Message: "Secrets Manager can't find the specified secret.",
            }),
          ]
        : [200, JSON.stringify(found)];
    },
    async (url, asked) => {
      const environment = { ...key, AWS_REGION: "eu-west-1", AWS_SESSION_TOKEN: "session", AWS_ENDPOINT_URL_SECRETS_MANAGER: url };
      assert.is(await askAwsSecret({ name: "login", key: "password" }, environment), "tea");
      const [first] = asked;
      assert.ok(first !== undefined && isSigned(first, key.AWS_SECRET_ACCESS_KEY));
      assert.is(first?.headers["x-amz-target"], "secretsmanager.GetSecretValue");
      assert.is(first?.headers["x-amz-security-token"], "session");
      assert.match(first?.headers.authorization ?? "", /\/eu-west-1\/secretsmanager\/aws4_request/);
      assert.equal(JSON.parse(first?.body ?? ""), { SecretId: "login", VersionStage: "AWSCURRENT" });
      assert.is(await askAwsSecret({ name: "login", key: "port" }, environment), "22");
      assert.is(await askAwsSecret({ name: "one" }, environment), "value");
      assert.is(await askAwsSecret({ name: "plain" }, environment), "just text");
      assert.is(await askAwsSecret({ name: "digits", key: "any" }, environment), "12345");
      assert.is(await askAwsSecretRaw({ name: "login" }, environment), String(Object.values(secrets.login ?? {})[0]));
      await refused(askAwsSecret({ name: "login" }, environment), /has 4 keys; name the one/, "tea");
      await refused(askAwsSecret({ name: "login", key: "x" }, environment), /has no key "x"/, "tea");
      await refused(askAwsSecret({ name: "login", key: "nested" }, environment), /neither text nor a number/, "tea");
      await refused(askAwsSecretRaw({ name: "binary" }, environment), /is binary/);
      await refused(
        askAwsSecretRaw({ name: "none" }, environment),
        /ResourceNotFoundException: Secrets Manager can't find/,
        key.AWS_SECRET_ACCESS_KEY,
      );
    },
  );
});

test("AWS credentials come from the environment, profiles, containers or the instance", async () => {
  const folder = tmp("aws");
  writeFileSync(
    join(folder, "credentials"),
    "[default]\naws_access_key_id = AKIDEFAULT\naws_secret_access_key = one\n\n[ci]\naws_access_key_id=AKICI\naws_secret_access_key=two # note\naws_session_token=t\n",
  );
  writeFileSync(
    join(folder, "config"),
    "[default]\nregion = us-east-2\n[profile ci]\nregion = eu-central-1\n[profile sso]\nsso_session = x\n",
  );
  const files = { AWS_SHARED_CREDENTIALS_FILE: join(folder, "credentials"), AWS_CONFIG_FILE: join(folder, "config") };
  const role = JSON.stringify({ AccessKeyId: "AKIROLE", SecretAccessKey: "three", Token: "role-token" });
  await serving(
    ({ path, method, headers }) => {
      if (path === "/container") return headers.authorization === "Bearer x" ? [200, role] : [401, ""];
      if (path === "/latest/api/token") return [method === "PUT" ? 200 : 405, "imds"];
      if (headers["x-aws-ec2-metadata-token"] === "imds") return [200, path.endsWith("/") ? "image-role" : role];
      return [200, JSON.stringify({ SecretString: "text" })];
    },
    async (url, asked) => {
      const signer = async (environment: { readonly [name: string]: string }): Promise<string> => {
        await askAwsSecretRaw({ name: "x" }, { ...environment, AWS_ENDPOINT_URL: url });
        const { authorization = "" } = asked.at(-1)?.headers ?? {};
        return /Credential=(\w+)\/\d+\/([\w-]+)/.exec(authorization)?.slice(1).join(" ") ?? "";
      };
      assert.is(await signer({ ...files }), "AKIDEFAULT us-east-2");
      assert.is(await signer({ ...files, AWS_PROFILE: "ci" }), "AKICI eu-central-1");
      const last = asked.at(-1);
      assert.ok(last);
      assert.ok(isSigned(last, "two"));
      assert.is(await signer({ ...files, AWS_PROFILE: "ci", ...key, AWS_DEFAULT_REGION: "us-west-1" }), "AKIDEXAMPLE us-west-1");
      const container = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/container`, AWS_CONTAINER_AUTHORIZATION_TOKEN: "Bearer x" };
      assert.is(await signer({ AWS_REGION: "eu-west-3", ...container }), "AKIROLE eu-west-3");
      assert.is(await signer({ AWS_REGION: "eu-west-3", AWS_EC2_METADATA_SERVICE_ENDPOINT: url }), "AKIROLE eu-west-3");
      assert.is(asked.at(-1)?.headers["x-amz-security-token"], "role-token");
      await refused(signer({ ...files, AWS_PROFILE: "sso" }), /uses sso_session.*export-credentials --profile sso/);
      await refused(signer({ ...files, AWS_PROFILE: "none" }), /there is no AWS profile "none"/);
      await refused(signer({ ...key }), /the AWS region is not known/, key.AWS_SECRET_ACCESS_KEY);
      await refused(signer({ AWS_REGION: "x/y", ...key }), /lower-case letters/);
      await refused(signer({ AWS_REGION: "eu-west-1", AWS_EC2_METADATA_DISABLED: "true" }), /no AWS credentials were found/);
    },
  );
});

test("an expression waits for the answer, asks once, and its result is sensitive", async () => {
  await serving(
    () => [200, JSON.stringify({ data: { foo: "tea" } })],
    async (url, asked) => {
      const environment = world({ environment: { VAULT_ADDR: url, VAULT_TOKEN: token } });
      const expression = '[vault("kv/a", "foo"), upper(vault("kv/a", "foo"))]';
      const value = await answered(expression, environment);
      assert.equal(toPlain(value), ["tea", "TEA"]);
      assert.ok(value.kind === "sequence" && value.elements.every(({ sensitive }) => sensitive));
      assert.is(asked.length, 1);
    },
  );
});

test("a service that refuses is an error of the call", async () => {
  const environment = world();
  try {
    evaluated('vault("kv/a", "foo")', { environment });
  } catch (error) {
    if (!(error instanceof Pending)) throw error;
    await error.answer;
  }
  const { diagnostics } = evaluated('vault("kv/a", "foo")', { environment });
  assert.match(diagnostics[0]?.detail ?? "", /VAULT_TOKEN must be set/);
});

test.run();
