import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { within } from "../../../../test/support/src/index.ts";
import { BuildError } from "../../src/index.ts";
import { build, buildValue, components, program, provision, source } from "./programs.ts";
import { ofKind, runToEnd } from "./run.ts";

/** One source whose provisioners do what `act` says with their `text`. */
function withProvisioners(...provisioners: Parameters<typeof provision>[]) {
  return program([build(undefined, source("one", { provisioners: provisioners.map((one) => provision(...one)) }))]);
}

test("provisioners run one after another, and the first error stops them", async () => {
  const { catalog, log } = components({
    provision: ({ config }) => {
      if (config.text === "b") throw new BuildError("no");
    },
  });
  const { result, events } = await runToEnd(withProvisioners(["act", { text: "a" }], ["act", { text: "b" }], ["act", { text: "c" }]), {
    catalog,
  });
  assert.equal(
    log.filter((line) => line.startsWith("act")),
    ["act one a", "act one b"],
  );
  assert.equal(result.builds[0]?.errors, ["no"]);
  assert.equal(
    ofKind(events, "step-finished").map(({ step, outcome }) => `${step} ${outcome}`),
    ["act succeeded", "act #2 failed", "machine failed"],
  );
});

test("components are told the name of the source, not the one it has in a build alone", async () => {
  const { catalog, log } = components();
  const provisioners = [provision("act")];
  const renamed = source("large", { sourceName: "debian", provisioners });
  const { result } = await runToEnd(program([build("web", source("debian", { provisioners }), renamed)]), { catalog, parallelBuilds: 1 });
  assert.equal(
    result.builds.map(({ name }) => name),
    ["web.machine.debian", "web.machine.large"],
  );
  assert.equal(
    log.filter((line) => line.startsWith("act")),
    ["act debian", "act debian"],
  );
});

test("max_retries gives that many extra attempts, and the first attempt's error is reported", async () => {
  let attempt = 0;
  const { catalog, log } = components({
    provision: () => {
      throw new BuildError(`attempt ${++attempt}`);
    },
  });
  const { result, lines, events } = await runToEnd(withProvisioners(["act", {}, { max_retries: "2" }]), { catalog });
  assert.is(log.filter((line) => line.startsWith("act")).length, 3);
  assert.equal(result.builds[0]?.errors, ["attempt 1"]);
  assert.ok(lines.includes('==> machine.one: Provisioner failed with "attempt 1", retrying with 2 tries left'));
  assert.equal(
    ofKind(events, "step-started").map(({ step, attempt: number }) => [step, number]),
    [
      ["machine", undefined],
      ["act", undefined],
      ["act", 2],
      ["act", 3],
    ],
  );
});

test("a later attempt that succeeds is a success", async () => {
  let attempt = 0;
  const { catalog } = components({
    provision: () => {
      if (++attempt < 3) throw new BuildError("not yet");
    },
  });
  assert.is((await runToEnd(withProvisioners(["act", {}, { max_retries: 5 }]), { catalog })).result.exitCode, 0);
  assert.is(attempt, 3);
});

test("continue_on_error makes a failure a warning after all retries", async () => {
  const { catalog, log } = components({
    provision: ({ config }) => {
      if (config.text === "bad") throw new BuildError("broken");
    },
  });
  const { result, lines } = await runToEnd(
    withProvisioners(["act", { text: "bad" }, { continue_on_error: true, max_retries: 1 }], ["act", { text: "next" }]),
    { catalog },
  );
  assert.is(result.exitCode, 0);
  assert.equal(
    log.filter((line) => line.startsWith("act")),
    ["act one bad", "act one bad", "act one next"],
  );
  assert.ok(lines.some((line) => line.includes("Warning: the provisioner failed") && line.endsWith("broken")));
});

test("a provisioner that takes longer than its timeout is stopped, and fails", async () => {
  const { catalog } = components({ provision: ({ signal }) => sleep(60_000, undefined, { signal }) });
  const { result, lines } = await within(20_000, () => runToEnd(withProvisioners(["act", {}, { timeout: "20ms" }]), { catalog }));
  assert.equal(result.builds[0]?.errors, ["the provisioner took longer than its timeout of 20ms"]);
  assert.ok(lines.includes("==> machine.one: Setting a 20ms timeout for the next provisioner..."));
});

test("pause_before waits before every attempt, and a timeout beside it counts from its end", async () => {
  const starts: number[] = [];
  const { catalog } = components({
    provision: async ({ signal }) => {
      starts.push(performance.now());
      if (starts.length === 1) throw new BuildError("once more");
      await sleep(60_000, undefined, { signal });
    },
  });
  const begin = performance.now();
  const { result, lines } = await within(20_000, () =>
    runToEnd(withProvisioners(["act", {}, { pause_before: "60ms", timeout: "30ms", max_retries: 1 }]), { catalog }),
  );
  assert.ok((starts[0] ?? 0) - begin >= 55);
  assert.ok((starts[1] ?? 0) - (starts[0] ?? 0) >= 55);
  assert.is(result.exitCode, 1);
  assert.is(lines.filter((line) => line.includes("Pausing 60ms before the next provisioner...")).length, 2);
});

test("common arguments that cannot be read are diagnostics before anything starts", async () => {
  const { catalog, log } = components();
  const { result } = await runToEnd(
    withProvisioners(["act", {}, { timeout: "soon" }], ["act", {}, { max_retries: -1 }], ["act", {}, { continue_on_error: "perhaps" }]),
    { catalog },
  );
  assert.equal(
    result.diagnostics.map(({ code, path }) => `${code} ${path}`),
    ["TPK3105 timeout", "TPK3105 max_retries", "TPK3103 continue_on_error"],
  );
  assert.equal(log, []);
});

test("only and except choose by exact type.name, and override is applied last", async () => {
  const { catalog, log } = components();
  const provisioners = [
    provision("act", { text: "only" }, { only: ["machine.a"] }),
    provision("act", { text: "except" }, { except: ["machine.a"] }),
    provision("act", { text: "plain" }, { override: { b: { text: "overridden" } } }),
    provision("act", { text: "glob" }, { only: ["machine.*"] }),
  ];
  const { result } = await runToEnd(program([build("web", source("a", { provisioners }), source("b", { provisioners }))]), {
    catalog,
    parallelBuilds: 1,
  });
  assert.equal(
    log.filter((line) => line.startsWith("act")),
    ["act a only", "act a plain", "act b except", "act b overridden"],
  );
  // A name that no source has is worth a word: one, however many builds share the list.
  assert.equal(
    result.diagnostics.map(({ severity, code }) => `${severity} ${code}`),
    ["warning TPK3109"],
  );
});

test("only and except together are refused", async () => {
  const { catalog } = components();
  const { result } = await runToEnd(withProvisioners(["act", {}, { only: ["machine.one"], except: ["machine.two"] }]), { catalog });
  assert.is(result.diagnostics[0]?.code, "TPK3106");
});

test("the error-cleanup provisioner runs after a failure and not after a success", async () => {
  for (const fails of [true, false]) {
    const { catalog, log } = components({
      provision: ({ config }) => {
        if (fails && config.text === "work") throw new BuildError("no");
      },
    });
    const one = source("one", { provisioners: [provision("act", { text: "work" })], errorCleanup: provision("act", { text: "cleanup" }) });
    await runToEnd(program([build(undefined, one)]), { catalog });
    assert.is(log.includes("act one cleanup"), fails);
  }
});

test("build values are known to provisioners when they run, with Packer's texts for what a builder lacks", async () => {
  const seen: string[] = [];
  const { catalog } = components({ data: { Host: "192.0.2.7", Custom: "c" }, provision: ({ config }) => void seen.push(config.text) });
  const { result } = await runToEnd(
    withProvisioners(
      ["act", { text: buildValue("Host") }],
      ["act", { text: buildValue("Custom") }],
      ["act", { text: buildValue("ID") }],
      ["act", { text: buildValue("PackerRunUUID") }],
    ),
    { catalog },
  );
  assert.equal(seen, ["192.0.2.7", "c", "ERR_ID_NOT_IMPLEMENTED_BY_BUILDER", result.id]);
});

test("a build value that no one announces is a diagnostic with a suggestion", async () => {
  const { catalog } = components();
  const { result } = await runToEnd(withProvisioners(["act", { text: buildValue("Hosts") }]), { catalog });
  assert.equal(
    result.diagnostics.map(({ code, hint }) => [code, hint]),
    [["TPK3203", 'Did you mean "Host"?']],
  );
});

test("a source cannot use the values of the machine it makes", async () => {
  const { catalog } = components();
  const { result } = await runToEnd(program([build(undefined, source("one", { config: { text: buildValue("Host") } }))]), { catalog });
  assert.equal(
    result.diagnostics.map(({ code }) => code),
    ["TPK3203"],
  );
});

test("with -debug every provisioner asks first, and builds run one by one", async () => {
  const asked: string[] = [];
  const { catalog, log } = components();
  const provisioners = [provision("act")];
  const { result } = await runToEnd(program([build(undefined, source("a", { provisioners }), source("b", { provisioners }))]), {
    catalog,
    debug: true,
    answer: async ({ build: name, text }) => {
      asked.push(`${name}: ${text}`);
      return "";
    },
  });
  assert.is(result.exitCode, 0);
  assert.equal(asked, [
    'machine.a: Pausing before the provisioner "act". Press enter to continue.',
    'machine.b: Pausing before the provisioner "act". Press enter to continue.',
  ]);
  assert.equal(
    log.filter((line) => !line.startsWith("act")),
    ["machine a", "machine a cleaned up", "machine b", "machine b cleaned up"],
  );
});

test.run();
