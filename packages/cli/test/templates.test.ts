import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tspack } from "./support/tspack.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A private key for a machine that nobody connects to. */
function keyFile(): string {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "pkcs1", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const file = join(tmp("key"), "key");
  writeFileSync(file, privateKey);
  return file;
}

/** What each template needs before it can be prepared. */
const templates: { readonly [name: string]: readonly string[] } = {
  container: [],
  minimal: [],
  // An image for a machine that nobody starts.
  qemu: ["-var", `image=${keyFile()}`, "-var", "checksum=none"],
  ssh: ["-var", "host=192.0.2.1", "-var", `key_file=${keyFile()}`],
};

for (const [name, words] of Object.entries(templates)) {
  test(`template ${name} passes the compiler with its own settings, and is valid`, async () => {
    const cwd = tmp("template");
    assert.is((await tspack(["new", `-template=${name}`], { cwd })).code, 0);
    // What `npm install` would put there.
    mkdirSync(join(cwd, "node_modules/@types"), { recursive: true });
    symlinkSync(join(root, "packages/cli"), join(cwd, "node_modules/tspack"));
    symlinkSync(join(root, "node_modules/@types/node"), join(cwd, "node_modules/@types/node"));
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    // The sources' types, which need no build.
    const { status, stdout } = spawnSync(process.execPath, [compiler, "--customConditions", "source", "--skipLibCheck"], {
      cwd,
      encoding: "utf8",
    });
    assert.is(status, 0, stdout);
    const checked = await tspack(["validate", ...words], { cwd });
    assert.is(checked.code, 0, checked.stdout);
  });
}

test("the smallest template runs", async () => {
  const cwd = tmp("template");
  assert.is((await tspack(["new", "-template=minimal"], { cwd })).code, 0);
  const { code, stdout } = await tspack(["run", "-var", "greeting=good day"], { cwd });
  assert.is(code, 0, stdout);
  assert.match(stdout, /good day from tspack/);
});

test.run();
