// Real Go components: those that Debian's packer 1.6.6 serves itself, each started by a small script under the name of a plugin of
// one component. Specifications come as gob, the handshake has three fields.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findLabProgram, lab, tmp, within } from "../../../../test/support/src/index.ts";
import { pluginCatalog } from "../../src/plugins/catalog.ts";
import { build, program, provision, source } from "../engine/programs.ts";
import { ofKind, runToEnd } from "../engine/run.ts";

const packerTest = lab(test, "packer");

/** A folder with scripts that start components of packer. */
function scripts(...names: readonly string[]): string {
  const folder = tmp("plugins");
  for (const name of names) {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\nexec ${findLabProgram("packer")} plugin ${name}\n`);
    chmodSync(file, 0o755);
  }
  return folder;
}

function catalog(folder: string) {
  return pluginCatalog({
    environment: { ...process.env, PACKER_PLUGIN_PATH: folder, PACKER_CACHE_DIR: tmp("cache") },
    workingDirectory: folder,
  });
}

for (const configStyle of ["typed", "plain"] as const) {
  packerTest(`Go's shell-local runs in a null build, with ${configStyle} options`, () =>
    within(30_000, async () => {
      const folder = scripts("packer-provisioner-shell-local");
      const plugins = catalog(folder);
      const inline = ["echo hello from $PACKER_BUILDER_TYPE", "echo oops >&2"];
      const one = source("one", {
        type: "null",
        config: { communicator: "none" },
        provisioners: [provision("shell-local", { inline })],
      });
      const { result, lines, events } = await runToEnd(program([build(undefined, one)], { configStyle }), {
        catalog: plugins,
        environment: process.env,
      });
      await plugins.close();
      assert.is(result.exitCode, 0, lines.join("\n"));
      assert.ok(
        lines.some((line) => line.includes("hello from null")),
        lines.join("\n"),
      );
      assert.ok(lines.some((line) => line.includes("oops")));
      assert.ok(ofKind(events, "log").some(({ source }) => source === "packer-provisioner-shell-local plugin"));
      assert.equal(
        result.diagnostics.map(({ code, severity }) => [code, severity]),
        [["TPK4006", "warning"]],
      );
    }),
  );
}

test.run();
