import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, makeSshKey, runInfo, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type CommunicatorCheck, type CommunicatorConfig, checkCommunicator, communicatorOptions } from "../../src/communicator/options.ts";
import { specFromSchema } from "../../src/sdk/config/spec-from-schema.ts";

const labTest = lab(test, "ssh-keygen");

/** Each problem as `code path: detail hint`. */
async function problems(options: object, changes: Partial<CommunicatorCheck> = {}): Promise<string[]> {
  const config: CommunicatorConfig = communicatorOptions().parse(options);
  const found = await checkCommunicator(config, { isUnknown: () => false, run: runInfo(), ...changes });
  return found.map(({ code, path, detail, hint }) => `${code} ${path?.join(".")}: ${detail}${hint === undefined ? "" : ` ${hint}`}`);
}

async function finds(options: object, expected: readonly RegExp[], changes: Partial<CommunicatorCheck> = {}): Promise<void> {
  const found = await problems(options, changes);
  assert.is(found.length, expected.length, found.join("\n"));
  for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? "", pattern);
}

const root = { ssh_username: "root" };

test("the options are Packer's 49 and ours, each with a description and Packer's default", () => {
  const { options } = specFromSchema(communicatorOptions());
  const names = Object.keys(options);
  const ours = [
    "ssh_private_key_passphrase",
    "ssh_host_key_fingerprints",
    "ssh_bastion_private_key_passphrase",
    "ssh_bastion_host_key_fingerprints",
  ];
  assert.is(names.filter((name) => !ours.includes(name)).length, 49);
  for (const [name, option] of Object.entries(options)) {
    assert.ok((option.description ?? "").length > 10, name);
    assert.not(option.required, name);
  }
  const defaults = Object.entries(options).flatMap(([name, option]) => (option.default === undefined ? [] : [[name, option.default]]));
  assert.equal(Object.fromEntries(defaults.filter(([, value]) => value !== false)), {
    communicator: "ssh",
    pause_before_connecting: "0s",
    ssh_port: 22,
    temporary_key_pair_type: "rsa",
    temporary_key_pair_bits: 0,
    ssh_proxy_port: 1080,
    ssh_file_transfer_method: "scp",
    ssh_keep_alive_interval: "5s",
    ssh_read_write_timeout: "0s",
    ssh_bastion_port: 22,
    winrm_timeout: "30m",
  });
});

test("the communicator must exist; others may be the builder's own", async () => {
  await finds({ communicator: "shh" }, [/^TPK3105 communicator: .*"shh".* Did you mean "ssh"/]);
  await finds({ communicator: "none" }, []);
  await finds({ communicator: "docker" }, [], { otherCommunicators: ["docker"] });
});

test("an empty text and 0 mean the default, as in Packer", () => {
  const zero = ["ssh_port", "ssh_proxy_port", "ssh_bastion_port"].map((option) => [option, 0]);
  const empty = ["communicator", "temporary_key_pair_type", "ssh_file_transfer_method"].map((option) => [option, ""]);
  assert.equal(communicatorOptions().parse(Object.fromEntries([...zero, ...empty])), communicatorOptions().parse({}));
});

test("SSH needs a user; a machine that exists needs a host and exactly one credential", async () => {
  await finds({}, [/^TPK3104 ssh_username/]);
  await finds(root, []);
  const existing = { existingMachine: true };
  await finds(root, [/^TPK3104 ssh_host/, /^TPK3104 ssh_password: One of ssh_password, ssh_private_key_file and ssh_agent_auth/], existing);
  await finds({ ...root, ssh_host: "h", ssh_password: "p" }, [], existing);
  await finds(
    { ...root, ssh_host: "h", ssh_password: "p", ssh_agent_auth: true },
    [/^TPK3106 ssh_password: Only one of ssh_agent_auth, ssh_password/],
    existing,
  );
  await finds({ communicator: "none" }, [], existing);
});

test("hosts are names or addresses, with nothing around them", async () => {
  const hosts: readonly (readonly [string, boolean])[] = [
    ["192.0.2.1", true],
    ["fe80::1%eth0", true],
    ["build_1.büro.example.", true],
    ["http://192.0.2.1", false],
    ["192.0.2.1:5985", false],
    ["[::1]", false],
    ["a b", false],
    ["root@example.org", false],
  ];
  for (const [host, isGood] of hosts) {
    await finds({ ...root, ssh_host: host }, isGood ? [] : [/^TPK3105 ssh_host: .* the port goes into ssh_port\./]);
    const winrm = { communicator: "winrm", winrm_username: "a", winrm_host: host };
    await finds(winrm, isGood ? [] : [/^TPK3105 winrm_host: .* is neither the name nor the address .* winrm_port\./]);
    await finds(winrm, [], { isUnknown: (option) => option === "winrm_host" });
  }
});

test("WinRM needs a user, and a machine that exists host and password too; SSH options do not matter then", async () => {
  const winrm = { communicator: "winrm" };
  const existing = { existingMachine: true };
  await finds(winrm, [/^TPK3104 winrm_username/]);
  await finds({ ...winrm, winrm_username: "Administrator" }, []);
  await finds(winrm, [/^TPK3104 winrm_username/, /^TPK3104 winrm_host/, /^TPK3104 winrm_password/], existing);
  await finds({ ...winrm, winrm_username: "a", winrm_host: "h", winrm_password: "p", ssh_ciphers: ["none"] }, [], existing);
  await finds(winrm, [], { ...existing, isUnknown: (option) => option.startsWith("winrm_") });
  await finds({ ...winrm, winrm_username: "a:b" }, [/^TPK3105 winrm_username: .*colon.* Set winrm_use_ntlm/]);
  await finds({ ...winrm, winrm_username: "a:b", winrm_use_ntlm: true }, []);
});

test("values that are not known yet are not judged", async () => {
  const unknown = (...names: string[]): Partial<CommunicatorCheck> => ({
    existingMachine: true,
    isUnknown: (option) => names.includes(option),
  });
  await finds({}, [], unknown("ssh_username", "ssh_host", "ssh_password"));
  await finds({ communicator: "<unknown>" }, [], unknown("communicator"));
  await finds({ ...root, ssh_host: "h", ssh_private_key_file: "<unknown>" }, [], unknown("ssh_private_key_file"));
  const password = { ...root, ssh_host: "h", ssh_password: "x" };
  await finds({ ...password, ssh_private_key_file: "<unknown>" }, [], unknown("ssh_private_key_file"));
  await finds({ ...password, ssh_certificate_file: "<unknown>" }, [], unknown("ssh_certificate_file"));
  await finds({ ...password, ssh_bastion_host: "<unknown>" }, [], unknown("ssh_bastion_host"));
});

test("a bastion host excludes the proxy, and needs a user and a credential; asking does not count as one", async () => {
  const bastion = { ...root, ssh_bastion_host: "b" };
  await finds({ ...bastion, ssh_bastion_interactive: true }, [/^TPK3104 ssh_bastion_username/, /^TPK3104 ssh_bastion_password/]);
  const complete = { ...bastion, ssh_bastion_username: "u", ssh_bastion_password: "p" };
  await finds(complete, []);
  await finds({ ...complete, ssh_proxy_host: "p" }, [/^TPK3106 ssh_proxy_host/]);
  await finds({ ...complete, ssh_bastion_certificate_file: "c" }, [
    /^TPK3104 ssh_bastion_private_key_file/,
    /^TPK3107 ssh_bastion_certificate_file/,
  ]);
});

test("sizes of temporary keys, and the name that clearing needs", async () => {
  const pair = (type: string, bits: number) => ({ ...root, temporary_key_pair_type: type, temporary_key_pair_bits: bits });
  for (const [type, bits] of [
    ["rsa", 1024],
    ["ecdsa", 256],
    ["dsa", 3072],
    ["ed25519", 77],
    ["ecdsa", 0],
  ] as const)
    await finds(pair(type, bits), []);
  for (const [type, bits] of [
    ["rsa", 1023],
    ["ecdsa", 255],
    ["dsa", 512],
  ] as const)
    await finds(pair(type, bits), [/^TPK3105 temporary_key_pair_bits/]);
  await finds({ ...root, ssh_clear_authorized_keys: true }, [/^TPK3104 temporary_key_pair_name/]);
});

test("lists are checked item by item", async () => {
  await finds({ ...root, ssh_ciphers: ["aes128-ctr", "aes128-ctl"] }, [
    /^TPK3105 ssh_ciphers\.1: .*"aes128-ctl".* Did you mean "aes128-ctr"/,
  ]);
  await finds({ ...root, ssh_ciphers: ["arcfour"] }, [/^TPK3105 ssh_ciphers\.0: .*broken/]);
  await finds({ ...root, ssh_key_exchange_algorithms: ["curve25519-sha512"] }, [
    /^TPK3105 ssh_key_exchange_algorithms\.0: .* Did you mean "curve25519-sha256"/,
  ]);
  await finds({ ...root, ssh_local_tunnels: ["80:host"] }, [
    /^TPK3105 ssh_local_tunnels\.0: .*"80:host" is not of the form PORT:HOST:PORT/,
  ]);
  await finds({ ...root, ssh_remote_tunnels: ["80:host:80"] }, []);
  await finds({ ...root, ssh_host_key_fingerprints: ["MD5:aa:bb"] }, [/^TPK3105 ssh_host_key_fingerprints\.0: .*ssh-keygen -l/]);
});

test("the old name of the timeout is a warning", async () => {
  await finds({ ...root, ssh_wait_timeout: "1m" }, [/^TPK3110 ssh_wait_timeout/]);
});

labTest("key and certificate files are read: missing, broken, encrypted, and found below ~", async () => {
  const folder = tmp();
  mkdirSync(join(folder, ".ssh"));
  const plain = makeSshKey(join(folder, ".ssh"), "plain", "ed25519");
  const encrypted = makeSshKey(folder, "encrypted", "ed25519", [], "open sesame");
  const junk = join(folder, "junk");
  writeFileSync(junk, "this is no key\n");
  const run = { run: runInfo({ environment: { HOME: folder }, workingDirectory: folder }) };
  const key = (file: string, more: object = {}) => ({ ...root, ssh_private_key_file: file, ...more });
  await finds(key(plain.file), [], run);
  await finds(key("~/.ssh/plain"), [], run);
  await finds(key("encrypted", { ssh_private_key_passphrase: "open sesame" }), [], run);
  await finds(key("nowhere"), [/^TPK3107 ssh_private_key_file: The private key nowhere cannot be used: it does not exist/], run);
  await finds(key(junk), [/^TPK3105 ssh_private_key_file: .*not a private key in a known format/], run);
  await finds(key(`${plain.file}.pub`), [/^TPK3105 ssh_private_key_file: .*it holds a public key/], run);
  await finds(
    key(encrypted.file),
    [/^TPK3105 ssh_private_key_passphrase: .*it is encrypted.* Give its passphrase as ssh_private_key_passphrase/],
    run,
  );
  await finds(
    key(encrypted.file, { ssh_private_key_passphrase: "wr0ng" }),
    [/^TPK3105 ssh_private_key_passphrase: .*its passphrase is wrong/],
    run,
  );
  await finds(key(plain.file, { ssh_certificate_file: junk }), [/^TPK3105 ssh_certificate_file: .*not an SSH user certificate/], run);
  await finds({ ...root, ssh_certificate_file: junk }, [/^TPK3104 ssh_private_key_file/, /^TPK3105 ssh_certificate_file/], run);
});

test.run();
