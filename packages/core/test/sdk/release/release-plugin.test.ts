import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { lab, rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { pluginFileName, releasePlugin } from "../../../src/sdk/release/index.ts";

const plugin = { name: "hello", version: "1.2.3" };

function fileOf(text = "#!/usr/bin/env node\n"): string {
  const file = join(tmp("file"), "plugin");
  writeFileSync(file, text);
  return file;
}

lab(
  test,
  "unzip",
  "linux",
)("a release has an archive for each platform and a list of their checksums", async () => {
  const folder = join(tmp("release"), "dist");
  const written = await releasePlugin({ plugin, file: fileOf("the plugin"), folder });
  assert.equal(written.map((path) => basename(path)).sort(), readdirSync(folder).sort());
  assert.equal(readdirSync(folder), [
    "packer-plugin-hello_v1.2.3_SHA256SUMS",
    ...["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"].map((one) => `packer-plugin-hello_v1.2.3_x5.0_${one}.zip`),
  ]);
  assert.match(
    execFileSync("sha256sum", ["--check", "packer-plugin-hello_v1.2.3_SHA256SUMS"], { cwd: folder }).toString(),
    /(.*: OK\n){4}/,
  );
  const unpacked = tmp("unpacked");
  execFileSync("unzip", ["-q", join(folder, "packer-plugin-hello_v1.2.3_x5.0_linux_amd64.zip"), "-d", unpacked]);
  assert.equal(readdirSync(unpacked), ["packer-plugin-hello_v1.2.3_x5.0_linux_amd64"]);
  const inside = join(unpacked, "packer-plugin-hello_v1.2.3_x5.0_linux_amd64");
  assert.is(readFileSync(inside, "utf8"), "the plugin");
  assert.is(statSync(inside).mode & 0o777, 0o755);
});

test("the same file makes the same release, and leftovers of the same version are gone", async () => {
  const folder = tmp("release");
  for (const name of ["packer-plugin-hello_v1.2.3_SHA256SUMS.sig", "packer-plugin-hello_v1.2.3_x5.0_plan9_386.zip"]) {
    writeFileSync(join(folder, name), "old");
  }
  writeFileSync(join(folder, "packer-plugin-hello_v1.2.2_SHA256SUMS"), "another version");
  const file = fileOf();
  const read = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), "base64"));
  await releasePlugin({ plugin, file, folder, platforms: ["linux_amd64"] });
  const first = read();
  await releasePlugin({ plugin, file, folder, platforms: ["linux_amd64"] });
  assert.equal(read(), first);
  assert.equal(readdirSync(folder), [
    "packer-plugin-hello_v1.2.2_SHA256SUMS",
    "packer-plugin-hello_v1.2.3_SHA256SUMS",
    "packer-plugin-hello_v1.2.3_x5.0_linux_amd64.zip",
  ]);
});

test("a version that Packer does not take is refused", async () => {
  await rejects(releasePlugin({ plugin: { name: "hello", version: "v1" }, file: fileOf(), folder: tmp() }), { code: "TPK1006" });
});

test("the file's name is for this platform unless another one is given", () => {
  assert.match(pluginFileName(plugin), /^packer-plugin-hello_v1\.2\.3_x5\.0_[a-z0-9]+_[a-z0-9]+$/);
  assert.is(pluginFileName(plugin, "linux_arm64"), "packer-plugin-hello_v1.2.3_x5.0_linux_arm64");
});

lab(
  test,
  "gpg",
  "linux",
)("the list is signed with the key of the author; without it there is no list", async () => {
  const home = join(tmp("g"), "h");
  mkdirSync(home, { mode: 0o700 });
  chmodSync(home, 0o700);
  const before = process.env.GNUPGHOME;
  process.env.GNUPGHOME = home;
  try {
    const make = [
      "--batch",
      "--pinentry-mode",
      "loopback",
      "--passphrase",
      "open",
      "--quick-generate-key",
      "me@example.org",
      "ed25519",
      "sign",
    ];
    execFileSync("gpg", make, { stdio: "ignore" });
    const folder = tmp("release");
    const signing = { key: "me@example.org", passphrase: "open" };
    const written = await releasePlugin({ plugin, file: fileOf(), folder, platforms: ["linux_amd64"], signing });
    const signature = written.at(-1) ?? "";
    assert.is(basename(signature), "packer-plugin-hello_v1.2.3_SHA256SUMS.sig");
    execFileSync("gpg", ["--batch", "--verify", signature, signature.replace(/\.sig$/, "")], { stdio: "ignore" });
    const other = { ...signing, key: "nobody@example.org" };
    await rejects(releasePlugin({ plugin, file: fileOf(), folder, signing: other }), { code: "TPK6006", message: /gpg could not sign/ });
    assert.not(existsSync(join(folder, "packer-plugin-hello_v1.2.3_SHA256SUMS")));
  } finally {
    execFileSync("gpgconf", ["--kill", "gpg-agent"], { stdio: "ignore" });
    if (before === undefined) delete process.env.GNUPGHOME;
    else process.env.GNUPGHOME = before;
  }
});

test.run();
