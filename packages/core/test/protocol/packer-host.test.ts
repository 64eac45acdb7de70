// The transport's plugin side under a real Go host: Debian's Packer builds with a builder of ours (plugin-protocol section 14).
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { findLabProgram, lab, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";

const labTest = lab(test, "packer", "linux");

labTest("Packer builds with a plugin that stands on our transport", () =>
  within(60_000, async () => {
    const folder = tmp("host");
    const probe = new URL("./probe-plugin.ts", import.meta.url).href;
    const start = `#!/usr/bin/env -S ${process.execPath} --conditions=source --import ${import.meta.resolve("tsx")}`;
    writeFileSync(join(folder, "packer-builder-probe"), `${start}\nimport(${JSON.stringify(probe)});\n`, { mode: 0o755 });
    writeFileSync(
      join(folder, "t.json"),
      JSON.stringify({
        builders: [{ type: "probe", answer: 42 }],
        provisioners: [{ type: "shell-local", command: "echo provisioned" }],
        "post-processors": [{ type: "manifest", output: "m.json" }],
      }),
    );
    const { stdout } = await promisify(execFile)(findLabProgram("packer") ?? "packer", ["build", "-color=false", "t.json"], {
      cwd: folder,
      env: { ...process.env, TMPDIR: tmp("t"), PACKER_CONFIG_DIR: folder, CHECKPOINT_DISABLE: "1" },
      maxBuffer: 10_000_000,
    });
    assert.match(stdout, /this is a probe/);
    assert.match(stdout, /configured: \{"answer":42\}/);
    assert.match(stdout, /é{200000}/);
    assert.match(stdout, /^ +probe: provisioned$/m);
    assert.match(stdout, /--> probe: an artifact of the probe/);
  }),
);

test.run();
