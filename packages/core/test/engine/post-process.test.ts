import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Artifact, PostProcessResult } from "../../src/sdk/index.ts";
import { artifact, build, buildValue, components, postProcess, program, source } from "./programs.ts";
import { runToEnd } from "./run.ts";

type Chains = readonly (readonly ReturnType<typeof postProcess>[])[];

/** What a post-processor of these tests does is said by its text: words of `keep`, `force`, `pass`, `nil`, `fail`, and a name. */
async function run(chains: Chains, changes: { readonly destroyFails?: string; readonly except?: readonly string[] } = {}) {
  const log: string[] = [];
  const make = (id: string): Artifact =>
    artifact(id, log, changes.destroyFails === id ? { destroy: () => Promise.reject(new Error("it is in use")) } : {});
  const { catalog, log: ran } = components({
    machineArtifact: () => make("original"),
    postProcess: async ({ artifact: input, config }): Promise<PostProcessResult> => {
      const words = config.text.split(" ");
      if (words.includes("fail")) throw new Error("out of luck");
      const output = words.includes("nil") ? undefined : words.includes("pass") ? input : make(words[0] ?? "");
      return { artifact: output, keep: words.includes("keep"), forceKeep: words.includes("force") };
    },
  });
  const { result, lines } = await runToEnd(program([build(undefined, source("one", { postProcessors: chains }))]), {
    catalog,
    except: changes.except ?? [],
  });
  const [one] = result.builds;
  return {
    outcome: one?.outcome,
    errors: one?.errors,
    artifacts: one?.artifacts.map(({ id }) => id),
    destroyed: log.map((line) => line.replace("destroyed ", "")),
    ran: ran.filter((line) => line.startsWith("pack")),
    lines,
  };
}

const pack = (text: string, changes: Parameters<typeof postProcess>[2] = {}) => postProcess("pack", { text }, changes);

test("without post-processors the builder's artifact is the result", async () => {
  const { artifacts, destroyed } = await run([]);
  assert.equal(artifacts, ["original"]);
  assert.equal(destroyed, []);
});

test("a chain hands artifacts on, and destroys what nobody keeps", async () => {
  const { artifacts, destroyed, ran } = await run([[pack("a"), pack("b")]]);
  assert.equal(ran, ["pack original a", "pack a b"]);
  assert.equal(artifacts, ["b"]);
  assert.equal(destroyed, ["a", "original"]);
});

test("every chain starts from the builder's artifact, which one chain's wish keeps", async () => {
  const { artifacts, destroyed, ran } = await run([[pack("a")], [pack("b keep")], [pack("c")]]);
  assert.equal(ran, ["pack original a", "pack original b keep", "pack original c"]);
  assert.equal(artifacts, ["original", "a", "b", "c"]);
  assert.equal(destroyed, []);
});

test("later in a chain a kept input is listed before the result", async () => {
  const { artifacts, destroyed } = await run([[pack("a"), pack("b keep")]]);
  assert.equal(artifacts, ["a", "b"]);
  assert.equal(destroyed, ["original"]);
});

test("keep_input_artifact replaces the component's wish, unless that insists", async () => {
  assert.equal((await run([[pack("a", { keep_input_artifact: true })]])).artifacts, ["original", "a"]);
  assert.equal((await run([[pack("a keep", { keep_input_artifact: "false" })]])).artifacts, ["a"]);
  assert.equal((await run([[pack("a keep force", { keep_input_artifact: false })]])).artifacts, ["original", "a"]);
  assert.equal((await run([[pack("a force")]])).artifacts, ["a"]);
});

test("a post-processor that hands its input on lists it twice, as in Packer", async () => {
  const { artifacts, destroyed } = await run([[pack("p pass keep force")]]);
  assert.equal(artifacts, ["original", "original"]);
  assert.equal(destroyed, []);
});

test("an artifact that is handed on and not kept is not destroyed under the user's hands", async () => {
  const first = await run([[pack("p pass")]]);
  assert.equal([first.artifacts, first.destroyed], [["original"], []]);
  const later = await run([[pack("a"), pack("p pass")]]);
  assert.equal([later.artifacts, later.destroyed], [["a"], ["original"]]);
});

test("no artifact ends a chain quietly", async () => {
  const { artifacts, outcome, ran } = await run([[pack("n nil keep"), pack("never")], [pack("b")]]);
  assert.is(outcome, "succeeded");
  assert.equal(artifacts, ["original", "b"]);
  assert.equal(ran, ["pack original n nil keep", "pack original b"]);
});

test("a failing chain fails the build, the next one still runs, and the builder's artifact stays", async () => {
  const { outcome, errors, artifacts, destroyed } = await run([[pack("a fail"), pack("never")], [pack("b")]]);
  assert.is(outcome, "failed");
  assert.equal(errors, ["the post-processor pack failed: out of luck"]);
  assert.equal([artifacts, destroyed], [["original", "b"], []]);
});

test("with keep_input_artifact: false a failing chain costs the builder's artifact, unless another one keeps it", async () => {
  const failing = pack("a fail", { keep_input_artifact: false });
  const lost = await run([[failing], [pack("b")]]);
  assert.equal([lost.artifacts, lost.destroyed], [["b"], ["original"]]);
  const kept = await run([[failing], [pack("b keep")]]);
  assert.equal([kept.artifacts, kept.destroyed], [["original", "b"], []]);
});

test("a failure later in a chain leaves what the earlier ones decided", async () => {
  const { artifacts, destroyed } = await run([[pack("a"), pack("b fail")]]);
  assert.equal([artifacts, destroyed], [[], ["original"]]);
});

test("what cannot be removed is an error of the build", async () => {
  const { outcome, errors } = await run([[pack("a")]], { destroyFails: "original" });
  assert.is(outcome, "failed");
  assert.equal(errors, ["the artifact image original could not be removed: it is in use"]);
});

test("-except names a post-processor by name or type and cuts its chain there", async () => {
  const chains = [[pack("a"), pack("b", { name: "second" }), pack("c")], [pack("d")]];
  assert.equal((await run(chains, { except: ["sec*"] })).ran, ["pack original a", "pack original d"]);
  const none = await run(chains, { except: ["pack"] });
  assert.equal([none.ran, none.artifacts], [[], ["original"]]);
});

test("a post-processor is announced by name and type", async () => {
  const { lines } = await run([[pack("a", { name: "zip" }), pack("b")]]);
  assert.ok(lines.includes("==> machine.one: Running post-processor: zip (type pack)"));
  assert.ok(lines.includes("==> machine.one: Running post-processor: pack"));
});

test("build values come from the builder's artifact, else from what the builder announced", async () => {
  for (const carried of [{ Host: "from the artifact" }, undefined]) {
    const seen: string[] = [];
    const { catalog } = components({
      data: { Host: "announced" },
      machineArtifact: () => artifact("x", [], { state: async (name) => (name === "generated_data" ? carried : undefined) }),
      postProcess: async ({ artifact: input, config, data }) => {
        seen.push(config.text, String(data.Host));
        return { artifact: input, keep: true, forceKeep: false };
      },
    });
    const { result } = await runToEnd(
      program([build(undefined, source("one", { postProcessors: [[postProcess("pack", { text: buildValue("Host") })]] }))]),
      { catalog },
    );
    assert.is(result.exitCode, 0);
    const expected = carried?.Host ?? "announced";
    assert.equal(seen, [expected, expected]);
  }
});

test.run();
