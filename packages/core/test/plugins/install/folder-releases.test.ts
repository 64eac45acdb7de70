import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parsePluginAddress } from "../../../src/plugins/install/address.ts";
import { folderReleases } from "../../../src/plugins/install/folder-releases.ts";

const acme = parsePluginAddress("github.com/acme/acme");
const version = { text: "1.0.0", version: { numbers: [1, 0, 0], prerelease: "", written: 3 } };
const list = "packer-plugin-acme_v1.0.0_SHA256SUMS";

test("files of a folder of releases that are too large to be what their names say are an error that names them", async () => {
  for (const name of [list, "packer-plugin-acme_v1.0.0_manifest.json", `${list}.sig`]) {
    const folder = tmp();
    for (const file of [list, name]) writeFileSync(join(folder, file), "");
    truncateSync(join(folder, name), 16 * 1024 * 1024 + 1);
    const asked = folderReleases(folder)
      .release(acme, version)
      .then((release) => release?.signature());
    const error = await rejects(asked, { code: "TPK4007" });
    assert.is(error.message, `${join(folder, name)} could not be read: it is larger than 16 MiB`);
  }
});

test("a folder with more files than any has of releases is an error", async () => {
  const folder = tmp();
  mkdirSync(join(folder, "sub"));
  for (const file of [list, "sub/a", "sub/b"]) writeFileSync(join(folder, file), "");
  assert.is((await folderReleases(folder, 4).versions(acme))?.length, 1);
  const error = await rejects(folderReleases(folder, 3).versions(acme), { code: "TPK4007" });
  assert.is(error.message, `the folder of releases ${folder} could not be read: it holds more than 3 files and folders`);
});

test.run();
