// Objects of S3 (row ISO-10): addresses, and downloads from a store in which the AWS SDK judges signatures.
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { lab, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseChecksum } from "../../src/checksum/checksum.ts";
import { errorText, TspackError } from "../../src/diagnostics/error.ts";
import { type Downloaded, download } from "../../src/download/download.ts";
import { parseLocation, redactLocation } from "../../src/download/location.ts";
import { type S3Server, s3Keys, withS3Server } from "./s3-server.ts";
import { testServer } from "./test-server.ts";

const goTest = lab(test, "go");

const content = randomBytes(2_000_000);
const digest = createHash("sha256").update(content).digest("hex");
const { signal } = new AbortController();
/** Nobody asks for the role of a machine here. */
const nobody = { AWS_EC2_METADATA_DISABLED: "true" };
const keys = { ...nobody, ...s3Keys };

type Variables = { readonly [name: string]: string };

async function get(location: string, environment: Variables, { checksum = `sha256:${digest}`, folder = tmp("cache") } = {}) {
  const log: string[] = [];
  const options = { location, checksum: parseChecksum(checksum), cacheDirectory: folder, workingDirectory: folder, environment, signal };
  const found: Downloaded = await download({ ...options, firstDelayMs: 1, attempts: 2, log: (line) => log.push(line) });
  return { ...found, log, folder };
}

test("addresses of objects are read in all their forms", () => {
  const key = "aws_access_key_id=A&aws_access_key_secret=b%2Fc";
  const table: readonly (readonly [string, string])[] = [
    ["s3::https://s3.amazonaws.com/images/a/b.iso", "images a/b.iso us-east-1"],
    ["s3::https://s3-eu-west-1.amazonaws.com/images/b.iso", "images b.iso eu-west-1"],
    ["s3::https://s3.eu-west-1.amazonaws.com/images/b.iso?version=v1", "images b.iso eu-west-1 version v1"],
    ["s3::https://images.s3.us-gov-west-1.amazonaws.com/b.iso", "images b.iso us-gov-west-1"],
    ["s3::https://s3.cn-north-1.amazonaws.com.cn/images/b.iso", "images b.iso cn-north-1"],
    ["s3::https://s3.dualstack.eu-west-1.amazonaws.com/images/b.iso", "images b.iso eu-west-1"],
    ["images.s3.amazonaws.com/b.iso", "images b.iso us-east-1"],
    ["my.images.s3-eu-west-1.amazonaws.com/a/b.iso", "my.images a/b.iso eu-west-1"],
    ["s3.amazonaws.com/images/b.iso", "images b.iso us-east-1"],
    ["s3://images/a%20b+c.iso", "images a b+c.iso"],
    ["s3://images/b.iso?region=eu-west-2&aws_profile=ci", "images b.iso eu-west-2 profile ci"],
    [`s3::http://127.0.0.1:9000/images/b.iso?region=here&${key}`, "images b.iso here at http://127.0.0.1:9000/ keys A b/c"],
  ];
  for (const [text, expected] of table) {
    const found = parseLocation(text, "/");
    assert.is(found.kind, "s3", text);
    if (found.kind !== "s3") continue;
    const { bucket, region, version, endpoint, keys, profile } = found;
    const said = [bucket, found.key, region, version && `version ${version}`, endpoint && `at ${endpoint}`];
    const who = [keys && `keys ${keys.accessKeyId} ${keys.secretAccessKey}`, profile && `profile ${profile}`];
    assert.is([...said, ...who].filter(Boolean).join(" "), expected, text);
    assert.not.match(found.url.href, /aws_|b%2Fc/);
  }
  assert.is(parseLocation("https://images.s3.amazonaws.com/b.iso", "/").kind, "http", "a public object by its own address");
  for (const [text, message] of [
    ["s3::https://s3.amazonaws.com/images", /names no object/],
    ["s3://images", /names no object/],
    ["s3://127.0.0.1:9000/images/b.iso", /followed by a bucket/],
    ["s3::https://ec2.amazonaws.com/images/b.iso", /no address of S3/],
    ["s3::ftp://host/images/b.iso", /no address of S3/],
    ["s3://images/b.iso?X-Amz-Signature=secret-word", /S3 has no parameter "X-Amz-Signature"/],
    ["s3://images/b.iso?aws_access_key_id=secret-word", /go together/],
    ["s3://me:secret-word@images/b.iso", /no user and password/],
    ["s3://images/b.iso?region=EU", /lower-case/],
  ] as const) {
    try {
      parseLocation(text, "/");
      assert.unreachable(text);
    } catch (error) {
      assert.match(errorText(error), message);
      assert.not.match(errorText(error), /secret-word/);
    }
  }
  assert.is(
    redactLocation(`s3::http://u:p@h/b/k?region=here&${key}&aws_access_token=t`),
    "s3::http://h/b/k?region=here&aws_access_key_id=REDACTED&aws_access_key_secret=REDACTED&aws_access_token=REDACTED",
  );
  assert.is(
    redactLocation(`b.s3.amazonaws.com/k?${key}`),
    "b.s3.amazonaws.com/k?aws_access_key_id=REDACTED&aws_access_key_secret=REDACTED",
  );
});

test("requests to Amazon go to the bucket's own host in its region, by TLS", async () => {
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on("connect", ({ url }, socket) => {
    asked.push(url ?? "");
    socket.end("HTTP/1.1 403 no\r\n\r\n");
  });
  const server = await testServer((_, response) => response.writeHead(500).end(), proxy);
  try {
    const environment = { ...keys, HTTPS_PROXY: server.url, AWS_REGION: "us-west-2" };
    for (const text of [
      "s3://images/b.iso",
      "images.s3.amazonaws.com/b.iso",
      "s3::https://s3-eu-west-1.amazonaws.com/my.images/b.iso",
      "s3::https://s3.dualstack.eu-west-1.amazonaws.com/images/b.iso",
      "s3::https://s3.cn-north-1.amazonaws.com.cn/images/b.iso",
    ]) {
      await rejects(get(text, environment), { code: "TPK7001", message: /the proxy .* refused the connection/ });
    }
    assert.equal(asked, [
      "images.s3.us-west-2.amazonaws.com:443",
      "images.s3.us-east-1.amazonaws.com:443",
      "s3.eu-west-1.amazonaws.com:443",
      "images.s3.dualstack.eu-west-1.amazonaws.com:443",
      "images.s3.cn-north-1.amazonaws.com.cn:443",
    ]);
  } finally {
    await server.close();
  }
});

const objects = {
  "images/b.iso": content,
  "images/a b+c(1)=ü&;@!'*~.iso": content,
  "images/long.breaks": content,
  "images/SHA256SUMS": `${digest}  b.iso\n`,
  "public/b.iso": content,
};

goTest("signed downloads: any key, version, checksum list and source of credentials; in the cache without anything secret", () =>
  serving(async ({ url, requests }) => {
    const at = { ...keys, AWS_ENDPOINT_URL_S3: url, AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_REGION: "eu-west-1" };
    const first = await get("s3://images/b.iso", at);
    assert.ok(readFileSync(first.path).equals(content));
    assert.equal(await requests(), ["GET /images/b.iso AKIDEXAMPLE eu-west-1"]);
    assert.is((await get("s3://images/b.iso", at, first)).from, "reused");
    assert.is((await requests()).length, 1);

    await get(`s3://images/${encodeURIComponent("a b+c(1)=ü&;@!'*~.iso")}`, at);
    await get("s3.eu-west-1.amazonaws.com/images/b.iso", at, { checksum: "file:s3://images/SHA256SUMS" });
    const { path } = await get("s3://images/b.iso?version=v%2F1+x", at, { checksum: "none" });
    assert.is(readFileSync(path, "utf8").split("\n")[0], "v/1 x");

    const folder = tmp("aws");
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = s3Keys;
    const ini = `[ci]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\naws_session_token = ${token}\nregion = eu-west-1\n`;
    writeFileSync(join(folder, "credentials"), ini);
    const profile = { ...nobody, AWS_ENDPOINT_URL: url, AWS_SHARED_CREDENTIALS_FILE: join(folder, "credentials") };
    await get("s3://images/b.iso?aws_profile=ci", { ...profile, AWS_ACCESS_KEY_ID: "other", AWS_SECRET_ACCESS_KEY: "other" });
    await get("s3://images/b.iso", { ...profile, AWS_PROFILE: "ci" });

    const query = `region=eu-west-1&aws_access_key_id=${id}&aws_access_key_secret=${encodeURIComponent(secret)}&aws_access_token=${encodeURIComponent(token)}`;
    const own = await get(`s3::${url}/images/b.iso?${query}`, nobody, { checksum: "none" });
    const plain = await get(`s3::${url}/images/b.iso`, { ...keys, AWS_REGION: "eu-west-1" }, { ...own, checksum: "none" });
    assert.is(plain.path, own.path, "the keys are no part of the name in the cache");
    assert.is(plain.from, "reused");
  }),
);

goTest("a broken download is resumed with a new signature; the bucket's region is learned", () =>
  serving(async ({ url, requests }) => {
    const { path, log } = await get("s3://images/long.breaks", { ...keys, AWS_ENDPOINT_URL: url });
    assert.ok(readFileSync(path).equals(content));
    const asked = await requests();
    assert.is(asked[0], "GET /images/long.breaks AKIDEXAMPLE us-east-1");
    assert.is(asked[1], "GET /images/long.breaks AKIDEXAMPLE eu-west-1");
    assert.match(asked[2] ?? "", /^GET \/images\/long\.breaks AKIDEXAMPLE eu-west-1 bytes=\d+-$/);
    assert.is(asked.length, 3);
    assert.match(log.join("\n"), /^s3:\/\/images\/long\.breaks: the connection broke after \d+ of 2000000 bytes/);
  }),
);

goTest("a public bucket needs no credentials; refusals say what S3 says and what to do, and nothing secret", () =>
  serving(async ({ url, requests }) => {
    const none = { ...nobody, AWS_ENDPOINT_URL: url };
    assert.is((await get("s3://public/b.iso", none)).from, "downloaded");
    assert.equal(await requests(), ["GET /public/b.iso unsigned"]);
    const refused = async (location: string, environment: Variables, message: RegExp, hint?: RegExp) => {
      const folder = tmp("cache");
      const error = await rejects(get(location, environment, { folder }), { code: "TPK7001", message });
      assert.match((TspackError.is(error) && error.hint) || "", hint ?? /^$/);
      assert.not.match(errorText(error), /AKID|very\/secret|session\+token/);
      assert.equal(readdirSync(folder), []);
    };
    const all = { ...keys, AWS_ENDPOINT_URL: url, AWS_REGION: "eu-west-1" };
    await refused(
      "s3://images/b.iso",
      none,
      /s3\.amazonaws\.com\/images\/b\.iso: S3 answered 403, AccessDenied/,
      /no AWS credentials were found/,
    );
    await refused("s3://images/none.iso", all, /S3 answered 404, NoSuchKey: The specified key does not exist\.$/);
    await refused("s3://images/b.iso", { ...all, AWS_SECRET_ACCESS_KEY: "wrong" }, /S3 answered 403, SignatureDoesNotMatch/);
    await refused("s3://images/b.iso", { ...all, AWS_ACCESS_KEY_ID: "AKIDOTHER" }, /InvalidAccessKeyId: .*records: <sensitive>/);
    await refused("s3://images/b.iso", { ...all, AWS_PROFILE: "no", AWS_ACCESS_KEY_ID: "" }, /there is no AWS profile "no"/);
    await refused("s3://images/b.iso", { ...all, AWS_ENDPOINT_URL: "nowhere" }, /AWS_ENDPOINT_URL is not an address/);
  }),
);

/** Runs the store for a test. */
function serving(body: (server: S3Server) => Promise<void>): Promise<void> {
  return within(60_000, () => withS3Server(objects, body));
}

test.run();
