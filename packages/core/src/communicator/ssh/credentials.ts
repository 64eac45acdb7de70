// Which credentials go to the machine and which to the bastion host (rows COM-06..10, COM-24..29, CON-02).
import { CommunicatorError } from "../../diagnostics/error.ts";
import type { ConnectRequest } from "../connect.ts";
import { hasText } from "../has-text.ts";
import { printable } from "../printable.ts";
import type { Answerer, Credentials, LoginKey } from "./auth.ts";
import { certifiedKey } from "./certificate.ts";
import { KeyFileError, readCertificateFile, readPrivateKeyFile } from "./key-files.ts";
import { parsePrivateKey } from "./private-key.ts";

/** The credentials of one connect request. Key files have been read; nothing is asked yet. */
export interface AllCredentials {
  readonly machine: Credentials;
  readonly bastion: Credentials | undefined;
  /** Agent whose forwarding is tried, unless the user does not want it. */
  readonly forwardAgent: string | undefined;
  /** The private key as text, for provisioners (row GEN-05); empty when there is none. */
  readonly privateKeyText: string;
}

/** Reads what the options name. Throws `CommunicatorError` TPK5002 when something of it cannot be used. */
export async function readCredentials(request: ConnectRequest): Promise<AllCredentials> {
  const { config, run } = request;
  const keys: LoginKey[] = [];
  let privateKeyText = "";
  if (hasText(config.ssh_private_key_file)) {
    const { key, text } = await readKey(
      config.ssh_private_key_file,
      config.ssh_private_key_passphrase,
      config.ssh_certificate_file,
      request,
    );
    keys.push(key);
    privateKeyText = text;
  }
  const fileKeys = [...keys];
  for (const [name, pem] of [
    ["the builder's key", config.ssh_private_key === undefined ? undefined : Buffer.from(config.ssh_private_key).toString()],
    ["temporary key", request.temporaryPrivateKey],
  ] as const) {
    if (!hasText(pem)) continue;
    keys.push({ name, key: await parsePrivateKey(pem, undefined) });
    if (privateKeyText === "") privateKeyText = pem;
  }
  const agent = agentSocket(run.environment);
  return {
    machine: {
      username: config.ssh_username ?? "",
      agentSocket: config.ssh_agent_auth ? requireAgent(agent, "ssh_agent_auth") : undefined,
      keys,
      password: hasText(config.ssh_password) ? config.ssh_password : undefined,
    },
    bastion: hasText(config.ssh_bastion_host) ? await bastionCredentials(request, fileKeys, agent) : undefined,
    forwardAgent: config.ssh_disable_agent_forwarding ? undefined : agent,
    privateKeyText,
  };
}

// --- internal ---

async function bastionCredentials(
  request: ConnectRequest,
  machineKeys: readonly LoginKey[],
  agent: string | undefined,
): Promise<Credentials> {
  const { config } = request;
  let keys = machineKeys;
  if (hasText(config.ssh_bastion_private_key_file)) {
    const file = config.ssh_bastion_private_key_file;
    const { key } = await readKey(file, config.ssh_bastion_private_key_passphrase, config.ssh_bastion_certificate_file, request);
    keys = [key];
  }
  return {
    username: config.ssh_bastion_username ?? "",
    agentSocket: config.ssh_bastion_agent_auth ? requireAgent(agent, "ssh_bastion_agent_auth") : undefined,
    keys,
    password: hasText(config.ssh_bastion_password) ? config.ssh_bastion_password : undefined,
    answerer: config.ssh_bastion_interactive ? userAsAnswerer(request) : undefined,
  };
}

/** Asks the user each question once: a connection is made again after `pause_before_connecting` and after a reboot. */
function userAsAnswerer(request: ConnectRequest): Answerer {
  const answers = new Map<string, string>();
  return {
    async answer(question, { isSecret }) {
      const known = answers.get(question);
      if (known !== undefined) return known;
      const name = request.config.ssh_bastion_host ?? "";
      const answer = await request.ui.ask(`${name} asks: ${printable(question)}`, { signal: request.signal });
      if (isSecret) request.ui.secret(answer);
      answers.set(question, answer);
      return answer;
    },
    forget: () => answers.clear(),
  };
}

async function readKey(
  file: string,
  passphrase: string | undefined,
  certificateFile: string | undefined,
  request: ConnectRequest,
): Promise<{ readonly key: LoginKey; readonly text: string }> {
  try {
    const { key, text } = await readPrivateKeyFile(file, passphrase, request.run);
    if (!hasText(certificateFile)) return { key: { name: `private key ${file}`, key }, text };
    const certificate = await readCertificateFile(certificateFile, request.run);
    return { key: { name: `certificate ${certificateFile}`, key: certifiedKey(key, certificate), isCertified: true }, text };
  } catch (error) {
    if (error instanceof KeyFileError) throw new CommunicatorError(error.message, { code: "TPK5002", cause: error });
    throw error;
  }
}

function agentSocket(environment: { readonly [name: string]: string | undefined }): string | undefined {
  return hasText(environment.SSH_AUTH_SOCK) ? environment.SSH_AUTH_SOCK : undefined;
}

function requireAgent(agent: string | undefined, option: string): string {
  if (agent !== undefined) return agent;
  throw new CommunicatorError(`${option} needs an SSH agent, but SSH_AUTH_SOCK is not set`, {
    code: "TPK5002",
    hint: "Start one and add your key: eval $(ssh-agent) && ssh-add",
  });
}
