// The QEMU builder where nobody has installed it: every command that knows components knows it. No machine is started.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type TspackResult, tspack } from "../support/tspack.ts";

const required = "github.com/hashicorp/qemu";
const template = `packer {
  required_plugins {
    qemu = { source = "${required}", version = ">= 1.0" }
  }
}
source "qemu" "x" {
  iso_url      = "https://example.org/x.iso"
  iso_checksum = "none"
  communicator = "none"
  qemu_img_args {
    create = ["-o", "preallocation=metadata"]
  }
  additional_iso_files {
    iso_url      = "https://example.org/drivers.iso"
    iso_checksum = "md5:00000000000000000000000000000000"
  }
  additional_iso_files {
    iso_urls     = ["https://example.org/tools.iso"]
    iso_checksum = "none"
  }
}
build {
  sources = ["source.qemu.x"]
}
`;
/** The same source in Packer's older language. */
const legacy = {
  builders: [
    {
      type: "qemu",
      iso_url: "https://example.org/x.iso",
      iso_checksum: "none",
      communicator: "none",
      additional_iso_files: [
        { iso_url: "https://example.org/drivers.iso", iso_checksum: "none" },
        { iso_url: "https://example.org/tools.iso" },
      ],
    },
  ],
};
const image = `import { build, packer, source } from "tspack";
packer({ required_plugins: { qemu: { source: "${required}", version: ">= 1.0" } } });
export default build({ sources: [source("qemu", "x", { iso_url: "https://example.org/x.iso", iso_checksum: "none", communicator: "none" })] });
`;

/** A folder with files, and `tspack` in it that finds no installed plugins. */
function project(files: { readonly [name: string]: string }) {
  const cwd = tmp("ships");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const env = { PACKER_CACHE_DIR: tmp("cache"), PACKER_PLUGIN_PATH: join(cwd, "none") };
  return {
    cwd,
    run: (words: readonly string[], more: { readonly [name: string]: string } = {}) => tspack(words, { cwd, env: { ...env, ...more } }),
  };
}

/** All that was printed, in one line, as messages are wrapped. */
function flat({ stdout, stderr }: TspackResult): string {
  return `${stdout}\n${stderr}`.replace(/\s+/g, " ");
}

test("programs that require Packer's plugin are valid, inspected and converted without it, and options are checked where they stand", async () => {
  const { cwd, run } = project({
    "t.pkr.hcl": template,
    "image.ts": image,
    "bad.pkr.hcl": template.replace("iso_checksum ", "iso_chksum "),
    "bad-further.pkr.hcl": template.replace("md5:0", "md5:x").replace('iso_urls     = ["https://example.org/tools.iso"]', ""),
    "bad.json": JSON.stringify(legacy),
  });
  for (const file of ["t.pkr.hcl", "image.ts"]) {
    const valid = await run(["validate", file]);
    assert.is(valid.code, 0, flat(valid));
    assert.not.match(flat(valid), /not installed/);
    const inspected = await run(["inspect", file]);
    assert.is(inspected.code, 0, flat(inspected));
    assert.match(flat(inspected), /qemu\.x/);
  }
  const logged = await run(["validate", "t.pkr.hcl"], { PACKER_LOG: "1" });
  const lines = logged.stderr.split("\n").filter((line) => line.includes("stands in for it"));
  assert.is(lines.length, 1, logged.stderr);
  assert.match(lines[0] ?? "", /"qemu" \(github\.com\/hashicorp\/qemu\) is not installed; tspack's own .*`tspack init` installs/);
  const listed = await run(["plugins", "required", "t.pkr.hcl"]);
  assert.is(listed.stdout, `qemu ${required} ">= 1.0"\n`);
  assert.match(
    flat(listed),
    /"qemu" \(github\.com\/hashicorp\/qemu\) is not installed; tspack's own tspack-plugin-qemu \S+ stands in for it\./,
  );
  const bad = await run(["validate", "bad.pkr.hcl"]);
  assert.is(bad.code, 1);
  assert.match(flat(bad), /TPK3102.*on bad\.pkr\.hcl line 8.*"iso_chksum" is not expected here\. Did you mean "iso_checksum"/);
  const further = await run(["validate", "bad-further.pkr.hcl"]);
  assert.match(flat(further), /bad-further\.pkr\.hcl line 15.*"additional_iso_files\[0\]\.iso_checksum" is not acceptable/);
  assert.match(flat(further), /bad-further\.pkr\.hcl line 17.*In additional_iso_files\[1\] one of iso_url and iso_urls must be given\./);
  const json = await run(["validate", "bad.json"]);
  assert.is(json.code, 1, flat(json));
  assert.match(flat(json), /A checksum must be given: set additional_iso_files\[1\]\.iso_checksum\./);
  const converted = await run(["convert", "-out=made.ts", "-verify", "t.pkr.hcl"]);
  assert.is(converted.code, 0, flat(converted));
  assert.not.match(flat(converted), /not installed|could not be asked/);
  const again = await run(["validate", "made.ts"]);
  assert.is(again.code, 0, flat(again));
  assert.match(readFileSync(join(cwd, "made.ts"), "utf8"), /additional_iso_files: \[\s*\{/);
});

test("its types come with tspack: `tspack types` writes none and misses nothing", async () => {
  const { cwd, run } = project({ "image.ts": image });
  const types = await run(["types"]);
  assert.is(types.code, 0, flat(types));
  assert.not.match(flat(types), /not installed|qemu/i);
  assert.not(existsSync(join(cwd, ".tspack/types/qemu.d.ts")));
  assert.is((await run(["plugins", "installed"])).stdout, "", "what ships is not installed");
});

test("an init that reaches nobody fails, and says that the program runs without it", async () => {
  const { run } = project({ "image.ts": image });
  const server = createServer((_request, response) => response.writeHead(404).end()).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const init = await run(["init"], { TSPACK_PLUGIN_MIRROR: `http://127.0.0.1:${port}` });
    assert.is(init.code, 1, flat(init));
    assert.match(flat(init), /qemu could not be installed/);
    assert.match(flat(init), /tspack's own tspack-plugin-qemu \S+ stands in for it\. The program runs without `tspack init`/);
  } finally {
    server.close();
  }
});

test.run();
