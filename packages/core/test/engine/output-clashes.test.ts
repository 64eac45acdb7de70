// Two builds of a run that would write to the same place.
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { tmp } from "../../../../test/support/src/index.ts";
import type { RunOptions } from "../../src/engine/run-options.ts";
import { validateProgram } from "../../src/engine/validate-program.ts";
import type { Config, Program } from "../../src/program/program.ts";
import { defineBuilder } from "../../src/sdk/index.ts";
import { artifact, artifactValue, build, components, dataValue, program, source } from "./programs.ts";
import { ofKind, runToEnd } from "./run.ts";

const workingDirectory = tmp("work");

/** A builder that makes a folder, and a file beside it when it is told to. */
const disk = defineBuilder({
  type: "disk",
  description: "Makes a disk.",
  options: () =>
    z.object({
      folder: z.string().optional().describe("Where it goes."),
      index: z.string().optional().describe("A list of what is in it."),
      size: z.number().max(10).default(1).describe("A number."),
    }),
  check: ({ config }) =>
    config.size === 7
      ? [{ severity: "error", code: "TPK3105", summary: "Invalid argument value", detail: "Seven is not a size.", path: ["size"] }]
      : [],
  outputs: ({ config, packer }) => [
    { kind: "directory", path: config.folder || `disk-${packer.packer_build_name}`, option: "folder" },
    ...(config.index === undefined ? [] : [{ kind: "file" as const, path: config.index, option: "index" }]),
  ],
  run: async ({ packer }) => artifact(packer.packer_build_name),
});

function disks(...configs: readonly Config[]): Program {
  return program([build(undefined, ...configs.map((config, index) => source(`d${index}`, { type: "disk", config })))], {
    datasources: [{ type: "fetch", name: "x", config: { text: "y" } }],
  });
}

const FOLDER = "Give each build a folder of its own.";

const cases: readonly (readonly [name: string, made: Program, expected: readonly string[], options?: RunOptions])[] = [
  ["names of their own are two folders", disks({}, {}), []],
  ["folders of their own", disks({ folder: "a" }, { folder: "b" }), []],
  [
    "one folder: the second is refused, and so is the third",
    disks({ folder: "out" }, { folder: "out" }, { folder: "out" }),
    [
      `folder of d1: The output directory out is that of another build of this run, disk.d0. ${FOLDER}`,
      `folder of d2: The output directory out is that of another build of this run, disk.d0. ${FOLDER}`,
    ],
  ],
  [
    "-force does not help",
    disks({ folder: "out" }, { folder: "out" }),
    [`folder of d1: The output directory out is that of another build of this run, disk.d0. ${FOLDER}`],
    { force: true },
  ],
  [
    "other spellings of one path, in the words of the second",
    disks({ folder: join(workingDirectory, "out") }, { folder: "./a/../out/" }),
    [`folder of d1: The output directory ./a/../out/ is that of another build of this run, disk.d0. ${FOLDER}`],
  ],
  [
    "a folder that a name makes",
    disks({ folder: "disk-d1" }, {}),
    [`folder of d1: The output directory disk-d1 is that of another build of this run, disk.d0. ${FOLDER}`],
  ],
  [
    "a source that two builds use",
    program([build("one", source("x", { type: "disk" })), build("two", source("x", { type: "disk" }))]),
    [`folder of x: The output directory disk-x is that of another build of this run, one.disk.x. ${FOLDER}`],
  ],
  [
    "a file, and a folder at the path of a file",
    disks({ folder: "a", index: "list" }, { folder: "b", index: "list" }, { folder: "list" }),
    [
      "index of d1: The output file list is that of another build of this run, disk.d0. Give each build an index of its own.",
      `folder of d2: The output directory list is that of another build of this run, disk.d0. ${FOLDER}`,
    ],
  ],
  ["both of one build", disks({ folder: "a", index: "a" }), []],
  ["a build that is left out", disks({ folder: "out" }, { folder: "out" }), [], { except: ["disk.d0"] }],
  ["a build that is not chosen", disks({ folder: "out" }, { folder: "out" }), [], { only: ["disk.d1"] }],
  [
    "a folder that is not known yet",
    disks({ folder: dataValue("fetch", "x", "body") }, { folder: dataValue("fetch", "x", "body") }, { folder: "out" }),
    [],
  ],
  [
    "a folder that data sources have told",
    disks({ folder: dataValue("fetch", "x", "body") }, { folder: dataValue("fetch", "x", "body") }),
    [`folder of d1: The output directory body of y is that of another build of this run, disk.d0. ${FOLDER}`],
    { evaluateDatasources: true },
  ],
  [
    "a build that waits for the other one",
    disks({ folder: "out" }, { folder: "out", index: artifactValue("disk.d0", "id") }),
    [`folder of d1: The output directory out is that of another build of this run, disk.d0. ${FOLDER}`],
  ],
  [
    "mistakes in other options are told besides",
    disks({ folder: "out", size: 7 }, { folder: "out", size: 7 }),
    [
      "size of d0: Seven is not a size.",
      "size of d1: Seven is not a size.",
      `folder of d1: The output directory out is that of another build of this run, disk.d0. ${FOLDER}`,
    ],
  ],
];

for (const [name, made, expected, options = {}] of cases) {
  test(`found before anything starts: ${name}`, async () => {
    const { catalog, log } = components({ factories: [disk] });
    const found = await validateProgram(made, { catalog, workingDirectory, ...options });
    const shown = found.map(({ path, where, detail, hint }) =>
      [`${path?.[0]} of ${/"([^"]*)"\)$/.exec(where ?? "")?.[1]}:`, detail, hint].filter((part) => part !== undefined).join(" "),
    );
    assert.equal(shown, expected);
    if (options.evaluateDatasources !== true) assert.equal(log, []);
  });
}

test("a run goes on with the build that was first, and the other one is not begun", async () => {
  const { catalog } = components({ factories: [disk] });
  const { result, events } = await runToEnd(disks({ folder: "out" }, { folder: "out" }), { catalog, workingDirectory });
  assert.equal(
    result.builds.map(({ name, outcome }) => [name, outcome]),
    [
      ["disk.d0", "succeeded"],
      ["disk.d1", "failed"],
    ],
  );
  assert.equal(
    ofKind(events, "build-started").map((event) => event.build),
    ["disk.d0"],
  );
  assert.equal(
    result.diagnostics.map(({ code, severity }) => `${severity} ${code}`),
    ["error TPK6007"],
  );
});

test.run();
