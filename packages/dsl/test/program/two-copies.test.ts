// A program's package manager may install the library twice. Values of both copies have to meet in one program.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";
import { deferredOf, dependencyName } from "@tspack/core";
import { build as bundle } from "esbuild";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as ours from "../../src/index.ts";
import { loadContext } from "./loading.ts";

/** The whole library once more, as another copy on disk would be. */
async function otherCopy(): Promise<typeof ours> {
  const entry = fileURLToPath(new URL("../../src/index.ts", import.meta.url));
  const { outputFiles } = await bundle({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "node20",
    conditions: ["source"],
    external: ["ssh2", "node-ssh", "cpu-features", "esbuild"],
    define: { "import.meta.url": JSON.stringify(import.meta.url) },
    logLevel: "silent",
  });
  const module: { exports: unknown } = { exports: {} };
  compileFunction(outputFiles[0]?.text ?? "", ["module", "exports", "require"])(module, module.exports, createRequire(entry));
  return module.exports as typeof ours;
}

test("values of two copies of the library meet in one program", async () => {
  const theirs = await otherCopy();
  assert.is.not(theirs.build, ours.build);
  const debian = theirs.source("null", "debian", {});
  const base = theirs.build({ name: "base", sources: [debian], provisioners: [ours.provision("shell", {})] });
  const page = theirs.data("http", "page", { url: "http://localhost" });
  const web = ours.build({
    name: "web",
    sources: [ours.source("null", "web", { from: base.artifact(debian).id, note: ours.t`${page.body}` })],
    provisioners: [theirs.provision("shell", { only: [debian] })],
  });
  assert.ok(ours.isRef(page));
  const { program, diagnostics } = ours.programFrom({ default: [web] }, loadContext(), "/program/image.ts");
  assert.equal(diagnostics, []);
  assert.equal(
    program.builds.map(({ name }) => name),
    ["base", "web"],
  );
  assert.equal(
    program.datasources.map(({ name }) => name),
    ["page"],
  );
  const [source] = program.builds[1]?.sources ?? [];
  assert.equal(source?.provisioners[0]?.only, ["null.debian"]);
  assert.equal(deferredOf(source?.config.note)?.waitsFor.map(dependencyName), ["data.http.page.body"]);
});

test.run();
