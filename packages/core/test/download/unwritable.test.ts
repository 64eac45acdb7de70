import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseChecksum } from "../../src/checksum/checksum.ts";
import { type Downloaded, type DownloadOptions, download } from "../../src/download/download.ts";
import { withFileLock } from "../../src/locks/file-lock.ts";
import { serveFile, testServer } from "./test-server.ts";

const content = randomBytes(300_000);
const checksum = parseChecksum(`sha256:${createHash("sha256").update(content).digest("hex")}`);
const { signal } = new AbortController();

interface Place {
  readonly folder: string;
  readonly requests: readonly string[];
  get(destination: string, changes?: Partial<DownloadOptions>): Promise<Downloaded>;
}

async function place(body: (place: Place) => Promise<void>): Promise<void> {
  const server = await testServer(serveFile(content, { etag: '"1"' }));
  const folder = tmp();
  const get = (destination: string, changes: Partial<DownloadOptions> = {}) =>
    download({
      location: `${server.url}/disk.img`,
      checksum,
      destination: join(folder, destination),
      workingDirectory: folder,
      environment: {},
      signal,
      ...changes,
    });
  try {
    await within(20_000, () => body({ folder, requests: server.requests, get }));
  } finally {
    await server.close();
  }
}

/** A disk of 256 KiB at `folder/small`. */
async function withSmallDisk(folder: string, body: (disk: string) => Promise<void>): Promise<void> {
  const disk = join(folder, "small");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]);
  try {
    await body(disk);
  } finally {
    execFileSync("umount", [disk]);
  }
}

test("a target that is a folder is refused before the bytes have come", () =>
  place(async ({ folder, requests, get }) => {
    mkdirSync(join(folder, "out"));
    await rejects(get("out"), { code: "TPK6011", message: /out: it is a folder/ });
    writeFileSync(join(folder, "file"), "");
    await rejects(get("file/disk.img"), { code: "TPK6011", message: /file\/disk\.img/ });
    assert.equal(requests, []);
    assert.equal(readdirSync(folder).sort(), ["file", "out"]);
  }));

lab(test, "mounts")("a disk that gets full ends the download with its reason, and is given its room back", () =>
  place(({ folder, get }) =>
    withSmallDisk(folder, async (disk) => {
      await rejects(get("small/disk.img"), { code: "TPK6011", message: /small\/disk\.img.*the disk is full/ });
      assert.equal(readdirSync(disk), []);
    }),
  ),
);

lab(test, "mounts")("a lock that cannot be written is none, so nobody waits for it", () =>
  place(({ folder }) =>
    withSmallDisk(folder, async (disk) => {
      assert.throws(() => writeFileSync(join(disk, "fill"), "x".repeat(300_000)), /ENOSPC/);
      await rejects(
        withFileLock(join(disk, "f.lock"), { signal }, async () => undefined),
        { code: "ENOSPC" },
      );
      assert.equal(readdirSync(disk), ["fill"]);
    }),
  ),
);

lab(test, "mounts")("a cache that may only be read is used for what it holds", () =>
  place(({ folder, requests, get }) =>
    withSmallDisk(folder, async (disk) => {
      const small = content.subarray(0, 1000);
      const known = parseChecksum(createHash("sha256").update(small).digest("hex"));
      writeFileSync(join(disk, "disk.img"), small);
      execFileSync("mount", ["-o", "remount,ro", disk]);
      assert.equal(await get("small/disk.img", { checksum: known }), { path: join(disk, "disk.img"), from: "reused" });
      await rejects(get("small/disk.img"), { code: "TPK6011", message: /read-only/ });
      assert.equal(requests, []);
    }),
  ),
);

test.run();
