// A plugin in TypeScript under a host made with HashiCorp's SDK, which drives it as Packer 1.7 and later do. The plugin made with the
// same SDK stands beside it: what a host sees of the two is the same.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildGoHost, buildGoPlugin, lab, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { twinPlugin } from "../../sdk/plugin/bundle.ts";

const goTest = lab(test, "go", "linux");
const plugins = { twin: twinPlugin, "Go's": async () => buildGoPlugin() } as const;
const forms = ["protobuf", "gob", "plain"] as const;

interface Driven {
  readonly code: unknown;
  readonly lines: readonly string[];
  /** What the plugin logged. */
  readonly log: string;
  readonly machine: string;
}

interface Drive {
  readonly plugin: string;
  readonly kind: "builder" | "provisioner" | "post-processor" | "datasource";
  readonly form?: (typeof forms)[number];
  readonly config?: object;
  readonly environment?: { readonly [name: string]: string };
}

const components = { builder: "machine", provisioner: "act", "post-processor": "pack", datasource: "fetch" } as const;

async function drive({ plugin, kind, form = "protobuf", config = {}, environment }: Drive): Promise<Driven> {
  const machine = tmp("machine");
  const options = JSON.stringify({ required: "yes", ...config }).replaceAll("MACHINE", machine);
  const child = spawn(buildGoHost(), [kind, components[kind], form, plugin, options], {
    env: { ...process.env, MACHINE: machine, TMPDIR: tmp("t"), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, log] = [child.stdout.setEncoding("utf8").toArray(), child.stderr.setEncoding("utf8").toArray()];
  const [code]: unknown[] = await within(60_000, () => once(child, "close"));
  return { code, lines: (await output).join("").trimEnd().split("\n"), log: (await log).join(""), machine };
}

const everything = {
  text: "<&> é",
  count: 7,
  ratio: 0.1,
  enabled: true,
  items: ["a", "b"],
  tags: { x: "1", y: "2" },
  pause: "1m30s",
  disk: [{ size: 3, name: "one" }, { name: "two" }],
};
const described = "text=<&> é count=7 ratio=0.1 enabled=true items=a+b tags=x=1+y=2 pause=1m30s disks=one:3+two:0";

function has(driven: Driven, ...expected: readonly (string | RegExp)[]): void {
  for (const line of expected) {
    const isThere = driven.lines.some((one) => (typeof line === "string" ? one === line : line.test(one)));
    assert.ok(isThere, `missing: ${line}\n${driven.lines.join("\n")}\n${driven.log.slice(-2_000)}`);
  }
}

for (const [name, find] of Object.entries(plugins)) {
  for (const form of forms) {
    goTest(`${name} plugin: every kind of component, with all kinds of options, in ${form} form`, async () => {
      const plugin = await find();
      const made = join(tmp("made"), "file");
      writeFileSync(made, "x");
      const built = await drive({ plugin, kind: "builder", form, config: { ...everything, source: made, target: "MACHINE" } });
      has(built, /^describe 1\.0\.0 x5\.0 v2$/, "generates Greeting", `say ${described}`, "machine probe a,b|c");
      has(built, /^(say|message) name=one type=host debug=false force=true on_error=cleanup/);
      has(built, "hook packer_provision Greeting=hello <&> é(string) ID=i-1(string) Port=22(int64)", "say said by the hook");
      has(
        built,
        `artifact tspack.${name === "twin" ? "twin" : "go-probe"} i-1 probe i-1 ${made}`,
        /^state Greeting=hello <&> é\(string\) ID=i-1/,
      );
      has(built, "destroyed");
      // What a builder has said is seen before what its provisioners say.
      const order = ["machine probe a,b|c", "say said by the hook"].map((line) => built.lines.indexOf(line));
      assert.equal(
        order,
        order.toSorted((a, b) => a - b),
      );
      assert.is(built.code, 0);
      assert.not.ok(existsSync(made));

      const provisioned = await drive({ plugin, kind: "provisioner", form, config: everything });
      has(provisioned, `say ${described}`, "say data Greeting ID Nothing PackerRunUUID Port", "say values i-1 hello", "provisioned");

      const processed = await drive({ plugin, kind: "post-processor", form, config: { text: "second", enabled: true } });
      has(
        processed,
        "say input host.input in an input a+b",
        "say greeting hello",
        "keep true false",
        /^artifact tspack\.\S+ second probe second $/,
      );

      const answered = await drive({ plugin, kind: "datasource", form, config: everything });
      has(answered, "answers with object 7");
      const value = answered.lines.find((line) => line.startsWith("value ")) ?? "";
      assert.equal(JSON.parse(value.slice("value ".length)), {
        text: "<&> é",
        count: 7,
        ratio: 0.1,
        enabled: true,
        items: ["a", "b"],
        tags: { a: "b" },
        nothing: null,
      });
    });
  }

  // Between Go and Go it is the host that is tested.
  const size = name === "twin" ? 100_000_000 : 1_000_000;
  goTest(`${name} plugin: ${size / 1e6} megabytes each way through the communicator of its builder, and of the host`, async () => {
    const plugin = await find();
    const target = tmp("target");
    const built = await drive({ plugin, kind: "builder", config: { target }, environment: { HOOK: "transfer", SIZE: String(size) } });
    has(built, `transferred ${size}`, "prompt true", /^missing: /);
    assert.is(built.code, 0);
    assert.is(statSync(join(target, "folder", "content")).size, size);
    const source = tmp("source");
    const provisioned = await drive({ plugin, kind: "provisioner", config: { behave: "transfer", count: size, source } });
    has(provisioned, `say transferred ${size}`, `upload content ${size} ${size} -rw-r-----`, "provisioned");
    has(provisioned, new RegExp(`^progress \\S*content ${size} of ${size}$`));
    assert.is(statSync(join(provisioned.machine, "content")).size, size);
  });

  goTest(`${name} plugin: failures, refusals and warnings of each kind come in their own words`, async () => {
    const plugin = await find();
    const cases: readonly (readonly [Drive["kind"], object, RegExp])[] = [
      ["builder", { behave: "fail" }, /^error: run: the machine did not start/],
      ["builder", { behave: "refuse", text: "bad" }, /^error: prepare: .*`text` is not acceptable: "bad"/],
      ["builder", { behave: "indestructible", target: "MACHINE" }, /^error: destroy: it cannot be removed \(i-1\)$/],
      ["provisioner", { behave: "fail" }, /^error: provision: provisioning did not work/],
      ["provisioner", { behave: "refuse", text: "bad" }, /^error: prepare: .*`text` is not acceptable: "bad"/],
      ["post-processor", { behave: "fail" }, /^error: post-process: processing did not work/],
      ["post-processor", { behave: "refuse", text: "bad" }, /^error: configure: .*`text` is not acceptable: "bad"/],
      ["datasource", { behave: "fail" }, /^error: execute: .*nothing could be fetched/],
      ["datasource", { behave: "refuse", text: "bad" }, /^error: configure: .*`text` is not acceptable: "bad"/],
    ];
    for (const [kind, config, expected] of cases) {
      // Go's client reads no failure to destroy that Go's server sends (plugin-protocol section 5.3).
      if (name !== "twin" && "behave" in config && config.behave === "indestructible") continue;
      const failed = await drive({ plugin, kind, config });
      has(failed, expected);
      assert.is(failed.code, 1);
    }
    has(
      await drive({ plugin, kind: "builder", config: { behave: "warn", target: "MACHINE" } }),
      /^warning .*`text` is old-fashioned/,
      "destroyed",
    );
    has(await drive({ plugin, kind: "builder", config: { behave: "nothing" } }), "no artifact");
    has(
      await drive({ plugin, kind: "builder", config: { target: "MACHINE" }, environment: { HOOK: "fail" } }),
      /^error: run: the hook did not work/,
      /^hook packer_cleanup_provision/,
    );
    has(
      await drive({ plugin, kind: "builder", config: { behave: "ask", target: "MACHINE" }, environment: { ANSWER: "yes" } }),
      "ask go on?",
      "say answered yes",
    );
    has(await drive({ plugin, kind: "builder", config: { behave: "ask", target: "MACHINE" } }), /^error: run: .*nobody answers/);
    has(await drive({ plugin, kind: "post-processor", config: { behave: "nothing" } }), "keep false false", "no artifact");
    has(
      await drive({ plugin, kind: "post-processor", config: { behave: "insist", text: "t" } }),
      "keep true true",
      /^artifact \S+ t probe t/,
    );
    // Its input is reached through it.
    has(
      await drive({ plugin, kind: "post-processor", config: { behave: "same" } }),
      "keep true false",
      "artifact host.input in an input a+b",
    );
  });

  goTest(`${name} plugin: is cancelled while it builds, provisions, processes and waits for the hook`, async () => {
    const plugin = await find();
    const hangs: readonly (readonly [Drive["kind"], RegExp])[] = [
      ["builder", /^error: run: context canceled$/],
      ["provisioner", /^error: provision: context canceled$/],
      ["post-processor", /^error: post-process: context canceled$/],
    ];
    for (const [kind, expected] of hangs) {
      has(await drive({ plugin, kind, config: { behave: "hang" }, environment: { CANCEL_AT: "hanging" } }), "say hanging", expected);
    }
    const environment = { CANCEL_AT: "said by the hook", HOOK: "hang" };
    const inHook = await drive({ plugin, kind: "builder", config: { target: "MACHINE" }, environment });
    has(inHook, "the hook hangs", "the hook was cancelled", "error: run: context canceled");
  });
}

test.run();
