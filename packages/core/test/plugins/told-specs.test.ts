// `PLUGIN specs`, told well and badly.
import { join } from "node:path";
import { rejects, tmp, writeScript } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { askForSpecs } from "../../src/plugins/told-specs.ts";

const text = { type: { kind: "string" }, required: true, description: "A text.", default: "x" };
const spec = { options: { text, inner: { type: { kind: "block", spec: { options: { text } } }, required: false } } };

/** A plugin that prints something when it is asked. */
function plugin(script: string): string {
  const file = join(tmp("plugin"), "packer-plugin-a");
  writeScript(file, `[ "$1" = specs ] || exit 9\n${script}`);
  return file;
}

function ask(file: string): ReturnType<typeof askForSpecs> {
  return askForSpecs(file, { environment: { PATH: process.env.PATH }, workingDirectory: tmp("work") });
}

test("components are told with descriptions, choices and blocks", async () => {
  const components = [
    { kind: "builder", name: "-packer-default-plugin-name-", description: "Builds.", options: spec },
    { kind: "datasource", name: "b", description: "Knows.", options: { options: {} }, output: spec },
  ];
  assert.equal(await ask(plugin(`cat <<'end'\n${JSON.stringify({ components, more: 1 })}\nend`)), [
    { kind: "builder", inside: undefined, description: "Builds.", options: spec },
    { kind: "datasource", inside: "b", description: "Knows.", options: { options: {} }, output: spec },
  ]);
});

test("what is no answer is refused with its reason", async () => {
  const deep = `${'{"a":'.repeat(1_000)}1${"}".repeat(1_000)}`;
  const wrong = JSON.stringify({
    components: [{ kind: "builder", name: "a", description: "", options: { options: { a: { type: "text" } } } }],
  });
  const cases: readonly (readonly [string, RegExp])[] = [
    ["echo hello", /does not tell its options: .*JSON/],
    ["echo '{}'", /does not tell its options: .*components/],
    [`echo '${deep}'`, /it is nested too deeply/],
    [`echo '${wrong}'`, /does not tell its options: /],
    ["echo no idea >&2; exit 3", /could not be asked for its options: .*exit code 3.*no idea/s],
    ["head -c 20000000 /dev/zero", /it printed more than/],
  ];
  for (const [script, message] of cases) await rejects(ask(plugin(script)), { message });
});

test.run();
