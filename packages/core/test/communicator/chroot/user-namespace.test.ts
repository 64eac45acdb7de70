// As an ordinary user: root gives up its rights first, which is why this is a file (and thereby a process) of its own.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { communicatorConformance } from "../../../../../test/support/src/conformance/communicator.ts";
import { buildRootfs } from "../../components/builders/rootfs/harness.ts";
import { readMembers } from "../../components/builders/rootfs/read-tar.ts";
import { conformanceMachine, suitePrograms } from "./machine.ts";

const ORDINARY_ID = 61_234;
const labTest = lab(test, "user-namespaces");
if (process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(ORDINARY_ID);
  process.setuid?.(ORDINARY_ID);
}

communicatorConformance(labTest, conformanceMachine);

labTest("an ordinary user's build keeps the owners that files were given, and records what a command changed", async () => {
  const folder = tmp("user");
  writeFileSync(join(folder, "data"), "data\n");
  const { artifact } = await buildRootfs(
    {
      base: { host_files: suitePrograms },
      files: { "/srv/data": { source: "data", owner: "1000:1001", mode: "0640" }, "/srv/secret": { content: "s", mode: "0600" } },
      output: [{ format: "tar", path: "layer.tar", layer_only: true }],
    },
    {
      folder,
      async provision(communicator) {
        const command = "id -u > /srv/id && chmod 700 /srv/id && rm -rf /tmp && mkdir /tmp && ln -s id /srv/link && chmod 0 /srv/secret";
        assert.equal(await communicator.execute({ command, signal: new AbortController().signal }), { exitCode: 0 });
      },
    },
  );
  assert.equal(artifact.files, ["layer.tar"]);
  const members = await readMembers(join(folder, "layer.tar"));
  const summary = [...members].map(([name, { mode, uid, gid, type }]) => `${name} ${type} ${mode.toString(8)} ${uid}:${gid}`);
  assert.equal(summary, [
    "srv/ directory 755 0:0",
    "srv/data file 640 1000:1001",
    "srv/id file 700 0:0",
    "srv/link symlink 777 0:0",
    "srv/secret file 0 0:0",
    "tmp/ directory 755 0:0",
  ]);
  assert.is(members.get("srv/id")?.text, "0\n");
  assert.is(members.get("srv/data")?.text, "data\n");
});

test.run();
