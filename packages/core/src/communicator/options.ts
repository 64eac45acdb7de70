import * as z from "zod";
import { duration, port, textList, unlessEmpty } from "../sdk/config/options.ts";

export { type CommunicatorCheck, checkCommunicator } from "./check.ts";

/**
 * The communicator options that every builder with a machine takes: Packer's 49 (rows COM, WIN), with its names and defaults,
 * and four of ours (`ssh_private_key_passphrase`, `ssh_host_key_fingerprints` and the same two for the bastion host).
 * A builder spreads `communicatorOptions().shape` into its own schema and calls `checkCommunicator` in its check.
 */
export function communicatorOptions() {
  return z.object({ ...commonOptions(), ...sshOptions(), ...bastionOptions(), ...winrmOptions() });
}

/** The parsed options. Durations are milliseconds; texts and numbers that were not given are undefined. */
export type CommunicatorConfig = z.output<ReturnType<typeof communicatorOptions>>;

// --- internal ---

function commonOptions() {
  return {
    communicator: unlessEmpty(z.string().default("ssh")).describe("How to reach the machine: `ssh`, `none` (do not connect) or `winrm`."),
    pause_before_connecting: duration()
      .prefault("0s")
      .describe("Time to wait after the first successful connection, before connecting again for good."),
  };
}

function sshOptions() {
  return {
    ssh_host: z.string().optional().describe("Host name or address of the machine; usually found out by the builder."),
    ssh_port: unlessEmpty(port().default(22)).describe("Port of the SSH server."),
    ssh_username: z.string().optional().describe("User to log in as. Required for SSH."),
    ssh_password: z.string().optional().describe("Password of the user. It also answers every keyboard-interactive question."),
    ssh_private_key_file: z
      .string()
      .optional()
      .describe("Private key to log in with, in OpenSSH or PEM format. `~` is the home directory."),
    ssh_private_key_passphrase: z.string().optional().describe("Passphrase of an encrypted `ssh_private_key_file`."),
    ssh_certificate_file: z
      .string()
      .optional()
      .describe("User certificate, signed by a CA the machine trusts, for `ssh_private_key_file`."),
    ssh_agent_auth: z.boolean().default(false).describe("Log in with the keys of the local SSH agent; no temporary key is made."),
    ssh_disable_agent_forwarding: z.boolean().default(false).describe("Do not forward the local SSH agent to the machine."),
    ssh_keypair_name: z.string().optional().describe("Name of a key pair that the platform knows, for builders that support it."),
    temporary_key_pair_name: z
      .string()
      .optional()
      .describe("Name of the temporary key pair, and the comment of its key. Builders choose one unless given."),
    temporary_key_pair_type: unlessEmpty(z.enum(["rsa", "ecdsa", "ed25519", "dsa"]).default("rsa")).describe(
      "Type of the temporary key that a builder makes for its machine.",
    ),
    temporary_key_pair_bits: z
      .number()
      .int()
      .min(0)
      .default(0)
      .describe("Size of the temporary key; 0 means 4096 for rsa, 521 for ecdsa and 1024 for dsa. Ignored for ed25519."),
    ssh_clear_authorized_keys: z
      .boolean()
      .default(false)
      .describe("Remove the temporary key from the authorized keys of the user and of root when the build is done."),
    ssh_ciphers: textList().optional().describe("Ciphers to offer, best first, instead of the default list."),
    ssh_key_exchange_algorithms: textList()
      .optional()
      .describe("Key exchange algorithms to offer, best first, instead of the default list."),
    ssh_pty: z.boolean().default(false).describe("Run commands in a pseudo-terminal. Its output has no separate error stream."),
    ssh_timeout: duration()
      .optional()
      .describe("How long to try to connect, overall. 5m when neither this nor `ssh_handshake_attempts` is given; otherwise no limit."),
    ssh_wait_timeout: duration().optional().meta({ deprecated: true }).describe("Old name of `ssh_timeout`, which it overrides."),
    ssh_handshake_attempts: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe(
        "How many times the machine may refuse the credentials. 10 when neither this nor `ssh_timeout` is given; otherwise no limit.",
      ),
    ssh_proxy_host: z.string().optional().describe("SOCKS5 proxy to connect through."),
    ssh_proxy_port: unlessEmpty(port().default(1080)).describe("Port of the SOCKS5 proxy."),
    ssh_proxy_username: z.string().optional().describe("User name for the SOCKS5 proxy."),
    ssh_proxy_password: z.string().optional().describe("Password for the SOCKS5 proxy."),
    ssh_file_transfer_method: unlessEmpty(z.enum(["scp", "sftp"]).default("scp")).describe(
      "Protocol for transferring files: `scp` or `sftp`.",
    ),
    ssh_keep_alive_interval: duration().prefault("5s").describe("How often to send a keep-alive message. A negative value turns them off."),
    ssh_read_write_timeout: duration()
      .prefault("0s")
      .describe("Longest silence of the machine before the connection counts as lost. 0 means no limit."),
    ssh_local_tunnels: textList()
      .optional()
      .describe("Tunnels `PORT:HOST:PORT`: listen on that port here, and connect from the machine to that host and port."),
    ssh_remote_tunnels: textList()
      .optional()
      .describe("Tunnels `PORT:HOST:PORT`: listen on that port of the machine, and connect from here to that host and port."),
    ssh_public_key: z.array(z.number()).optional().describe("Internal: public key as bytes."),
    ssh_private_key: z.array(z.number()).optional().describe("Internal: private key as bytes."),
    ssh_host_key_fingerprints: textList()
      .optional()
      .describe(
        "Fingerprints (`SHA256:…`, as `ssh-keygen -l` prints them) of the host keys to accept. Without them host keys are not checked.",
      ),
  };
}

function bastionOptions() {
  return {
    ssh_bastion_host: z.string().optional().describe("Jump host to connect through."),
    ssh_bastion_port: unlessEmpty(port().default(22)).describe("Port of the jump host's SSH server."),
    ssh_bastion_username: z.string().optional().describe("User to log in as on the jump host."),
    ssh_bastion_password: z.string().optional().describe("Password on the jump host. It also answers every keyboard-interactive question."),
    ssh_bastion_interactive: z
      .boolean()
      .default(false)
      .describe("Ask for the answers to the jump host's keyboard-interactive questions and for its password."),
    ssh_bastion_private_key_file: z
      .string()
      .optional()
      .describe("Private key for the jump host; `ssh_private_key_file` (with its certificate) unless given."),
    ssh_bastion_private_key_passphrase: z.string().optional().describe("Passphrase of an encrypted `ssh_bastion_private_key_file`."),
    ssh_bastion_certificate_file: z.string().optional().describe("User certificate for `ssh_bastion_private_key_file`."),
    ssh_bastion_agent_auth: z.boolean().default(false).describe("Log in to the jump host with the keys of the local SSH agent."),
    ssh_bastion_host_key_fingerprints: textList()
      .optional()
      .describe("Fingerprints (`SHA256:…`) of the jump host's keys to accept. Without them they are not checked."),
  };
}

function winrmOptions() {
  return {
    winrm_username: z.string().optional().describe("User to log in as through WinRM."),
    winrm_password: z.string().optional().describe("Password of the WinRM user; builders may find it out."),
    winrm_host: z.string().optional().describe("Host name or address of the machine for WinRM; usually found out by the builder."),
    winrm_no_proxy: z.boolean().default(false).describe("Go past any HTTP proxy when talking to the machine."),
    winrm_port: port().optional().describe("Port of WinRM: 5985, or 5986 with `winrm_use_ssl`, unless given."),
    winrm_timeout: duration().prefault("30m").describe("How long to wait for WinRM, overall and for each operation."),
    winrm_use_ssl: z.boolean().default(false).describe("Talk to the machine by HTTPS."),
    winrm_insecure: z.boolean().default(false).describe("Do not check the certificate of the machine."),
    winrm_use_ntlm: z.boolean().default(false).describe("Authenticate with NTLMv2 instead of basic authentication."),
  };
}
