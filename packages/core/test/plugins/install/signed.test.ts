// Releases whose list of checksums has to be signed by a trusted key.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, tmp } from "@tspack/test-support";
import { createMessage, enums, generateKey, type PrivateKey, type PublicKey, revokeKey, sign } from "openpgp";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parsePluginAddress } from "../../../src/plugins/install/address.ts";
import { type InitRequest, initPlugins } from "../../../src/plugins/install/init-plugins.ts";
import { type InstallOutcome, installPlugin } from "../../../src/plugins/install/install-plugin.ts";
import { readTrustedKeys, type TrustedKey } from "../../../src/plugins/install/trusted-keys.ts";
import { vendorPlugins } from "../../../src/plugins/install/vendor.ts";
import { acme as acmeRepository, type Machine, onMachine as onAnyMachine, sumsPath } from "./install-machine.ts";
import { platform, type ReleaseServer } from "./release-server.ts";

const day = 24 * 60 * 60 * 1000;
const acme = { ...acmeRepository, version: "1.0.0" };
const source = "github.com/acme/acme";

interface SignedMachine extends Omit<Machine, "install"> {
  readonly work: string;
  /** Installs the newest version of the plugin, unless one is there. */
  install(trustedKeys: readonly TrustedKey[] | undefined): Promise<InstallOutcome>;
}

function onMachine(body: (machine: SignedMachine) => Promise<void>): Promise<void> {
  const request = { address: parsePluginAddress(source), conditions: [] };
  return onAnyMachine([acme], (machine) => {
    const { options } = machine;
    const install: SignedMachine["install"] = (trustedKeys) => installPlugin(request, { ...options, trustedKeys });
    return body({ ...machine, work: options.workingDirectory, install });
  });
}

type KeyPair = { readonly privateKey: PrivateKey; readonly publicKey: PublicKey };

/** A key of its own for each name; a date in the past and a time to live where given. */
function newKey(name: string, options: { readonly date?: Date; readonly keyExpirationTime?: number } = {}): Promise<KeyPair> {
  return generateKey({ userIDs: [{ name, email: `${name}@acme.example` }], format: "object", ...options });
}

/** A detached signature of what the server publishes. */
async function signatureOf(server: ReleaseServer, keys: readonly KeyPair[], date?: Date): Promise<Uint8Array> {
  const message = await createMessage({ binary: new Uint8Array(server.files.get(sumsPath) ?? []) });
  const signingKeys = keys.map(({ privateKey }) => privateKey);
  return sign({ message, signingKeys, detached: true, format: "binary", ...(date === undefined ? {} : { date }) });
}

let files = 0;
async function trusted(...keys: readonly (PublicKey | string)[]): Promise<readonly TrustedKey[]> {
  const folder = tmp("keys");
  return readTrustedKeys(
    keys.map((key) => {
      const path = join(folder, `key-${++files}.asc`);
      writeFileSync(path, typeof key === "string" ? key : key.armor());
      return { path, shown: `keys/key-${files}.asc` };
    }),
  );
}

/** What a user reads: message and hint. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => new Error("nothing was refused"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error, String(error));
  assert.is("code" in error ? error.code : undefined, "TPK4009", error.message);
  return `${error.message} | ${"hint" in error ? String(error.hint) : ""}`;
}

test("a release that a trusted key has signed is installed: binary or armored, one of several keys and signatures", () =>
  onMachine(async ({ server, install, plugins }) => {
    const [one, two, other] = await Promise.all([newKey("one"), newKey("two"), newKey("other")]);
    server.files.set(`${sumsPath}.sig`, Buffer.from(await signatureOf(server, [other, two])));
    // Two armored blocks in one file.
    const keys = await trusted(`${one.publicKey.armor()}\n${two.publicKey.armor()}`);
    assert.is(keys.length, 2);
    assert.is((await install(keys)).status, "installed");

    server.files.delete(`${sumsPath}.sig`);
    const message = await createMessage({ binary: new Uint8Array(server.files.get(sumsPath) ?? []) });
    const armored = await sign({ message, signingKeys: one.privateKey, detached: true });
    server.files.set(`${sumsPath}.asc`, Buffer.from(armored));
    assert.is((await install(await trusted(one.publicKey))).status, "installed", "what is there was not known to be signed");
    assert.equal(readdirSync(plugins), ["github.com"]);
  }));

test("a missing, strange, wrong, expired or revoked signature or key refuses, says which key, and installs nothing", async () => {
  const now = Date.now();
  const key = await newKey("ann");
  const expired = await newKey("old", { date: new Date(now - 10 * day), keyExpirationTime: day / 1000 });
  const early = await newKey("early", { date: new Date(now - 10 * day) });
  const { publicKey: revoked } = await revokeKey({
    key: key.privateKey,
    reasonForRevocation: { flag: enums.reasonForRevocation.keySuperseded },
    format: "object",
  });
  const fingerprint = (of: KeyPair): string => of.publicKey.getFingerprint().toUpperCase();
  const signed = (keys: KeyPair, date?: Date) => async (server: ReleaseServer) =>
    void server.files.set(`${sumsPath}.sig`, Buffer.from(await signatureOf(server, [keys], date)));
  const cases: readonly {
    readonly what: string;
    readonly trust?: PublicKey;
    change(server: ReleaseServer): unknown;
    readonly message: RegExp;
  }[] = [
    {
      what: "no signature",
      change: () => undefined,
      message: new RegExp(
        `SHA256SUMS of ${source} at http\\S+ is not signed .*SHA256SUMS\\.sig.*${fingerprint(key)} \\(ann <ann@acme\\.example>, keys/key-`,
      ),
    },
    {
      what: "a page instead of a signature",
      change: (server) => server.files.set(`${sumsPath}.sig`, Buffer.from("<html>sign in</html>")),
      message: /is no OpenPGP signature/,
    },
    {
      what: "an empty file",
      change: (server) => server.files.set(`${sumsPath}.sig`, Buffer.alloc(0)),
      message: /holds none|is no OpenPGP signature/,
    },
    {
      what: "half a signature",
      change: async (server) => {
        const whole = Buffer.from(await signatureOf(server, [key]));
        server.files.set(`${sumsPath}.sig`, whole.subarray(0, whole.length - 9));
      },
      message: /is no OpenPGP signature|cannot be trusted|is not what the key/,
    },
    {
      what: "a list that was changed afterwards",
      change: async (server) => {
        await signed(key)(server);
        await server.add({ ...acme, remark: "evil" });
      },
      message: new RegExp(`it is not what the key ${fingerprint(key)} .*has signed.*Somebody has changed a file`),
    },
    {
      what: "the key of somebody else",
      change: signed(early),
      message: new RegExp(`signed with the key [0-9A-F]{16}, which is not trusted.*Trusted are ${fingerprint(key)}.*on another way`),
    },
    {
      what: "an expired key, by which it was signed in time",
      trust: expired.publicKey,
      change: signed(expired, new Date(now - 9.5 * day)),
      message: new RegExp(`the key ${fingerprint(expired)} .*, which has expired on 20\\d\\d-\\d\\d-\\d\\d.*current copy`),
    },
    {
      what: "a revoked key",
      trust: revoked,
      change: signed(key),
      message: new RegExp(`the key ${fingerprint(key)} .*, which was revoked.*take this one out`),
    },
    {
      what: "a signature of tomorrow",
      trust: early.publicKey,
      change: signed(early, new Date(now + 2 * day)),
      message: /has a date that cannot be.*clock of this machine/,
    },
  ];
  for (const { what, trust = key.publicKey, change, message } of cases) {
    await onMachine(async ({ server, install, plugins }) => {
      await change(server);
      const text = await refusal(install(await trusted(trust)));
      assert.match(text, message, `${what}: ${text}`);
      assert.equal(readdirSync(plugins), [], what);
      assert.not.ok(
        server.requests.some((request) => request.includes(".zip")),
        `${what}: nothing is downloaded`,
      );
    });
  }
});

test("keys: files that hold none or a private one, and no keys at all, are refused", async () => {
  const { privateKey, publicKey } = await newKey("bob");
  assert.match(await refusal(trusted()), /no key is trusted.*trusted_keys of packer\(\).*-trusted-key=FILE/);
  assert.match(await refusal(trusted("hello")), /keys\/key-\d+\.asc holds no public key.*gpg --armor --export/);
  assert.match(await refusal(trusted(privateKey.armor())), /holds a private key/);
  assert.match(
    await refusal(readTrustedKeys([{ path: "/nowhere/key.asc", shown: "key.asc" }])),
    /key\.asc could not be read: it does not exist/,
  );
  const binary = join(tmp("binary"), "key.gpg");
  writeFileSync(binary, publicKey.write());
  assert.is((await readTrustedKeys([{ path: binary, shown: "key.gpg" }])).length, 1);
});

test("with trusted keys what is installed stays when the lock file vouches for it; vendor asks for signatures too", () =>
  onMachine(async ({ server, work, options }) => {
    const key = await newKey("ann");
    const trustedKeys = await trusted(key.publicKey);
    const lockFile = join(work, "tspack.lock");
    const failures: unknown[] = [];
    const statuses: string[] = [];
    const init = (request: Partial<InitRequest> = {}, keys: readonly TrustedKey[] | undefined = trustedKeys): Promise<boolean> =>
      initPlugins(
        { required: { mine: { source, version: ">= 1.0.0" } }, lockFile, ...request },
        {
          ...options,
          trustedKeys: keys,
          onReady: ({ status }) => statuses.push(status),
          onFailure: (_, error) => failures.push(error),
        },
      );
    assert.not.ok(await init());
    assert.match(await refusal(Promise.reject(failures[0])), /is not signed/);
    assert.not.ok(existsSync(lockFile), "nothing is locked");

    server.files.set(`${sumsPath}.sig`, Buffer.from(await signatureOf(server, [key])));
    assert.ok(await init());
    const asked = server.requests.length;
    assert.ok(await init({ frozen: true }));
    assert.equal(statuses, ["installed", "present"]);
    assert.is(server.requests.length, asked, "no request is made");

    const vendored = await vendorPlugins(
      "copies",
      { required: { mine: { source, version: "" } }, lockFile, platforms: [platform, "plan9_mips"] },
      { ...options, trustedKeys },
    );
    assert.is(vendored.length, 2);
    server.files.delete(`${sumsPath}.sig`);
    const unsigned = vendorPlugins(
      "copies2",
      { required: { mine: { source, version: "" } }, lockFile, platforms: ["plan9_mips"] },
      { ...options, trustedKeys },
    );
    assert.match(await refusal(unsigned), /is not signed/);
    assert.not.ok(existsSync(join(work, "copies2")));
  }));

lab(test, "gpg")("gpg: its keys, signatures and revocations are understood", () =>
  onMachine(async ({ server, work, install, plugins }) => {
    const home = join(work, "gnupg");
    mkdirSync(home, { mode: 0o700 });
    /** Runs gpg with a key ring of its own. */
    const gpg = (...words: readonly string[]): string => {
      const all = ["--homedir", home, "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "", ...words];
      const { status, stdout, stderr } = spawnSync("gpg", all, { encoding: "utf8" });
      assert.is(status, 0, `gpg ${words.join(" ")}: ${stderr}`);
      return stdout;
    };
    try {
      const sums = join(work, "SHA256SUMS");
      writeFileSync(sums, server.files.get(sumsPath) ?? "");
      for (const [name, kind, suffix, form] of [
        ["rsa", "rsa3072", ".sig", "--detach-sign"],
        ["ed", "ed25519", ".asc", "--armor"],
      ] as const) {
        gpg("--quick-generate-key", `${name} <${name}@acme.example>`, kind, "sign", "never");
        gpg("--local-user", name, form, "--detach-sign", "--output", `${sums}${suffix}`, sums);
        server.files.delete(`${sumsPath}.sig`);
        server.files.set(`${sumsPath}${suffix}`, readFileSync(`${sums}${suffix}`));
        assert.is((await install(await trusted(gpg("--armor", "--export", name)))).status, "installed", name);
      }
      // A key ring with both keys, as `gpg --export` writes it: binary.
      gpg("--output", join(work, "ring.gpg"), "--export");
      const ring = await readTrustedKeys([{ path: join(work, "ring.gpg"), shown: "ring.gpg" }]);
      assert.is(ring.length, 2);
      assert.is((await install(ring)).status, "installed");
      const [certificate = ""] = readdirSync(join(home, "openpgp-revocs.d")).filter((file) =>
        file.startsWith(
          ring
            .find(({ key }) => key.getUserIDs()[0]?.startsWith("ed"))
            ?.key.getFingerprint()
            .toUpperCase() ?? "?",
        ),
      );
      const path = join(home, "openpgp-revocs.d", certificate);
      // gpg puts a colon before it, so that nobody imports it by mistake.
      writeFileSync(path, readFileSync(path, "utf8").replace(":-----BEGIN", "-----BEGIN"));
      gpg("--import", path);
      const before = readdirSync(plugins);
      assert.match(await refusal(install(await trusted(gpg("--armor", "--export", "ed")))), /which was revoked/);
      assert.equal(readdirSync(plugins), before);
    } finally {
      spawnSync("gpgconf", ["--homedir", home, "--kill", "all"]);
    }
  }),
);

test.run();
