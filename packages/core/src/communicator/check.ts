// Refusals that concern communicator options (rows COM, BLD-07). Everything that can be known before a machine exists is said here.
import { isIP } from "node:net";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import type { RunInfo } from "../sdk/component.ts";
import { hasText } from "./has-text.ts";
import type { CommunicatorConfig } from "./options.ts";
import { isKnownCipher, isKnownKeyExchange, isUsableCipher, knownCiphers, knownKeyExchanges } from "./ssh/algorithms.ts";
import { parseTunnel } from "./ssh/tunnel-address.ts";

/** What the check has to know besides the options. */
export interface CommunicatorCheck {
  /** True if the option is a placeholder: it is then not judged. */
  isUnknown(option: keyof CommunicatorConfig): boolean;
  readonly run: RunInfo;
  /**
   * The machine exists already and the user says where it is (the `null` builder, row BLD-07): host and exactly one of
   * password, key file and agent are then required.
   */
  readonly existingMachine?: boolean | undefined;
  /** Further values of `communicator` that the builder understands itself, such as `docker`. */
  readonly otherCommunicators?: readonly string[] | undefined;
}

/**
 * Everything wrong with the communicator's options; `path` names the option. Reads key and certificate files, and loads the
 * SSH library only when there is one to read.
 */
export async function checkCommunicator(config: CommunicatorConfig, check: CommunicatorCheck): Promise<Diagnostic[]> {
  if (check.isUnknown("communicator")) return [];
  switch (config.communicator) {
    case "none":
      return [];
    case "ssh":
      return [...(await checkSsh(config, check)), ...checkHosts(["ssh_host", "ssh_bastion_host"], config, check)];
    case "winrm":
      return [...checkWinrm(config, check), ...checkHosts(["winrm_host"], config, check)];
    default: {
      if (check.otherCommunicators?.includes(config.communicator)) return [];
      const known = ["ssh", "none", "winrm", ...(check.otherCommunicators ?? [])];
      const name = JSON.stringify(config.communicator);
      return [
        invalid(
          "communicator",
          `There is no communicator ${name}.`,
          didYouMean(config.communicator, known) ?? `Known are ${known.join(", ")}.`,
        ),
      ];
    }
  }
}

// --- internal ---

type Option = keyof CommunicatorConfig;

async function checkSsh(config: CommunicatorConfig, check: CommunicatorCheck): Promise<Diagnostic[]> {
  const given = (option: Option): boolean => check.isUnknown(option) || isGiven(config[option]);
  const isKnown = (option: Option): boolean => !check.isUnknown(option) && isGiven(config[option]);
  const problems: Diagnostic[] = [];
  if (!given("ssh_username")) problems.push(missing("ssh_username", "SSH needs the name of a user to log in as: set ssh_username."));
  if (check.existingMachine === true) problems.push(...checkExistingMachine(given, isKnown));
  if (isKnown("ssh_certificate_file") && !given("ssh_private_key_file")) {
    problems.push(missing("ssh_private_key_file", "A certificate is used together with its private key, which is not given."));
  }
  problems.push(...checkBastion(given, isKnown));
  problems.push(...checkTemporaryKey(config, given));
  problems.push(...checkAlgorithms(config));
  for (const option of ["ssh_local_tunnels", "ssh_remote_tunnels"] as const) {
    for (const [index, text] of (config[option] ?? []).entries()) {
      if (parseTunnel(text) === undefined) {
        problems.push(
          invalid(
            option,
            `The tunnel ${JSON.stringify(text)} is not of the form PORT:HOST:PORT.`,
            'Write it like "8080:localhost:80".',
            index,
          ),
        );
      }
    }
  }
  for (const option of ["ssh_host_key_fingerprints", "ssh_bastion_host_key_fingerprints"] as const) {
    for (const [index, text] of (config[option] ?? []).entries()) {
      if (!/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(text)) {
        const hint = "Print it with: ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub";
        problems.push(invalid(option, `${JSON.stringify(text)} is not a SHA256 fingerprint of a key.`, hint, index));
      }
    }
  }
  if (isGiven(config.ssh_wait_timeout)) {
    problems.push({
      severity: "warning",
      code: "TPK3110",
      summary: "Deprecated argument",
      detail: 'The argument "ssh_wait_timeout" is the old name of "ssh_timeout".',
      hint: 'Rename it to "ssh_timeout".',
      path: ["ssh_wait_timeout"],
    });
  }
  problems.push(...(await checkKeyFiles(config, check)));
  return problems;
}

/**
 * A password may be found out by the builder (row WIN-02), so only a machine that exists already needs one here. Basic authentication over
 * plain HTTP is what most builds of virtual machines do, and gets no warning; docs/winrm.md says what it shows to whom.
 */
function checkWinrm(config: CommunicatorConfig, check: CommunicatorCheck): Diagnostic[] {
  const given = (option: Option): boolean => check.isUnknown(option) || isGiven(config[option]);
  const problems: Diagnostic[] = [];
  if (!given("winrm_username"))
    problems.push(missing("winrm_username", "WinRM needs the name of a user to log in as: set winrm_username."));
  if (check.existingMachine === true) {
    if (!given("winrm_host")) problems.push(missing("winrm_host", EXISTING_MACHINE));
    if (!given("winrm_password")) problems.push(missing("winrm_password", "WinRM needs the password of the user."));
  }
  const isBasic = !config.winrm_use_ntlm && !check.isUnknown("winrm_use_ntlm") && !check.isUnknown("winrm_username");
  if (isBasic && config.winrm_username?.includes(":")) {
    problems.push(invalid("winrm_username", "Basic authentication takes no user whose name has a colon.", "Set winrm_use_ntlm."));
  }
  return problems;
}

/** An address with anything around it would be looked up as a name, again and again. */
function checkHosts(
  options: readonly ("ssh_host" | "ssh_bastion_host" | "winrm_host")[],
  config: CommunicatorConfig,
  { isUnknown }: CommunicatorCheck,
): Diagnostic[] {
  return options.flatMap((option): Diagnostic[] => {
    const host = config[option];
    if (isUnknown(option) || !hasText(host) || isIP(host) !== 0 || /^[\p{L}\p{N}_.-]+$/u.test(host)) return [];
    const hint = `Write it alone, an address of IPv6 without brackets too; the port goes into ${option.replace("host", "port")}.`;
    return [invalid(option, `${JSON.stringify(host)} is neither the name nor the address of a machine.`, hint)];
  });
}

const EXISTING_MACHINE = "This builder connects to a machine that exists: say where it is.";

/** `given`: or not known yet. `isKnown`: given for sure. What nobody knows is neither missing nor in the way of something else. */
type Given = (option: Option) => boolean;

function checkExistingMachine(given: Given, isKnown: Given): Diagnostic[] {
  const problems: Diagnostic[] = [];
  if (!given("ssh_host")) problems.push(missing("ssh_host", EXISTING_MACHINE));
  const options = ["ssh_agent_auth", "ssh_password", "ssh_private_key_file"] as const;
  const credentials = options.filter(isKnown);
  const [, second] = credentials;
  if (!options.some(given)) {
    problems.push(missing("ssh_password", "One of ssh_password, ssh_private_key_file and ssh_agent_auth must be given."));
  } else if (second !== undefined) {
    problems.push(conflict(second, `Only one of ${credentials.join(", ")} may be given.`));
  }
  return problems;
}

function checkBastion(given: Given, isKnown: Given): Diagnostic[] {
  if (!isKnown("ssh_bastion_host")) return [];
  const problems: Diagnostic[] = [];
  if (isKnown("ssh_proxy_host")) {
    problems.push(conflict("ssh_proxy_host", "A connection goes through a bastion host or through a proxy, not through both."));
  }
  if (!given("ssh_bastion_username"))
    problems.push(missing("ssh_bastion_username", "The bastion host needs the name of a user to log in as: set ssh_bastion_username."));
  const hasKey = given("ssh_bastion_private_key_file") || given("ssh_private_key_file");
  if (!given("ssh_bastion_password") && !given("ssh_bastion_agent_auth") && !hasKey) {
    problems.push(
      missing(
        "ssh_bastion_password",
        "One of ssh_bastion_password, ssh_bastion_private_key_file and ssh_bastion_agent_auth must be given.",
      ),
    );
  }
  if (isKnown("ssh_bastion_certificate_file") && !given("ssh_bastion_private_key_file")) {
    problems.push(missing("ssh_bastion_private_key_file", "A certificate is used together with its private key, which is not given."));
  }
  return problems;
}

function checkTemporaryKey(config: CommunicatorConfig, given: (option: Option) => boolean): Diagnostic[] {
  const problems: Diagnostic[] = [];
  if (config.ssh_clear_authorized_keys && !given("temporary_key_pair_name")) {
    problems.push(missing("temporary_key_pair_name", "ssh_clear_authorized_keys finds the key by this name."));
  }
  const bits = config.temporary_key_pair_bits;
  const type = config.temporary_key_pair_type;
  if (bits === 0 || type === "ed25519") return problems;
  const sizes = { ecdsa: [256, 384, 521], dsa: [1024, 2048, 3072] } as const;
  if (type === "rsa" && bits < 1024) {
    problems.push(invalid("temporary_key_pair_bits", "An RSA key has at least 1024 bits."));
  } else if (type !== "rsa" && !sizes[type].some((size) => size === bits)) {
    problems.push(invalid("temporary_key_pair_bits", `A key of type ${type} has one of these sizes: ${sizes[type].join(", ")} bits.`));
  }
  return problems;
}

function checkAlgorithms(config: CommunicatorConfig): Diagnostic[] {
  const problems: Diagnostic[] = [];
  for (const [index, name] of (config.ssh_ciphers ?? []).entries()) {
    if (!isKnownCipher(name)) {
      const hint = didYouMean(name, knownCiphers) ?? `Known are ${knownCiphers.join(", ")}.`;
      problems.push(invalid("ssh_ciphers", `There is no cipher ${JSON.stringify(name)}.`, hint, index));
    } else if (!isUsableCipher(name)) {
      const detail = `The cipher ${JSON.stringify(name)} is broken, and the OpenSSL of this Node refuses it.`;
      problems.push(invalid("ssh_ciphers", detail, "Leave it out.", index));
    }
  }
  for (const [index, name] of (config.ssh_key_exchange_algorithms ?? []).entries()) {
    if (isKnownKeyExchange(name)) continue;
    const hint = didYouMean(name, knownKeyExchanges) ?? `Known are ${knownKeyExchanges.join(", ")}.`;
    problems.push(invalid("ssh_key_exchange_algorithms", `There is no key exchange algorithm ${JSON.stringify(name)}.`, hint, index));
  }
  return problems;
}

async function checkKeyFiles(config: CommunicatorConfig, check: CommunicatorCheck): Promise<Diagnostic[]> {
  const pairs = [
    ["ssh_private_key_file", "ssh_private_key_passphrase", "ssh_certificate_file"],
    ["ssh_bastion_private_key_file", "ssh_bastion_private_key_passphrase", "ssh_bastion_certificate_file"],
  ] as const;
  const problems: Diagnostic[] = [];
  for (const [keyOption, passphraseOption, certificateOption] of pairs) {
    const keyFile = check.isUnknown(keyOption) || check.isUnknown(passphraseOption) ? undefined : config[keyOption];
    const certificateFile = check.isUnknown(certificateOption) ? undefined : config[certificateOption];
    if (!hasText(keyFile) && !hasText(certificateFile)) continue;
    // Only here: what is behind this import loads the SSH library.
    const { readPrivateKeyFile, readCertificateFile, KeyFileError } = await import("./ssh/key-files.ts");
    const attempts: readonly [Option, () => Promise<unknown>][] = [
      [keyOption, async () => (hasText(keyFile) ? readPrivateKeyFile(keyFile, config[passphraseOption], check.run) : undefined)],
      [certificateOption, async () => (hasText(certificateFile) ? readCertificateFile(certificateFile, check.run) : undefined)],
    ];
    for (const [option, read] of attempts) {
      try {
        await read();
      } catch (error) {
        if (!(error instanceof KeyFileError)) throw error;
        const at = error.needsPassphrase ? passphraseOption : option;
        problems.push({
          severity: "error",
          code: error.isUnreadable ? "TPK3107" : "TPK3105",
          summary: error.isUnreadable ? "File not found" : "Invalid argument value",
          detail: sentence(error.message),
          hint: error.needsPassphrase ? `Give its passphrase as ${passphraseOption}, or use ssh_agent_auth.` : undefined,
          path: [at],
        });
      }
    }
  }
  return problems;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function isGiven(value: CommunicatorConfig[Option]): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== "" && value !== false;
}

function missing(option: Option, detail: string): Diagnostic {
  return { severity: "error", code: "TPK3104", summary: "Missing required argument", detail, path: [option] };
}

function conflict(option: Option, detail: string): Diagnostic {
  return { severity: "error", code: "TPK3106", summary: "Conflicting arguments", detail, path: [option] };
}

function invalid(option: Option, detail: string, hint?: string, index?: number): Diagnostic {
  const path = index === undefined ? [option] : [option, index];
  return { severity: "error", code: "TPK3105", summary: "Invalid argument value", detail, hint, path };
}
