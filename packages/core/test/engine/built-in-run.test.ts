// The engine with the built-in components: what users run.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { lab, tmp, within } from "../../../../test/support/src/index.ts";
import type { OnError } from "../../src/sdk/index.ts";
import { artifactValue, build, buildValue, dataValue, postProcess, program, provision, source } from "./programs.ts";
import { runToEnd } from "./run.ts";

function machine(provisioners: Parameters<typeof provision>[], changes: Partial<Parameters<typeof source>[1]> = {}) {
  return source("one", {
    type: "null",
    config: { communicator: "none" },
    provisioners: provisioners.map((one) => provision(...one)),
    ...changes,
  });
}

const environment = { PATH: process.env.PATH };

test("values of the build reach a local script, as text and as environment", async () => {
  const { result, lines } = await runToEnd(
    program([
      build(
        "web",
        machine([
          [
            "shell-local",
            {
              inline: ["echo $PACKER_BUILD_NAME $PACKER_BUILDER_TYPE", buildValue("ID")],
              execute_command: ["/bin/sh", "-c", "cat {{.Script}} | tail -n 2"],
            },
          ],
        ]),
      ),
    ]),
    { environment },
  );
  assert.is(result.exitCode, 0, result.builds[0]?.errors.join());
  assert.ok(lines.includes("==> web.null.one: Null"));
});

test("a file travels from a data source through a build to its child", async () => {
  const folder = tmp("chain");
  const child = source("copy", {
    type: "file",
    config: { source: artifactValue("base.file.first", "files", 0), target: join(folder, "copy.txt") },
  });
  const first = source("first", {
    type: "file",
    config: { content: dataValue("null", "greeting", "output"), target: join(folder, "first.txt") },
  });
  const { result } = await runToEnd(
    program([build("web", child), build("base", first)], { datasources: [{ type: "null", name: "greeting", config: { input: "hello" } }] }),
  );
  assert.is(result.exitCode, 0, JSON.stringify(result.builds));
  assert.is(readFileSync(join(folder, "copy.txt"), "utf8"), "hello");
});

test("artifacts are listed as Packer lists them: the builder's, then what each chain made", async () => {
  const folder = tmp("artifacts");
  const target = join(folder, "out.txt");
  const chains = [
    [postProcess("manifest", { output: join(folder, "manifest.json") })],
    [postProcess("checksum", { checksum_types: ["md5"], output: join(folder, "sum") })],
  ];
  const { result } = await runToEnd(
    program([build(undefined, source("one", { type: "file", config: { content: "hello", target }, postProcessors: chains }))]),
  );
  assert.equal(
    result.builds[0]?.artifacts.map(({ builderId, files }) => [builderId, files]),
    [
      ["packer.file", [target]],
      ["packer.file", [target]],
      ["packer.post-processor.checksum", [target, join(folder, "sum")]],
    ],
  );
});

test("a script that does not exist is found before any build starts", async () => {
  const folder = tmp("missing");
  const { result } = await runToEnd(
    program([
      build(
        "a",
        source("one", {
          type: "file",
          config: { content: "x", target: join(folder, "x") },
          provisioners: [provision("shell-local", { script: join(folder, "nothing.sh") })],
        }),
      ),
    ]),
  );
  assert.is(result.exitCode, 1);
  assert.is(result.diagnostics[0]?.code, "TPK3107");
  assert.not.ok(existsSync(join(folder, "x")));
});

test("the error-cleanup provisioner and -on-error: what runs after a failure", async () => {
  const expected: { readonly [mode in OnError]: boolean } = { cleanup: true, abort: false, "run-cleanup-provisioner": true, ask: true };
  for (const onError of Object.keys(expected) as OnError[]) {
    const one = machine([["shell-local", { inline: ["exit 3"] }]], { errorCleanup: provision("shell-local", { inline: ["echo tidied"] }) });
    const { result, lines } = await runToEnd(program([build(undefined, one)]), { environment, onError, answer: async () => "c" });
    assert.is(result.exitCode, 1);
    assert.is(lines.includes("==> null.one: tidied"), expected[onError], onError);
    assert.is(lines.includes("==> null.one: The build has failed: running the error-cleanup provisioner..."), expected[onError], onError);
  }
  const without = await runToEnd(program([build(undefined, machine([["shell-local", { inline: ["exit 3"] }]]))]), { environment });
  assert.not.ok(
    without.lines.some((line) => line.includes("error-cleanup")),
    "one that is not there is not announced",
  );
});

test("with -on-error=ask a step can be tried again", async () => {
  const folder = tmp("retry");
  const answers = ["r", "c"];
  const one = machine([["shell-local", { inline: [`test -e ${folder}/second || { touch ${folder}/second; exit 1; }`, "echo fine"] }]]);
  const { result, lines } = await runToEnd(program([build(undefined, one)]), {
    environment,
    onError: "ask",
    answer: async () => answers.shift() ?? "",
  });
  assert.is(result.exitCode, 0, result.builds[0]?.errors.join());
  assert.ok(lines.includes("==> null.one: fine"));
});

lab(test, "linux")("a sleeping local script is gone after a cancellation, with everything it started", async () => {
  const abort = new AbortController();
  const parent = tmp("temporary");
  let pid = 0;
  const { result } = await within(30_000, () =>
    runToEnd(program([build(undefined, machine([["shell-local", { inline: ["echo pid $$", "sleep 300 & sleep 300"] }]]))]), {
      environment: { ...environment, TMPDIR: parent },
      signal: abort.signal,
      onEvent: (event) => {
        if (event.kind !== "output") return;
        pid = Number(event.text.replace("pid ", ""));
        abort.abort("interrupt");
      },
    }),
  );
  assert.is(result.outcome, "cancelled");
  assert.ok(pid > 1);
  const left = readdirSync("/proc").filter((name) => {
    try {
      return readFileSync(`/proc/${name}/environ`, "utf8").includes(parent);
    } catch {
      return false;
    }
  });
  assert.equal(left, []);
  assert.equal(readdirSync(parent), []);
});

test("a secret does not show in anything that a run leaves or tells", async () => {
  const secret = "s3cr3t'value, with\nsecond-line";
  const runsDirectory = tmp("secrets");
  const seen: string[] = [];
  const one = machine([
    [
      "shell-local",
      { inline: ["printenv TOKEN", "printenv TOKEN | base64 -w 0", "echo; echo oh $TOKEN >&2; exit 1"], env: { TOKEN: secret } },
    ],
  ]);
  const { result } = await runToEnd(program([build(undefined, one)], { secrets: [secret] }), {
    environment,
    runsDirectory,
    onEvent: (event) => seen.push(JSON.stringify(event)),
  });
  const folder = join(runsDirectory, result.id);
  const files = ["ledger.json", "events.ndjson", "logs/null.one.log"].map((name) => readFileSync(join(folder, name), "utf8"));
  const everything = [JSON.stringify(result), ...seen, ...files].join("\n");
  assert.match(everything, /<sensitive>/);
  for (const part of ["s3cr3t", "second-line", Buffer.from(secret).toString("base64").slice(0, 20)])
    assert.not.ok(everything.includes(part), part);
});

test.run();
