// HashiCorp Consul's key-value store (row FUD-16), by its HTTP interface: GET /v1/kv/KEY.
import { readFile } from "node:fs/promises";
import { errorText, fieldOf, withoutSecrets } from "@tspack/core";
import { stringType } from "../hcl/eval/type.ts";
import { stringValue, withMarks } from "../hcl/eval/value.ts";
import { textOf } from "./argument.ts";
import { FunctionError, type HclFunction } from "./function.ts";
import { askService, type Environment, flagFrom, tlsFrom, urlFrom } from "./services-request.ts";

/** `consul_key`: the value of a key. */
export const consulKey: HclFunction = {
  name: "consul_key",
  parameters: [{ name: "key", type: stringType }],
  impure: true,
  returns: () => stringType,
  call: ([key], { service, environment }) => {
    const name = textOf(key);
    const answer = service(`consul_key ${JSON.stringify(name)}`, () => askConsul({ key: name }, environment));
    return withMarks(stringValue(answer), { sensitive: true });
  },
  doc: {
    summary: "The value of a key in HashiCorp Consul; an empty one is an error. Needs `CONSUL_HTTP_ADDR`.",
    signature: "consul_key(key)",
    examples: [{ code: 'consul_key("image/base")', result: '"debian-12"' }],
  },
};

/**
 * The value of a key in Consul. Reads CONSUL_HTTP_ADDR, CONSUL_HTTP_TOKEN, CONSUL_HTTP_TOKEN_FILE, CONSUL_HTTP_AUTH, CONSUL_HTTP_SSL,
 * CONSUL_HTTP_SSL_VERIFY, CONSUL_CACERT, CONSUL_CLIENT_CERT, CONSUL_CLIENT_KEY, CONSUL_TLS_SERVER_NAME, CONSUL_NAMESPACE and
 * CONSUL_PARTITION from the environment. Rejects with `FunctionError`.
 */
export async function askConsul({ key }: { readonly key: string }, environment: Environment): Promise<string> {
  const url = addressFrom(environment);
  const base = url.pathname.replace(/\/$/, "");
  url.pathname = `${base}/v1/kv/${key.replace(/^\//, "").split("/").map(encodeURIComponent).join("/")}`;
  for (const [parameter, variable] of [
    ["ns", "CONSUL_NAMESPACE"],
    ["partition", "CONSUL_PARTITION"],
  ] as const) {
    const value = environment[variable] ?? "";
    if (value !== "") url.searchParams.set(parameter, value);
  }
  const token = await tokenFrom(environment);
  const login = environment.CONSUL_HTTP_AUTH ?? "";
  const secrets = [token, login];
  const answer = await askService({
    service: "Consul",
    url,
    headers: {
      ...(token === "" ? {} : { "x-consul-token": token }),
      ...(login === "" ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` }),
    },
    tls: await tlsFrom(environment, {
      ca: "CONSUL_CACERT",
      cert: "CONSUL_CLIENT_CERT",
      key: "CONSUL_CLIENT_KEY",
      servername: "CONSUL_TLS_SERVER_NAME",
      isVerified: flagFrom(environment, "CONSUL_HTTP_SSL_VERIFY", true),
    }),
    environment,
    secrets,
  });
  if (answer.status === 404) throw new FunctionError(`there is no key ${key} in Consul`, 0);
  if (answer.status !== 200) {
    const said = withoutSecrets(answer.text.slice(0, 200), secrets).trim();
    throw new FunctionError(`Consul refuses to read ${key}: status ${answer.status}${said === "" ? "" : `, ${said}`}`, 0);
  }
  const entry: unknown = Array.isArray(answer.json) ? answer.json[0] : undefined;
  const encoded = fieldOf(entry, "Value");
  const value = typeof encoded === "string" ? Buffer.from(encoded, "base64").toString("utf8") : "";
  if (value === "") throw new FunctionError(`the value of ${key} in Consul is empty`, 0);
  return value;
}

// --- internal ---

/** CONSUL_HTTP_ADDR may be a host and port alone, as Consul's own tools take it. */
function addressFrom(environment: Environment): URL {
  const text = environment.CONSUL_HTTP_ADDR || "127.0.0.1:8500";
  if (text.startsWith("unix://")) throw new FunctionError("CONSUL_HTTP_ADDR names a Unix socket; use the address of Consul's HTTP port");
  const scheme = flagFrom(environment, "CONSUL_HTTP_SSL", false) ? "https" : "http";
  return urlFrom(/^[a-z]+:\/\//i.test(text) ? text : `${scheme}://${text}`, "CONSUL_HTTP_ADDR");
}

async function tokenFrom(environment: Environment): Promise<string> {
  const token = environment.CONSUL_HTTP_TOKEN ?? "";
  const path = environment.CONSUL_HTTP_TOKEN_FILE ?? "";
  if (token !== "" || path === "") return token;
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw new FunctionError(`cannot read the file that CONSUL_HTTP_TOKEN_FILE names: ${errorText(error)}`);
  }
}
