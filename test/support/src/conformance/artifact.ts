// What every artifact has to do: the contract of packages/core/src/sdk/artifact.ts as tests.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as assert from "uvu/assert";
import type { Artifact } from "../../../../packages/core/src/sdk/index.ts";

type Register = (name: string, body: () => Promise<void>) => void;

/** An artifact to test with. */
export interface ConformanceArtifact {
  readonly artifact: Artifact;
  /** Where its relative files start. */
  readonly workingDirectory: string;
}

/** Registers the tests. `make` is called for each. */
export function artifactConformance(test: Register, make: () => Promise<ConformanceArtifact>): void {
  test("artifact: its fields are text and do not change", async () => {
    const { artifact } = await make();
    const read = () => [artifact.builderId, artifact.id, artifact.description, ...artifact.files];
    const first = read();
    assert.ok(first.every((text) => typeof text === "string"));
    assert.not.equal(artifact.builderId, "");
    assert.not.match(artifact.description, /\n/);
    await artifact.state("generated_data");
    assert.equal(read(), first);
  });

  test("artifact: a state that nobody set is undefined, and generated data is an object where there is any", async () => {
    const { artifact } = await make();
    assert.is(await artifact.state("no such state"), undefined);
    assert.is(await artifact.state("constructor"), undefined);
    const data = await artifact.state("generated_data");
    assert.ok(data === undefined || (typeof data === "object" && data !== null));
  });

  test("artifact: destroy removes its files, also when one is gone already; its state stays readable", async () => {
    const { artifact, workingDirectory } = await make();
    for (const file of artifact.files) assert.ok(existsSync(resolve(workingDirectory, file)), file);
    const before = await artifact.state("generated_data");
    await artifact.destroy();
    for (const file of artifact.files) assert.not.ok(existsSync(resolve(workingDirectory, file)), file);
    assert.equal(await artifact.state("generated_data"), before);
  });
}
