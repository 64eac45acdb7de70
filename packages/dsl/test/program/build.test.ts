import { runInNewContext } from "node:vm";
import { deferredOf, dependencyName, LoadError } from "@tspack/core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { build, data, declarationOf, matrix, postProcess, provision, registry, source, t } from "../../src/index.ts";
import { loadContext, loading, told } from "./loading.ts";

const debian = source("qemu", "debian", { disk_image: true, cpus: 2 });

/** A declaration without places in files, as plain data. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, item) => (key === "origin" ? undefined : item)));
}

/** The declaration of a build. */
function declared(value: unknown): NonNullable<ReturnType<typeof declarationOf>> {
  const declaration = declarationOf(value);
  if (declaration === undefined) throw new Error("not a build");
  return declaration;
}

/** What is told when this is evaluated in a load. */
function complaints(body: () => unknown): readonly string[] {
  const context = loadContext();
  loading(context, body);
  return told(context.diagnostics);
}

test("a source carries its type, name and options", () => {
  assert.is(debian.kind, "source");
  assert.is(debian.type, "qemu");
  assert.is(debian.name, "debian");
  assert.equal(plain(declared(build({ sources: [debian] })).sources[0]), {
    type: "qemu",
    name: "debian",
    config: { disk_image: true, cpus: 2 },
    provisioners: [],
    postProcessors: [],
  });
});

test("with() makes a source of its own name, by which components know it", () => {
  const large = debian.with("large", {});
  const [source] = declarationOf(build({ sources: [large] }))?.sources ?? [];
  assert.equal([source?.name, source?.sourceName], ["large", undefined]);
});

test("with() changes, adds and removes options and leaves the original alone", () => {
  const large = debian.with("large", { disk_size: "40G", cpus: undefined });
  const [first, second] = declared(build({ sources: [debian, large] })).sources;
  assert.equal(first?.config, { disk_image: true, cpus: 2 });
  assert.equal(second?.config, { disk_image: true, disk_size: "40G" });
  assert.is(second?.name, "large");
});

test("later changes to the user's objects are not seen", () => {
  const options = { args: ["a"] };
  const made = source("qemu", "x", options);
  options.args.push("b");
  assert.equal(declared(build({ sources: [made] })).sources[0]?.config, { args: ["a"] });
});

test("objects of another realm are data too", () => {
  const options = runInNewContext('({ list: ["a"], nested: { b: [{ c: 1 }] } })');
  assert.equal(
    complaints(() => {
      const made = declared(build({ sources: [source("qemu", "x", options)] }));
      assert.equal(plain(made.sources[0]?.config), { list: ["a"], nested: { b: [{ c: 1 }] } });
    }),
    [],
  );
});

test("common arguments are kept apart from the component's options", () => {
  const step = provision("shell", {
    inline: ["true"],
    name: "first",
    pause_before: "10s",
    timeout: "5m",
    max_retries: 2,
    continue_on_error: true,
    only: [debian, "qemu.other"],
    override: { debian: { inline: [] } },
  });
  const after = postProcess("manifest", {
    output: "m.json",
    override: "mine",
    name: "list",
    except: [debian],
    keep_input_artifact: true,
  });
  const made = declared(build({ sources: [debian], provisioners: [step], postProcessors: [after] }));
  assert.equal(plain(made.sources[0]?.provisioners), [
    {
      type: "shell",
      config: { inline: ["true"] },
      name: "first",
      pause_before: "10s",
      timeout: "5m",
      max_retries: 2,
      continue_on_error: true,
      only: ["qemu.debian", "qemu.other"],
      override: { debian: { inline: [] } },
    },
  ]);
  assert.equal(plain(made.sources[0]?.postProcessors), [
    [
      {
        type: "manifest",
        config: { output: "m.json", override: "mine" },
        name: "list",
        keep_input_artifact: true,
        except: ["qemu.debian"],
      },
    ],
  ]);
});

test("empty entries are skipped, and an inner list is a chain", () => {
  const made = declared(
    build({
      name: "base",
      description: "the base",
      registry: registry({ bucket_name: "images" }),
      sources: [debian],
      provisioners: [false, provision("shell", {}), null, undefined],
      errorCleanup: provision("shell-local", {}),
      postProcessors: [postProcess("manifest", {}), false, [postProcess("compress", {}), null, postProcess("checksum", {})], [undefined]],
    }),
  );
  assert.is(made.name, "base");
  assert.is(made.description, "the base");
  assert.equal(made.registry, { bucket_name: "images" });
  assert.equal(
    made.sources[0]?.provisioners.map(({ type }) => type),
    ["shell"],
  );
  assert.is(made.sources[0]?.errorCleanup?.type, "shell-local");
  assert.equal(
    made.sources[0]?.postProcessors.map((chain) => chain.map(({ type }) => type)),
    [["manifest"], ["compress", "checksum"]],
  );
});

test("functions are called once per source, at once", () => {
  const web = source("null", "web", {});
  const calls: string[] = [];
  const made = declared(
    build({
      sources: [debian, web],
      provisioners: ({ source, build }) => {
        calls.push(source.name);
        return [
          provision("shell", { inline: [t`${source.name} at ${build.Host} ${build.get("SourceAMI")}`] }),
          source.name === "web" && provision("file", {}),
        ];
      },
      errorCleanup: ({ source }) => provision("shell-local", { inline: [source.type] }),
      postProcessors: ({ source }) => (source.type === "null" ? [] : [postProcess("manifest", {})]),
    }),
  );
  assert.equal(calls, ["debian", "web"]);
  const [first, second] = made.sources;
  assert.equal(
    [first, second].map((each) => each?.provisioners.map(({ type }) => type)),
    [["shell"], ["shell", "file"]],
  );
  assert.equal(second?.errorCleanup?.config, { inline: ["null"] });
  assert.equal([first?.postProcessors.length, second?.postProcessors.length], [1, 0]);
  const [inline] = (first?.provisioners[0]?.config.inline ?? []) as readonly unknown[];
  const deferred = deferredOf(inline);
  assert.equal(deferred?.waitsFor.map(dependencyName), ["build.Host", "build.SourceAMI"]);
  const scope = { value: (dependency: Parameters<typeof dependencyName>[0]) => `<${dependencyName(dependency)}>` };
  assert.is(deferred?.evaluate(scope), "debian at <build.Host> <build.SourceAMI>");
});

test("wrong entries are told by place, once, and skipped", () => {
  const wrong = {
    sources: [debian, debian.with("large", {}), "qemu.x"],
    provisioners: [provision("shell", {}), debian],
    postProcessors: [provision("shell", {}), [postProcess("a", {}), 5]],
    errorCleanup: postProcess("a", {}),
    provisoners: [],
    name: 5,
  };
  assert.equal(
    complaints(() => {
      const made = declared(build(wrong as never));
      assert.is(made.sources.length, 2);
      assert.is(made.sources[0]?.provisioners.length, 1);
    }),
    [
      'TPK1006 build() has no option provisoners. Did you mean "provisioners"?',
      "TPK1006 name is a number, not text.",
      "TPK1006 sources[2] is text, not a source.",
      "TPK1006 provisioners[1] is a source, not a provisioner.",
      "TPK1006 errorCleanup is a post-processor, not a provisioner.",
      "TPK1006 postProcessors[0] is a provisioner, not a post-processor.",
      "TPK1006 postProcessors[1][1] is a number, not a post-processor.",
    ],
  );
});

test("a build without sources is told", () => {
  assert.equal(
    complaints(() => build({ sources: [] })),
    ["TPK1006 sources is empty, so there is nothing to build."],
  );
  assert.equal(
    complaints(() => build({} as never)),
    ["TPK1006 sources is undefined, not a list of sources."],
  );
});

test("what is no data in a configuration is told by place, with a hint", () => {
  const base = build({ sources: [debian] });
  const circle: { self?: unknown } = {};
  circle.self = circle;
  assert.equal(
    complaints(() => {
      source("qemu", "x", { iso_url: base.artifact(debian) });
      source("qemu", "x", { iso_url: base });
      source("qemu", "x", { args: [1, { at: new Date(0) }], on: () => 1, none: undefined });
      source("qemu", "x", { deep: circle });
      provision("shell", { inline: [debian] });
      provision("shell", { only: debian } as never);
    }),
    [
      "TPK1006 iso_url is an artifact, not a value of an option. Use a part of it: artifact.file(/pattern/) or artifact.id.",
      "TPK1006 iso_url is a build, not a value of an option. Use a part of an artifact of it: build.artifact(source).file(/pattern/).",
      "TPK1006 args[1].at is a Date, not a value of an option. Write it as text: date.toISOString().",
      "TPK1006 on is a function, not a value of an option.",
      "TPK1006 deep.self contains itself.",
      "TPK1006 inline[0] is a source, not a value of an option.",
      "TPK1006 only is a source, not a list of sources. Write only: [...].",
    ],
  );
});

test("calls that make no sense throw, in a load and outside", () => {
  assert.throws(() => source("", "x", {}), /The type given to source\(\) is empty; it must be text/);
  assert.throws(() => source("qemu", 5 as unknown as string, {}), /The name given to source\(\) is a number; it must be text/);
  assert.throws(
    () => provision("shell", undefined as never),
    /The options given to provision\("shell"\) are undefined; they must be an object/,
  );
  assert.throws(() => data("http", "x", [] as never), /are a list; they must be an object/);
  assert.throws(
    () => build({ sources: [5 as never] }),
    (error: unknown) => error instanceof LoadError && error.code === "TPK1006",
  );
});

test("matrix combines all values, the last axis fastest", () => {
  const rows = matrix({ release: ["a", "b"], cpus: [1, 2] }, ({ release, cpus }) => `${release}${cpus}`);
  assert.equal(rows, ["a1", "a2", "b1", "b2"]);
  assert.equal(
    matrix({ none: [] }, () => 1),
    [],
  );
});

test.run();
