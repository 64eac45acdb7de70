// Who asks AWS, and where: the environment, the files of the AWS command line, the container's or the machine's role, in this order.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BuildError } from "../diagnostics/error.ts";
import { askService, fieldOf, urlInVariable } from "../download/ask-service.ts";
import type { Environment } from "../download/proxy.ts";
import type { AwsCredentials } from "./signature.ts";

/** Where credentials are looked for. */
export interface AwsAccountOptions {
  readonly environment: Environment;
  /** Profile to take, whatever keys the environment has; else AWS_PROFILE, then `default`, after the environment's keys. */
  readonly profile?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the environment and the files of the AWS command line say. */
export interface AwsAccount {
  /** Undefined when nobody names one. */
  readonly region: string | undefined;
  /** Undefined when there are none anywhere. */
  readonly credentials: AwsCredentials | undefined;
}

/** What to do when there are no credentials. */
export const noAwsCredentials =
  "no AWS credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile that has them with AWS_PROFILE";

/**
 * Region and credentials: AWS_REGION or AWS_DEFAULT_REGION and AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; else the
 * profile AWS_PROFILE (`default`) in ~/.aws/credentials and ~/.aws/config (or what AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE
 * name); else the role of the container (AWS_CONTAINER_CREDENTIALS_*) or of the EC2 instance. Rejects with `BuildError` (TPK7001) for
 * a profile that is not there or needs other programs, and for a role that cannot be had although there should be one.
 */
export async function findAwsAccount(options: AwsAccountOptions): Promise<AwsAccount> {
  const { environment } = options;
  const name = options.profile ?? set(environment, "AWS_PROFILE") ?? set(environment, "AWS_DEFAULT_PROFILE");
  const profile = await readProfile(environment, name ?? "default");
  const given = options.profile === undefined ? fromEnvironment(environment) : undefined;
  const known = given ?? fromProfile(profile, name ?? "default");
  if (known === undefined && name !== undefined) {
    failed(
      profile.size === 0 ? `there is no AWS profile ${JSON.stringify(name)}` : `the AWS profile ${JSON.stringify(name)} has no access key`,
    );
  }
  const ofEnvironment = set(environment, "AWS_REGION") ?? set(environment, "AWS_DEFAULT_REGION");
  const region = options.profile === undefined ? (ofEnvironment ?? profile.get("region")) : (profile.get("region") ?? ofEnvironment);
  if (region !== undefined && !/^[a-z0-9-]+$/.test(region)) failed("the AWS region may hold lower-case letters, digits and dashes only");
  return { region, credentials: known ?? (await fromContainer(options)) ?? (await fromInstance(options)) };
}

/**
 * The address that the environment sets in place of the service's own, as the AWS command line has it: AWS_ENDPOINT_URL_SERVICE, then
 * AWS_ENDPOINT_URL, unless AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true. `service` is as in the variable: `S3`, `SECRETS_MANAGER`.
 * Throws `BuildError` (TPK7001) for a text that is no address.
 */
export function awsEndpoint(service: string, environment: Environment): URL | undefined {
  if (environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === "true") return undefined;
  for (const variable of [`AWS_ENDPOINT_URL_${service}`, "AWS_ENDPOINT_URL"]) {
    const text = set(environment, variable);
    if (text !== undefined) return urlInVariable(text, variable);
  }
  return undefined;
}

// --- internal ---

type Profile = ReadonlyMap<string, string>;

/** A variable that is set to something. */
function set(environment: Environment, name: string): string | undefined {
  const text = environment[name];
  return text === "" ? undefined : text;
}

function fromEnvironment(environment: Environment): AwsCredentials | undefined {
  const accessKeyId = set(environment, "AWS_ACCESS_KEY_ID") ?? set(environment, "AWS_ACCESS_KEY");
  const secretAccessKey = set(environment, "AWS_SECRET_ACCESS_KEY") ?? set(environment, "AWS_SECRET_KEY");
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken: set(environment, "AWS_SESSION_TOKEN") };
}

/** Other ways in, which need programs or services of their own. */
const otherWays = ["credential_process", "role_arn", "sso_session", "sso_start_url", "web_identity_token_file", "login_session"];

function fromProfile(profile: Profile, name: string): AwsCredentials | undefined {
  const accessKeyId = profile.get("aws_access_key_id");
  const secretAccessKey = profile.get("aws_secret_access_key");
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    return { accessKeyId, secretAccessKey, sessionToken: profile.get("aws_session_token") };
  }
  const way = otherWays.find((option) => profile.has(option));
  if (way === undefined) return undefined;
  return failed(
    `the AWS profile ${JSON.stringify(name)} uses ${way}; set keys in the environment instead, with: ` +
      `eval "$(aws configure export-credentials --profile ${name} --format env)"`,
  );
}

async function readProfile(environment: Environment, name: string): Promise<Profile> {
  const home = set(environment, "HOME") ?? set(environment, "USERPROFILE");
  const file = (variable: string, fallback: string): string | undefined =>
    set(environment, variable) ?? (home === undefined ? undefined : join(home, ".aws", fallback));
  const config = await sectionOf(file("AWS_CONFIG_FILE", "config"), name === "default" ? ["default"] : [`profile ${name}`]);
  const keys = await sectionOf(file("AWS_SHARED_CREDENTIALS_FILE", "credentials"), [name]);
  return new Map([...config, ...keys]);
}

/** One section of an INI file; empty where there is no such file. Indented lines belong to the option above and do not matter here. */
async function sectionOf(path: string | undefined, names: readonly string[]): Promise<Profile> {
  const options = new Map<string, string>();
  if (path === undefined) return options;
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    // Most machines have none, and what is missing in the end is told then.
    return options;
  }
  let isWanted = false;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[\s*(.*?)\s*\]/.exec(line)?.[1];
    const option = /^([^\s=#;[]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (header !== undefined) isWanted = names.includes(header.replace(/\s+/g, " "));
    else if (isWanted && option !== null) options.set((option[1] ?? "").toLowerCase(), (option[2] ?? "").replace(/\s+[#;].*$/, ""));
  }
  return options;
}

/** The role of a container, from the address that its host put into the environment. */
async function fromContainer({ environment, signal }: AwsAccountOptions): Promise<AwsCredentials | undefined> {
  const relative = set(environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const full = set(environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  const address = relative === undefined ? full : `http://169.254.170.2${relative}`;
  if (address === undefined) return undefined;
  const file = set(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  const token =
    set(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN") ?? (file === undefined ? undefined : (await readFile(file, "utf8")).trim());
  const { status, json } = await askService({
    service: "the credentials of the container",
    url: urlInVariable(address, "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    headers: token === undefined ? {} : { authorization: token },
    timeoutMs: 5000,
    environment: {},
    secrets: token === undefined ? [] : [token],
    signal,
  });
  return credentialsIn(json) ?? failed(`the credentials of the container cannot be read: status ${status}`);
}

/** The role of an EC2 instance, from its metadata service (version 2); undefined on any other machine, and where it has no role. */
async function fromInstance({ environment, signal }: AwsAccountOptions): Promise<AwsCredentials | undefined> {
  if (set(environment, "AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true") return undefined;
  const base = set(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254";
  const ask = async (method: "GET" | "PUT", path: string, headers: { readonly [name: string]: string }) => {
    const url = new URL(path, urlInVariable(base, "AWS_EC2_METADATA_SERVICE_ENDPOINT"));
    const secrets = Object.values(headers);
    return askService({ service: "the instance", url, method, headers, timeoutMs: 2000, environment: {}, secrets, signal });
  };
  let session: Awaited<ReturnType<typeof ask>>;
  try {
    session = await ask("PUT", "/latest/api/token", { "x-aws-ec2-metadata-token-ttl-seconds": "60" });
  } catch {
    // Not a machine of AWS: the advice is what helps, not that an address did not answer.
    signal?.throwIfAborted();
    return undefined;
  }
  if (session.status !== 200) return undefined;
  const headers = { "x-aws-ec2-metadata-token": session.text };
  const roles = "/latest/meta-data/iam/security-credentials/";
  const role = await ask("GET", roles, headers);
  if (role.status !== 200) return undefined;
  const { json } = await ask("GET", roles + encodeURIComponent(role.text.trim().split("\n")[0] ?? ""), headers);
  return credentialsIn(json) ?? failed("the instance gives no credentials for its role");
}

function credentialsIn(json: unknown): AwsCredentials | undefined {
  const accessKeyId = fieldOf(json, "AccessKeyId");
  const secretAccessKey = fieldOf(json, "SecretAccessKey");
  const sessionToken = fieldOf(json, "Token");
  if (typeof accessKeyId !== "string" || typeof secretAccessKey !== "string") return undefined;
  return { accessKeyId, secretAccessKey, sessionToken: typeof sessionToken === "string" ? sessionToken : undefined };
}

function failed(message: string): never {
  throw new BuildError(message, { code: "TPK7001" });
}
