import { spawnSync } from "node:child_process";
import { constants, generateKeyPairSync, publicEncrypt } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, tmp } from "@tspack/test-support";
import bcrypt from "bcryptjs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cryptoFunctions } from "../../src/functions/crypto.ts";
import { file } from "../../src/functions/files.ts";
import { hashFunctions } from "../../src/functions/hash.ts";
import { identityFunctions } from "../../src/functions/identity.ts";
import { Calls } from "./calls.ts";

const folder = tmp("crypto");
const calls = new Calls([...cryptoFunctions, ...hashFunctions, ...identityFunctions], folder);
const withFiles = new Calls([...cryptoFunctions, file], folder);
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });

function write(name: string, content: string): void {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
}

function encrypted(text: string, padding = constants.RSA_PKCS1_PADDING): string {
  return publicEncrypt({ key: publicKey, padding }, Buffer.from(text)).toString("base64");
}

write("password.base64", encrypted("hello"));
write("id_rsa", String(privateKey.export({ type: "pkcs1", format: "pem" })));
write("pkcs8", String(privateKey.export({ type: "pkcs8", format: "pem" })));
write("locked", String(privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-128-cbc", passphrase: "x" })));
write("ec", String(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" })));

test("examples hold", () => {
  new Calls([...hashFunctions, ...identityFunctions], folder).checkExamples();
  withFiles.check([['rsadecrypt(file("password.base64"), file("id_rsa"))', '"hello"']]);
});

test("digests are of the UTF-8 bytes", () => {
  calls.check([
    ['md5("hello world")', '"5eb63bbbe01eeed093cb22bb8f5acdc3"'],
    ['sha1("é")', '"bf15be717ac1b080b4f1c456692825891ff5073d"'],
    ['sha256("")', '"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"'],
    [
      'sha512("")',
      '"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"',
    ],
  ]);
});

test("bcrypt makes a hash that verifies, the same one while the clock is fixed", () => {
  const hash: unknown = JSON.parse(calls.json('bcrypt("pässword", 4)'));
  assert.type(hash, "string");
  assert.match(String(hash), /^\$2a\$04\$/);
  assert.ok(bcrypt.compareSync("pässword", String(hash)));
  assert.is(calls.json('bcrypt("pässword", 4)'), JSON.stringify(hash));
  assert.match(calls.json('bcrypt("a")'), /^"\$2a\$10\$/);
  assert.match(calls.json('bcrypt("a", 3)'), /^"\$2a\$10\$/, "less than the least is the default");
  calls.check([
    ['bcrypt("a", 32)', /from 4 to 18/],
    ['bcrypt("a", 4.5)', /whole number/],
    ['bcrypt("a", 4, 5)', /no more than two/],
    [`bcrypt("${"a".repeat(73)}", 4)`, /longer than 72 bytes/],
  ]);
});

test("rsadecrypt reads keys in PKCS #1 and #8, and refuses others", () => {
  write("oaep", encrypted("hello", constants.RSA_PKCS1_OAEP_PADDING));
  write("empty", encrypted(""));
  withFiles.check([
    ['rsadecrypt(file("password.base64"), file("pkcs8"))', '"hello"'],
    ['rsadecrypt(file("empty"), file("pkcs8"))', '""'],
    ['rsadecrypt(file("oaep"), file("id_rsa"))', /not encrypted for this key/],
    ['rsadecrypt("eA==", file("id_rsa"))', /not encrypted for this key/],
    ['rsadecrypt("?", file("id_rsa"))', /not Base64/],
    ['rsadecrypt(file("password.base64"), file("locked"))', /has a passphrase/],
    ['rsadecrypt(file("password.base64"), file("ec"))', /not an RSA key/],
    ['rsadecrypt(file("password.base64"), "x")', /not an RSA key in PEM/],
  ]);
});

lab(test, "ssh-keygen")("rsadecrypt reads keys of OpenSSH", () => {
  const convert = (name: string, passphrase: string) => {
    write(name, readFileSync(join(folder, "id_rsa"), "utf8"));
    const { status } = spawnSync("ssh-keygen", ["-p", "-P", "", "-N", passphrase, "-f", join(folder, name)], { stdio: "ignore" });
    assert.is(status, 0);
    assert.match(readFileSync(join(folder, name), "utf8"), "BEGIN OPENSSH PRIVATE KEY");
  };
  convert("openssh", "");
  convert("openssh-locked", "12345");
  withFiles.check([
    ['rsadecrypt(file("password.base64"), file("openssh"))', '"hello"'],
    ['rsadecrypt(file("password.base64"), file("openssh-locked"))', /has a passphrase/],
  ]);
  write("cut", readFileSync(join(folder, "openssh"), "utf8").replace(/(.{300})[\s\S]*(-----END)/s, "$1\n$2"));
  withFiles.check([['rsadecrypt(file("password.base64"), file("cut"))', /cut off/]]);
});

test("UUIDs", () => {
  calls.check([
    ['uuidv5("dns", "hashicorp.com")', '"5ba0091c-1ec8-5ba9-ab02-ff8be7499dd9"'],
    ['uuidv5("url", "https://www.hashicorp.com/")', '"a4743c6a-58a9-5e54-a3f6-6614c00f3e43"'],
    ['uuidv5("oid", "1.3.6.1.4")', '"af9d40a5-7a36-5c07-b23a-851cd99fbfa5"'],
    ['uuidv5("x500", "CN=Example,C=GB")', '"84e09961-4aa4-57f8-95b7-03edb1073253"'],
    ...[
      "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
      "6BA7B8109DAD11D180B400C04FD430C8",
      "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}",
      "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    ].map((space) => [`uuidv5("${space}", "www.terraform.io")`, '"a5008fae-b28c-5ba5-96cd-82b4c53552d6"'] as const),
    ['uuidv5("DNS", "x")', /"DNS" is neither/],
    ['uuidv5("constructor", "x")', /neither/],
  ]);
  assert.match(calls.json("uuidv4()"), /^"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"$/);
});

test.run();
