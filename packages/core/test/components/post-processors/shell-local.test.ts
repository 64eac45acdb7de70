import { lab, prepare, prepareWell, RecordingUi, rejects } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import shellLocal from "../../../src/components/post-processors/shell-local.ts";
import type { Config } from "../../../src/program/program.ts";
import { fileArtifact } from "../../../src/sdk/file-artifact.ts";

const artifact = fileArtifact({ builderId: "test", id: "x", files: ["out.img"], description: "x" });

async function postProcess(config: Config) {
  const component = await shellLocal.create();
  await prepareWell(component, config);
  const ui = new RecordingUi();
  const signal = new AbortController().signal;
  return { ui, result: await component.postProcess({ ui, artifact, data: { ID: "i-1" }, signal }) };
}

const unix = lab(test, "linux");

unix("scripts run with the values of the build, and the artifact passes through, kept whatever the user says", async () => {
  const { ui, result } = await postProcess({ inline: ["echo {{build `ID`}} $A $PACKER_BUILD_NAME"], environment_vars: ["A={{.ID}}"] });
  assert.is(ui.lines.at(-1), "stdout: i-1 i-1 test");
  assert.is(result.artifact, artifact);
  assert.equal([result.keep, result.forceKeep], [true, true]);
});

unix("an execute_command of one element is a command for sh", async () => {
  const { ui } = await postProcess({ inline: ["echo $A"], env: { A: "a b" }, execute_command: ["{{.Vars}} {{.Script}} && echo more"] });
  assert.equal(ui.lines.slice(1), ["stdout: a b", "stdout: more"]);
});

unix("an execute_command of several elements is a program with arguments", async () => {
  const { ui } = await postProcess({ inline: ["x"], execute_command: ["/bin/echo", "a  b"] });
  assert.equal(ui.lines.slice(1), ["stdout: a  b"]);
});

unix("on another operating system it succeeds without doing anything", async () => {
  const { result } = await postProcess({ inline: ["exit 1"], only_on: ["windows"] });
  assert.is(result.artifact, artifact);
});

unix("a failing script fails the chain", async () => {
  await rejects(postProcess({ inline: ["exit 5"] }), { code: "TPK6006", message: /code 5/ });
});

test("it refuses what the provisioner refuses", async () => {
  const [problem] = await prepare(await shellLocal.create(), { scripts: ["/no/such"] });
  assert.equal([problem?.code, problem?.path], ["TPK3107", ["scripts", 0]]);
});

test.run();
