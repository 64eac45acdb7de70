// AWS Secrets Manager (row FUD-17), by its JSON interface: the action GetSecretValue.
import { awsEndpoint, fieldOf, findAwsAccount, noAwsCredentials, signAwsRequest, withoutSecrets } from "@tspack/core";
import { stringType } from "../hcl/eval/type.ts";
import { stringValue, type Value, withMarks } from "../hcl/eval/value.ts";
import { textOf } from "./argument.ts";
import { type FunctionEnvironment, FunctionError, type HclFunction } from "./function.ts";
import { askService, type Environment, ofCall } from "./services-request.ts";

/** `aws_secretsmanager`: one key of a secret, or the whole of a plain one. */
export const awsSecretsmanager: HclFunction = {
  name: "aws_secretsmanager",
  parameters: [
    { name: "name", type: stringType },
    { name: "key", type: stringType, allowNull: true },
  ],
  impure: true,
  returns: () => stringType,
  call: ([name, key], environment) => {
    const question = { name: textOf(name), key: key === undefined || key.kind === "null" ? undefined : textOf(key) };
    return asked(`aws_secretsmanager ${JSON.stringify(question)}`, () => askAwsSecret(question, environment.environment), environment);
  },
  doc: {
    summary: "A key of a secret in AWS Secrets Manager; the key may be null for a secret of one key or of plain text.",
    signature: "aws_secretsmanager(name, key)",
    examples: [{ code: 'aws_secretsmanager("image/login", "password")', result: '"tea"' }],
  },
};

/** `aws_secretsmanager_raw`: the text of a secret as it is. */
export const awsSecretsmanagerRaw: HclFunction = {
  name: "aws_secretsmanager_raw",
  parameters: [{ name: "name", type: stringType }],
  impure: true,
  returns: () => stringType,
  call: ([name], environment) => {
    const question = { name: textOf(name) };
    return asked(
      `aws_secretsmanager_raw ${JSON.stringify(question)}`,
      () => askAwsSecretRaw(question, environment.environment),
      environment,
    );
  },
  doc: {
    summary: "The text of a secret in AWS Secrets Manager as it is.",
    signature: "aws_secretsmanager_raw(name)",
    examples: [{ code: 'aws_secretsmanager_raw("image/login")', result: '"{\\"user\\":\\"admin\\",\\"password\\":\\"tea\\"}"' }],
  },
};

/**
 * A key of a secret that holds a JSON object, the only one when no key is named; plain text as it is. See `awsAccount` for what is
 * read from the environment; AWS_ENDPOINT_URL_SECRETS_MANAGER and AWS_ENDPOINT_URL name another address. Rejects with `FunctionError`.
 */
export async function askAwsSecret(
  { name, key }: { readonly name: string; readonly key?: string | undefined },
  environment: Environment,
): Promise<string> {
  const text = await askAwsSecretRaw({ name }, environment);
  const fields = objectIn(text);
  if (fields === undefined) return text;
  const names = Object.keys(fields);
  if ((key === undefined || key === "") && names.length !== 1) {
    throw new FunctionError(`the AWS secret ${name} has ${names.length} keys; name the one to take`, 1);
  }
  const wanted = key === undefined || key === "" ? (names[0] ?? "") : key;
  const value = fieldOf(fields, wanted);
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (value === undefined) throw new FunctionError(`the AWS secret ${name} has no key ${JSON.stringify(wanted)}`, 1);
  throw new FunctionError(`the key ${JSON.stringify(wanted)} of the AWS secret ${name} is neither text nor a number`, 1);
}

/** The text of the current version of a secret. Rejects with `FunctionError`. */
export async function askAwsSecretRaw({ name }: { readonly name: string }, environment: Environment): Promise<string> {
  const { region, credentials } = await ofCall(() => findAwsAccount({ environment }));
  if (region === undefined) throw new FunctionError("the AWS region is not known; set AWS_REGION, or `region` of the profile");
  if (credentials === undefined) throw new FunctionError(noAwsCredentials);
  const url = (await ofCall(() => awsEndpoint("SECRETS_MANAGER", environment))) ?? endpointOf(region);
  const body = JSON.stringify({ SecretId: name, VersionStage: "AWSCURRENT" });
  const headers = signAwsRequest({
    method: "POST",
    url,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.GetSecretValue" },
    body,
    credentials,
    region,
    service: "secretsmanager",
    // The clock of the world, also where that of templates is fixed: AWS refuses old requests.
    at: Date.now(),
  });
  const secrets = [credentials.secretAccessKey, credentials.sessionToken ?? "", headers.authorization ?? ""];
  const answer = await askService({ service: "AWS Secrets Manager", url, method: "POST", headers, body, environment, secrets });
  if (answer.status !== 200) {
    const kind = fieldOf(answer.json, "__type");
    const message = fieldOf(answer.json, "message") ?? fieldOf(answer.json, "Message");
    const said = [kind, message].filter((part) => typeof part === "string").map((part) => String(part).replace(/^.*#/, ""));
    const reason = withoutSecrets(said.join(": "), secrets);
    throw new FunctionError(`AWS refuses the secret ${name}: ${reason === "" ? `status ${answer.status}` : reason}`, 0);
  }
  const text = fieldOf(answer.json, "SecretString");
  if (typeof text !== "string") throw new FunctionError(`the AWS secret ${name} is binary; only text can be used`, 0);
  return text;
}

// --- internal ---

function asked(key: string, ask: () => Promise<string>, { service }: FunctionEnvironment): Value {
  return withMarks(stringValue(service(key, ask)), { sensitive: true });
}

function endpointOf(region: string): URL {
  return new URL(`https://secretsmanager.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}/`);
}

/** The object that a text is the JSON of; undefined for any other text. */
function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    // Plain text.
    return undefined;
  }
}
