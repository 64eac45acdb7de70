import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { artifactConformance, rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fileArtifact } from "../../src/sdk/file-artifact.ts";

test("destroy removes files and folders, relative ones from the working directory", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "a"), "a");
  mkdirSync(join(folder, "tree", "deep"), { recursive: true });
  writeFileSync(join(folder, "tree", "deep", "b"), "b");
  const artifact = fileArtifact({
    builderId: "packer.file",
    id: "File",
    files: ["a", join(folder, "tree"), "never-there"],
    description: "files",
    workingDirectory: folder,
  });
  await artifact.destroy();
  assert.not.ok(existsSync(join(folder, "a")));
  assert.not.ok(existsSync(join(folder, "tree")));
  assert.ok(existsSync(folder));
});

test("destroy names what it could not remove and removes the rest", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "plain"), "");
  writeFileSync(join(folder, "b"), "b");
  // A path below a plain file is a failure (ENOTDIR) for every user, root included.
  const artifact = fileArtifact({ builderId: "x", id: "x", files: ["plain/below", "b"], description: "x", workingDirectory: folder });
  await rejects(artifact.destroy(), { message: /could not remove plain\/below/ });
  assert.not.ok(existsSync(join(folder, "b")));
});

test("state answers what it was given and nothing else", async () => {
  const artifact = fileArtifact({ builderId: "x", id: "x", files: [], description: "x", state: { generated_data: { ID: "i" } } });
  assert.equal(await artifact.state("generated_data"), { ID: "i" });
  assert.is(await artifact.state("toString"), undefined);
});

artifactConformance(test, async () => {
  const workingDirectory = tmp();
  writeFileSync(join(workingDirectory, "a"), "a");
  const artifact = fileArtifact({
    builderId: "x",
    id: "",
    files: ["a"],
    description: "a file",
    state: { generated_data: {} },
    workingDirectory,
  });
  return { artifact, workingDirectory };
});

test.run();
