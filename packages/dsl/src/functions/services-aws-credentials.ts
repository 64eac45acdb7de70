// Who asks AWS, and where: the environment, the files of the AWS command line, the container's or the machine's role, in this order.
import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import { FunctionError } from "./function.ts";
import type { AwsCredentials } from "./services-aws-signature.ts";
import { askService, type Environment, fieldOf, urlFrom } from "./services-request.ts";

/** What the files of the AWS command line and the environment say. */
export interface AwsAccount {
  readonly region: string;
  readonly credentials: AwsCredentials;
}

/**
 * Region and credentials: AWS_REGION or AWS_DEFAULT_REGION and AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; else the
 * profile AWS_PROFILE (`default`) in ~/.aws/credentials and ~/.aws/config (or what AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE
 * name); else the role of the container (AWS_CONTAINER_CREDENTIALS_*) or of the EC2 instance. Rejects with `FunctionError`.
 */
export async function awsAccount(environment: Environment): Promise<AwsAccount> {
  const name = set(environment, "AWS_PROFILE") ?? set(environment, "AWS_DEFAULT_PROFILE");
  const profile = await readProfile(environment, name ?? "default");
  const credentials = fromEnvironment(environment) ?? fromProfile(profile, name ?? "default");
  if (credentials === undefined && name !== undefined) {
    throw new FunctionError(
      profile.size === 0 ? `there is no AWS profile ${JSON.stringify(name)}` : `the AWS profile ${JSON.stringify(name)} has no access key`,
    );
  }
  const region = set(environment, "AWS_REGION") ?? set(environment, "AWS_DEFAULT_REGION") ?? profile.get("region");
  if (region === undefined) throw new FunctionError("the AWS region is not known; set AWS_REGION, or `region` of the profile");
  if (!/^[a-z0-9-]+$/.test(region)) throw new FunctionError("the AWS region may hold lower-case letters, digits and dashes only");
  return { region, credentials: credentials ?? (await fromContainer(environment)) ?? (await fromInstance(environment)) };
}

// --- internal ---

type Profile = ReadonlyMap<string, string>;

const noCredentials =
  "no AWS credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile that has them with AWS_PROFILE";

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
  throw new FunctionError(
    `the AWS profile ${JSON.stringify(name)} uses ${way}; set keys in the environment instead, with: ` +
      `eval "$(aws configure export-credentials --profile ${name} --format env)"`,
  );
}

async function readProfile(environment: Environment, name: string): Promise<Profile> {
  const home = set(environment, "HOME") ?? set(environment, "USERPROFILE");
  const file = (variable: string, fallback: string): string | undefined =>
    set(environment, variable) ?? (home === undefined ? undefined : posix.join(home, ".aws", fallback));
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
async function fromContainer(environment: Environment): Promise<AwsCredentials | undefined> {
  const relative = set(environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const full = set(environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  const address = relative === undefined ? full : `http://169.254.170.2${relative}`;
  if (address === undefined) return undefined;
  const file = set(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  const token =
    set(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN") ?? (file === undefined ? undefined : (await readFile(file, "utf8")).trim());
  const { status, json } = await askService({
    service: "the credentials of the container",
    url: urlFrom(address, "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    headers: token === undefined ? {} : { authorization: token },
    timeoutMs: 5000,
    environment: {},
    secrets: token === undefined ? [] : [token],
  });
  return credentialsIn(json) ?? failed(`the credentials of the container cannot be read: status ${status}`);
}

/** The role of an EC2 instance, from its metadata service (version 2). */
async function fromInstance(environment: Environment): Promise<AwsCredentials> {
  if (set(environment, "AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true") throw new FunctionError(noCredentials);
  const base = set(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254";
  const ask = async (method: "GET" | "PUT", path: string, headers: { readonly [name: string]: string }) => {
    const url = new URL(path, urlFrom(base, "AWS_EC2_METADATA_SERVICE_ENDPOINT"));
    return askService({ service: "the instance", url, method, headers, timeoutMs: 2000, environment: {}, secrets: Object.values(headers) });
  };
  let session: Awaited<ReturnType<typeof ask>>;
  try {
    session = await ask("PUT", "/latest/api/token", { "x-aws-ec2-metadata-token-ttl-seconds": "60" });
  } catch {
    // Not a machine of AWS: the advice is what helps, not that an address did not answer.
    throw new FunctionError(noCredentials);
  }
  if (session.status !== 200) throw new FunctionError(noCredentials);
  const headers = { "x-aws-ec2-metadata-token": session.text };
  const roles = "/latest/meta-data/iam/security-credentials/";
  const role = await ask("GET", roles, headers);
  if (role.status !== 200) throw new FunctionError(noCredentials);
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
  throw new FunctionError(message);
}
