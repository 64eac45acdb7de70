// HashiCorp Vault's key-value store (row FUD-15), by its HTTP interface: GET /v1/PATH.
import { fieldOf, withoutSecrets } from "@tspack/core";
import { stringType } from "../hcl/eval/type.ts";
import { stringValue, withMarks } from "../hcl/eval/value.ts";
import { textOf } from "./argument.ts";
import { FunctionError, type HclFunction } from "./function.ts";
import { askService, type Environment, flagFrom, tlsFrom, urlFrom } from "./services-request.ts";

/** `vault`: a field of a secret. */
export const vault: HclFunction = {
  name: "vault",
  parameters: [
    { name: "path", type: stringType },
    { name: "key", type: stringType },
  ],
  impure: true,
  returns: () => stringType,
  call: ([path, key], { service, environment }) => {
    const question = { path: textOf(path), key: textOf(key) };
    const answer = service(`vault ${JSON.stringify(question)}`, () => askVault(question, environment));
    return withMarks(stringValue(answer), { sensitive: true });
  },
  doc: {
    summary: "A field of a secret in HashiCorp Vault. Needs `VAULT_ADDR` and `VAULT_TOKEN`.",
    signature: "vault(path, key)",
    examples: [{ code: 'vault("secret/data/hello", "foo")', result: '"world"' }],
  },
};

/**
 * A field of a secret in Vault, which may be of version 1 or 2 of the key-value store; for version 2 the path has `data/` in it.
 * Reads VAULT_ADDR, VAULT_TOKEN, VAULT_NAMESPACE, VAULT_CACERT, VAULT_CLIENT_CERT, VAULT_CLIENT_KEY, VAULT_TLS_SERVER_NAME,
 * VAULT_SKIP_VERIFY and VAULT_CLIENT_TIMEOUT (seconds) from the environment. Rejects with `FunctionError`.
 */
export async function askVault({ path, key }: { readonly path: string; readonly key: string }, environment: Environment): Promise<string> {
  const token = environment.VAULT_TOKEN ?? "";
  if (token === "") throw new FunctionError("the environment variable VAULT_TOKEN must be set to ask Vault");
  const url = urlFrom(environment.VAULT_ADDR || "https://127.0.0.1:8200", "VAULT_ADDR");
  const base = url.pathname.replace(/\/$/, "");
  const clean = path.replace(/^\/+/, "");
  url.pathname = `${base}/v1/${clean.split("/").map(encodeURIComponent).join("/")}`;
  const namespace = environment.VAULT_NAMESPACE ?? "";
  const secrets = [token];
  const answer = await askService({
    service: "Vault",
    url,
    headers: {
      "x-vault-token": token,
      "x-vault-request": "true",
      ...(namespace === "" ? {} : { "x-vault-namespace": namespace }),
    },
    tls: await tlsFrom(environment, {
      ca: "VAULT_CACERT",
      cert: "VAULT_CLIENT_CERT",
      key: "VAULT_CLIENT_KEY",
      servername: "VAULT_TLS_SERVER_NAME",
      isVerified: !flagFrom(environment, "VAULT_SKIP_VERIFY", false),
    }),
    timeoutMs: timeoutFrom(environment.VAULT_CLIENT_TIMEOUT),
    environment,
    secrets,
  });
  if (answer.status === 404) throw new FunctionError(`there is no secret in Vault at ${path}${versionTwoHint(answer.json)}`, 0);
  if (answer.status !== 200) {
    const errors = fieldOf(answer.json, "errors");
    const reasons = Array.isArray(errors) ? errors.filter((one) => typeof one === "string").join("; ") : "";
    const said = reasons === "" ? `status ${answer.status}` : `status ${answer.status}, ${withoutSecrets(reasons, secrets).trim()}`;
    throw new FunctionError(`Vault refuses to read ${path}: ${said}`, 0);
  }
  return fieldIn(answer.json, path, key);
}

// --- internal ---

/** Version 2 wraps what version 1 has directly below `data` in another `data`. */
function fieldIn(answer: unknown, path: string, key: string): string {
  const outer = fieldOf(answer, "data");
  const inner = fieldOf(outer, "data");
  const fields = typeof inner === "object" && inner !== null ? inner : outer;
  const value = fieldOf(fields, key);
  if (typeof value === "string") return value;
  if (value === undefined || value === null) {
    throw new FunctionError(`the secret in Vault at ${path} has no field ${JSON.stringify(key)}${versionTwoHint(answer)}`, 1);
  }
  throw new FunctionError(`the field ${JSON.stringify(key)} of the secret in Vault at ${path} is not a string`, 1);
}

/** What Vault warns of, most often that a path of version 2 lacks its `data/`. */
function versionTwoHint(answer: unknown): string {
  const warnings = fieldOf(answer, "warnings");
  const texts = Array.isArray(warnings) ? warnings.filter((one) => typeof one === "string") : [];
  return texts.length === 0 ? "" : ` (Vault says: ${texts.join("; ")})`;
}

/** Seconds, or a duration such as `90s` of one unit. */
function timeoutFrom(text = ""): number {
  const found = /^(\d+)(s|m)?$/.exec(text);
  if (text !== "" && found === null) throw new FunctionError("VAULT_CLIENT_TIMEOUT must be a number of seconds, such as 90s");
  return found === null ? 60_000 : Number(found[1]) * (found[2] === "m" ? 60_000 : 1000);
}
