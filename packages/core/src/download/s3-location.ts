// Addresses of objects in Amazon S3 and in stores that speak its protocol (row ISO-10), in all the forms that Packer's users have.
import { BuildError } from "../diagnostics/error.ts";
import { decoded } from "./decoded.ts";
import { encodedPath } from "./encoded-path.ts";

/** An object of a bucket. */
export interface S3Location {
  readonly kind: "s3";
  /** For messages, names and comparing: the object's address by path, without anything secret. */
  readonly url: URL;
  readonly bucket: string;
  readonly key: string;
  /** Of an object that has several; the newest unless given. */
  readonly version: string | undefined;
  /** Undefined where neither host nor query tell. */
  readonly region: string | undefined;
  /** Where the store is, if it is none of Amazon's. */
  readonly endpoint: URL | undefined;
  /** The service as Amazon's hosts name it. */
  readonly service: "s3" | "s3.dualstack";
  /** Keys that the address brings along, which go before all others. */
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string | undefined } | undefined;
  /** Profile of the AWS command line to take, which goes before everything else. */
  readonly profile: string | undefined;
}

const amazonHost = /^(?:(.+)\.)?s3(\.dualstack)?(?:[.-]([a-z]{2}(?:-[a-z]+)+-\d+))?\.amazonaws\.com(?:\.cn)?$/i;

const forms = "Write it like s3::https://s3.eu-west-1.amazonaws.com/BUCKET/KEY, or s3://BUCKET/KEY.";

/** True for `bucket.s3.amazonaws.com/key` and its like, which needs no `s3::` in front. */
export function isS3Shorthand(text: string): boolean {
  return /^[^/:?#]+\.amazonaws\.com(\.cn)?\//i.test(text);
}

/**
 * Reads what stands behind `s3::`, or the forms without it: `s3://BUCKET/KEY` as in the AWS command line, and hosts of Amazon without a
 * scheme. Hosts may have the bucket in front. Any other host is that of a store with S3's protocol. Throws `BuildError` (TPK7001).
 */
export function parseS3Location(text: string, shown: string): S3Location {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase() ?? "https";
  const address = `https://${text.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "")}`;
  if (!["http", "https", "s3"].includes(scheme) || !URL.canParse(address)) throw refused(shown, "it is no address of S3", forms);
  const url = new URL(address);
  const amazon = amazonHost.exec(url.hostname);
  const isBucketUrl = scheme === "s3" && amazon === null;
  if (isBucketUrl && url.port !== "") {
    throw refused(shown, "s3:// is followed by a bucket, not by a host and port", "Write s3::http://HOST:PORT/BUCKET/KEY.");
  }
  if (amazon === null && /(^|\.)amazonaws\.com(\.cn)?$/i.test(url.hostname)) throw refused(shown, "it is no address of S3", forms);
  const parts = url.pathname.slice(1).split("/");
  const bucket = isBucketUrl ? url.hostname : (amazon?.[1] ?? decoded(parts.shift() ?? ""));
  const key = decoded(parts.join("/"));
  if (bucket === "" || key === "") throw refused(shown, "it names no object: a bucket and a key are needed", forms);
  const options = optionsOf(url, shown);
  // Only what is another store's own is an endpoint: Amazon's follows from the region.
  const endpoint = amazon === null && !isBucketUrl ? new URL(`${scheme}://${url.host}/`) : undefined;
  return {
    kind: "s3",
    url: new URL(`${endpoint?.origin ?? "https://s3.amazonaws.com"}/${encodedPath([bucket, key].join("/"))}`),
    bucket,
    key,
    version: options.version,
    region: amazon?.[3]?.toLowerCase() ?? options.region ?? (amazon !== null && !isBucketUrl ? defaultRegion(url.hostname) : undefined),
    endpoint,
    service: amazon?.[2] === undefined ? "s3" : "s3.dualstack",
    keys: options.keys,
    profile: options.profile,
  };
}

// --- internal ---

const parameters = ["version", "region", "aws_access_key_id", "aws_access_key_secret", "aws_access_token", "aws_profile"];

function optionsOf(url: URL, shown: string): Pick<S3Location, "version" | "region" | "keys" | "profile"> {
  const given = (name: string): string | undefined => url.searchParams.get(name) || undefined;
  const unknown = [...url.searchParams.keys()].find((name) => !parameters.includes(name));
  if (unknown !== undefined) {
    throw refused(
      shown,
      `S3 has no parameter ${JSON.stringify(unknown)}`,
      `It has ${parameters.join(", ")}; an address that is signed already is an https URL.`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw refused(shown, "S3 knows no user and password", "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
  }
  const region = given("region");
  if (region !== undefined && !/^[a-z0-9-]+$/.test(region)) {
    throw refused(shown, "the region may hold lower-case letters, digits and dashes only");
  }
  const accessKeyId = given("aws_access_key_id");
  const secretAccessKey = given("aws_access_key_secret");
  const sessionToken = given("aws_access_token");
  const isComplete = accessKeyId !== undefined && secretAccessKey !== undefined;
  if (!isComplete && (accessKeyId ?? secretAccessKey ?? sessionToken) !== undefined) {
    throw refused(shown, "aws_access_key_id and aws_access_key_secret go together");
  }
  const keys = isComplete ? { accessKeyId, secretAccessKey, sessionToken } : undefined;
  return { version: given("version"), region, keys, profile: given("aws_profile") };
}

/** What hosts without a region mean, as with Packer. */
function defaultRegion(host: string): string {
  return host.endsWith(".cn") ? "cn-north-1" : "us-east-1";
}

function refused(shown: string, reason: string, hint?: string): BuildError {
  return new BuildError(`${shown} cannot be downloaded: ${reason}`, { code: "TPK7001", hint });
}
