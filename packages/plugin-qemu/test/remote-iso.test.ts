// Installation media and disk images that QEMU reads over the network by itself (rows QM-36, QM-76, QM-99).
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { errorText } from "@tspack/core/sdk";
import type { BuilderRun, PluginTest } from "@tspack/core/sdk/testing";
import { findLabProgram, lab, rejects, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { assertNothingLeft, buildKit, type Options, sectorConfig, withKit, writeBootCd } from "./build-kit.ts";

const guest = { says: "up\r\n", powersOff: true };

interface Server {
  readonly url: string;
  /** `GET /path` for a part, `GET /path (whole)` without a range, in order. */
  readonly requests: string[];
}

/** Serves the files of a folder as long as `body` takes: in parts, but below `/whole/` as a whole alone. */
async function served<T>(folder: string, body: (server: Server) => Promise<T>): Promise<T> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const range = path.startsWith("/whole/") ? undefined : request.headers.range;
    requests.push(`${request.method} ${path}${request.method === "GET" && range === undefined ? " (whole)" : ""}`);
    const file = join(folder, path.replace(/^\/whole/, ""));
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const content = readFileSync(file);
    const [, from = "0", to = ""] = /bytes=(\d+)-(\d*)/.exec(range ?? "") ?? [];
    const part = content.subarray(Number(from), to === "" ? undefined : Number(to) + 1);
    response.writeHead(range === undefined ? 200 : 206, {
      "content-length": part.length,
      ...(path.startsWith("/whole/") ? {} : { "accept-ranges": "bytes" }),
      ...(range === undefined ? {} : { "content-range": `bytes ${from}-${Number(from) + part.length - 1}/${content.length}` }),
    });
    response.end(request.method === "HEAD" ? undefined : part);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  try {
    return await body({ url: `http://127.0.0.1:${address.port}`, requests });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Runs a build whose guest powers itself off when it has been started. */
async function boot(kit: PluginTest, options: Options): Promise<BuilderRun> {
  const run = await within(240_000, () => kit.builder("qemu", options).run());
  assert.ok(run.ui.logged.includes("debug: console: up"), run.ui.logged.join("\n"));
  return run;
}

const readingTest = lab(test, "qemu-system-x86_64", "qemu-img", "xorriso", "qemu-block-extra", "linux");

readingTest("a machine starts from a CD that is read over the network, from the last place that can be read in parts", async () => {
  await withKit(async (kit, folder) => {
    const iso = writeBootCd(folder, guest);
    await served(folder, async ({ url, requests }) => {
      const changes = { disk_image: false, skip_resize_disk: false, disk_size: "3M", iso_skip_cache: true, iso_checksum: undefined };
      const iso_urls = ["boot.iso", "last,one.iso", "none.iso", "whole/boot.iso"].map((path) => `${url}/${path}`);
      writeFileSync(join(folder, "last,one.iso"), readFileSync(iso));
      const { iso_url: _, ...options } = sectorConfig(folder, guest, { ...changes, iso_urls });
      const { artifact, ui } = await boot(kit, options);
      assert.match(ui.text, new RegExp(`Reading the ISO from ${url}/last,one\\.iso`));
      assert.match(ui.logged.join("\n"), /not used: .*none\.iso: .*404\n.*not used: .*\/whole\/boot\.iso: .*no parts/);
      const heads = ["HEAD /boot.iso", "HEAD /last,one.iso", "HEAD /none.iso", "HEAD /whole/boot.iso"];
      assert.equal(requests.slice(0, 4), heads);
      assert.equal(new Set(requests.slice(4)), new Set(["HEAD /last,one.iso", "GET /last,one.iso"]));
      assert.not.ok(existsSync(join(folder, "cache")), "nothing is downloaded");
      await artifact?.destroy();
      assertNothingLeft(folder);
    });
  });
});

readingTest("a disk image is converted from the network, and a difference to one there reads what it needs", async () => {
  await withKit(async (kit, folder) => {
    const options = sectorConfig(folder, guest, { iso_skip_cache: true });
    execFileSync("qemu-img", ["convert", "-O", "qcow2", String(options.iso_url), join(folder, "base.qcow2")]);
    await served(folder, async ({ url, requests }) => {
      const iso_url = `${url}/base.qcow2`;
      const converted = await boot(kit, { ...options, iso_url });
      assert.match(converted.ui.text, /Converting the disk image to qcow2/);
      const reads = requests.length;
      const difference = await boot(kit, { ...options, iso_url, use_backing_file: true, output_directory: "out-2" });
      assert.ok(requests.length > reads);
      const info: { readonly "full-backing-filename"?: string } = JSON.parse(
        execFileSync("qemu-img", ["info", "--output=json", join(folder, "out-2/tiny")], { encoding: "utf8" }),
      );
      assert.is(info["full-backing-filename"], iso_url);
      for (const { artifact } of [converted, difference]) await artifact?.destroy();
      assertNothingLeft(folder);
    });
  });
});

const qemuTest = lab(test, "qemu-system-x86_64", "qemu-img", "linux");

qemuTest("places that cannot be read in parts are refused before anything is made, each with its reason", async () => {
  await withKit(async (kit, folder) => {
    const { iso_url: image, ...options } = sectorConfig(folder, guest, { iso_skip_cache: true });
    await served(folder, async ({ url }) => {
      const iso_urls = [`${url}/whole/base.img`, `${url}/none.img`, String(image)];
      writeFileSync(join(folder, "base.img"), readFileSync(String(image)));
      const text = errorText(await rejects(kit.builder("qemu", { ...options, iso_urls }).run()));
      assert.match(text, /cannot be read over the network.*\/whole\/base\.img: the server sends no parts of files.*none\.img: .*404/, text);
      assert.match(text, /guest-says-powersOff\.img: it is no http or https URL.*leave out iso_skip_cache/i, text);
      assertNothingLeft(folder);
    });
  });
});

const hidingTest = lab(test, "qemu-system-x86_64", "qemu-img", "xorriso", "mounts");

/** A folder with programs that do what QEMU's do where the drivers for the network are not installed. */
function withoutDrivers(folder: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const name of ["qemu-img", "qemu-system-x86_64"] as const) {
    // The folder of modules is hidden by a copy, for this one process alone.
    const script = `for modules in /usr/lib/*/qemu; do
  mount -t tmpfs tmpfs /mnt && cp "$modules"/* /mnt && rm -f /mnt/block-* && mount --bind /mnt "$modules"
done
exec ${findLabProgram(name)} "$@"`;
    writeFileSync(join(bin, name), `#!/bin/sh\nexec unshare --mount sh -c '${script}' sh "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

hidingTest("the package is named that QEMU's drivers for the network are in", async () => {
  await withKit(async (outer, folder) => {
    await outer.close();
    const environment = { PATH: `${withoutDrivers(folder)}:${process.env.PATH}`, QEMU_MODULE_DIR: undefined };
    const kit = buildKit(folder, { environment });
    writeBootCd(folder, guest);
    await served(folder, async ({ url }) => {
      for (const [disk_image, message] of [
        [true, /boot\.iso cannot be used as a disk image: .*Unknown protocol 'http'/],
        [false, /the installation medium cannot be read over the network: .*Unknown protocol 'http'/],
      ] as const) {
        const options = sectorConfig(folder, guest, { disk_image, skip_resize_disk: disk_image, iso_skip_cache: true });
        const run = kit.builder("qemu", { ...options, disk_size: "3M", iso_url: `${url}/boot.iso` }).run();
        const text = errorText(await within(120_000, () => rejects(run)));
        assert.match(text, message, text);
        assert.match(text, /on Debian and Ubuntu they are the package qemu-block-extra/, text);
        assertNothingLeft(folder);
      }
    });
    await kit.close();
  });
});

test.run();
