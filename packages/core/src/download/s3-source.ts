// Objects of S3, asked for with signed requests (Amazon S3 API Reference, "GetObject", "Error responses", "Authenticating requests").
import { awsEndpoint, findAwsAccount, noAwsCredentials } from "../aws/credentials.ts";
import { type AwsCredentials, signAwsRequest } from "../aws/signature.ts";
import { BuildError } from "../diagnostics/error.ts";
import { withoutSecrets } from "./ask-service.ts";
import { type BucketRefusal, readRefusal } from "./bucket-refusal.ts";
import { encodedPath } from "./encoded-path.ts";
import type { Environment } from "./proxy.ts";
import { type HttpRequest, type HttpResponse, sendRequest } from "./request.ts";
import { temporaryStatus } from "./retry.ts";
import type { S3Location } from "./s3-location.ts";
import type { Source } from "./source.ts";

/** SHA-256 of a request without a body, which S3 wants said. */
const EMPTY_BODY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** One turn each for another region and for credentials that have expired meanwhile. */
const MOST_TURNS = 3;

/**
 * An object of S3. Its requests are signed with the keys of the location, else with those that the environment gives (see `findAwsAccount`);
 * without any they are not signed, which public buckets allow. The region is learned from the store where it is another one.
 */
export function s3Source(location: S3Location): Source {
  return new S3Source(location);
}

/** Who asks, and in which region. */
interface Account {
  readonly region: string;
  readonly credentials: AwsCredentials | undefined;
}

class S3Source implements Source {
  readonly url: URL;
  readonly #location: S3Location;
  #account: Account | undefined;

  constructor(location: S3Location) {
    this.#location = location;
    this.url = new URL(location.url);
    if (location.version !== undefined) this.url.searchParams.set("versionId", location.version);
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    for (let turn = 1; ; turn++) {
      this.#account ??= await accountOf(this.#location, request);
      const { region, credentials } = this.#account;
      const url = addressOf(this.#location, region, request.environment);
      const method = request.method ?? "GET";
      const headers = { ...request.headers, ...signature(url, method, this.#account) };
      const { message, status } = await sendRequest(url, { ...request, method, headers, followRedirects: false });
      if ([200, 206, 304, 416].includes(status)) return { message, status, url: this.url };
      const refusal = await readRefusal(message);
      const { region: right, code } = refusal;
      if (turn < MOST_TURNS && right !== undefined && right !== region && [301, 307, 400].includes(status)) {
        this.#account = { region: right, credentials };
        continue;
      }
      if (turn < MOST_TURNS && code === "ExpiredToken" && this.#location.keys === undefined) {
        this.#account = undefined;
        continue;
      }
      const secrets = [credentials?.secretAccessKey ?? "", credentials?.sessionToken ?? "", credentials?.accessKeyId ?? ""];
      const reason = withoutSecrets(`S3 answered ${status}${refusal.text === "" ? "" : `, ${refusal.text}`}`, secrets);
      throw (
        temporaryStatus(message, reason) ?? failure(this.#location, reason, { ...refusal, status, isSigned: credentials !== undefined })
      );
    }
  }
}

// --- internal ---

async function accountOf({ keys, profile, region }: S3Location, { environment, signal }: HttpRequest): Promise<Account> {
  // A profile goes before keys, as Packer has it.
  if (keys !== undefined && profile === undefined) {
    return { region: region ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? "us-east-1", credentials: keys };
  }
  const account = await findAwsAccount({ environment, profile, signal });
  return { region: region ?? account.region ?? "us-east-1", credentials: account.credentials };
}

/** Where an object is asked for: with the bucket in the host at Amazon's, where its name allows that, else in the path. */
function addressOf({ bucket, key, version, endpoint, service }: S3Location, region: string, environment: Environment): URL {
  const other = endpoint ?? awsEndpoint("S3", environment);
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const host = `${service}.${region}.${domain}`;
  const url =
    other !== undefined
      ? new URL(`${other.origin}${other.pathname.replace(/\/$/, "")}/${encodedPath(`${bucket}/${key}`)}`)
      : /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket)
        ? new URL(`https://${bucket}.${host}/${encodedPath(key)}`)
        : new URL(`https://${host}/${encodedPath(`${bucket}/${key}`)}`);
  if (version !== undefined) url.searchParams.set("versionId", version);
  return url;
}

function signature(url: URL, method: string, { region, credentials }: Account): { readonly [name: string]: string } {
  if (credentials === undefined) return {};
  // Only what S3 wants signed: proxies may change the rest.
  return signAwsRequest({
    method,
    url,
    headers: { "x-amz-content-sha256": EMPTY_BODY },
    body: "",
    credentials,
    region,
    service: "s3",
    at: Date.now(),
  });
}

interface Refused extends BucketRefusal {
  readonly status: number;
  readonly isSigned: boolean;
}

function failure({ url }: S3Location, reason: string, refused: Refused): BuildError {
  return new BuildError(`could not download ${url.href}: ${reason}`, { code: "TPK7001", hint: hintFor(refused) });
}

function hintFor({ status, code, isSigned }: Refused): string | undefined {
  if (code === "RequestTimeTooSkewed") return "Set this machine's clock: S3 refuses requests that seem to be old.";
  if (code === "NoSuchBucket" || code === "NoSuchKey" || code === "NoSuchVersion" || status === 404) return undefined;
  if (!isSigned && (status === 401 || status === 403)) return `The request was not signed, as ${noAwsCredentials}.`;
  if (code === "AccessDenied")
    return "The credentials may not read it (s3:GetObject), or there is no such object and they may not list the bucket.";
  return undefined;
}
