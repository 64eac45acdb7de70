import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ConfigSpec, SpecType } from "@tspack/core";
import { defineProvisioner } from "@tspack/core/sdk";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { printModule } from "../../src/typegen/print-module.ts";

const text: SpecType = { kind: "string" };
const number: SpecType = { kind: "number" };

/** A specification as a Go plugin states it: names and types. */
function spec(types: { readonly [option: string]: SpecType }): ConfigSpec {
  return { options: Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type, required: false }])) };
}

test("a plugin's specification is printed as the types page says", () => {
  const printed = printModule(
    [
      {
        kind: "builder",
        type: "amazon-ebs",
        link: "https://example.org/amazon-ebs",
        spec: spec({
          region: text,
          cpus: number,
          encrypt: { kind: "bool" },
          ami_users: { kind: "list", element: text },
          ports: { kind: "set", element: number },
          run_tags: { kind: "map", element: text },
          matrix: { kind: "list", element: { kind: "list", element: number } },
          groups: { kind: "map", element: { kind: "list", element: text } },
          anything: { kind: "any" },
          source_ami_filter: { kind: "block", spec: spec({ owners: { kind: "list", element: text } }) },
          launch_block_device_mappings: { kind: "block-list", spec: spec({ volume_size: number, tag: { kind: "block", spec: spec({}) } }) },
          metadata: { kind: "object", attributes: { "http-tokens": text } },
          packer_build_name: text,
        }),
      },
    ],
    "Printed.",
  );
  assert.is(
    printed,
    `// Printed.
import type { Dict, Input, List } from "tspack";

/**
 * Options of the builder amazon-ebs.
 * @see https://example.org/amazon-ebs
 */
export interface AmazonEbsConfig {
  region?: Input<string> | undefined;
  cpus?: Input<number> | undefined;
  encrypt?: Input<boolean> | undefined;
  ami_users?: List<string> | undefined;
  ports?: List<number> | undefined;
  run_tags?: Dict<string> | undefined;
  matrix?: List<readonly Input<number>[]> | undefined;
  groups?: Dict<readonly Input<string>[]> | undefined;
  anything?: unknown;
  source_ami_filter?: AmazonEbsSourceAmiFilter | undefined;
  launch_block_device_mappings?: readonly AmazonEbsLaunchBlockDeviceMappings[] | undefined;
  metadata?: AmazonEbsMetadata | undefined;
}

export interface AmazonEbsSourceAmiFilter {
  owners?: List<string> | undefined;
}

export interface AmazonEbsLaunchBlockDeviceMappings {
  volume_size?: Input<number> | undefined;
  tag?: AmazonEbsLaunchBlockDeviceMappingsTag | undefined;
}

export interface AmazonEbsLaunchBlockDeviceMappingsTag {}

export interface AmazonEbsMetadata {
  "http-tokens"?: Input<string> | undefined;
}

declare module "tspack" {
  interface Builders {
    "amazon-ebs": AmazonEbsConfig;
  }
}
`,
  );
});

test("arguments that core takes are left out, for each kind its own", () => {
  const all = spec(
    Object.fromEntries(
      [
        "name",
        "only",
        "except",
        "override",
        "timeout",
        "max_retries",
        "pause_before",
        "continue_on_error",
        "keep_input_artifact",
        "own",
      ].map((name) => [name, text]),
    ),
  );
  const optionsOf = (kind: "builder" | "provisioner" | "post-processor"): readonly string[] =>
    [...printModule([{ kind, type: "x", spec: all }], "x").matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name ?? "");
  assert.equal(optionsOf("builder"), Object.keys(all.options));
  assert.equal(optionsOf("provisioner"), ["keep_input_artifact", "own"]);
  assert.equal(optionsOf("post-processor"), ["override", "timeout", "max_retries", "pause_before", "continue_on_error", "own"]);
});

test("our own schemas bring descriptions, defaults, choices, required options and forms", async () => {
  const factory = defineProvisioner({
    type: "sample",
    description: "Does something.",
    options: () =>
      z.object({
        url: z.string().describe("Where to get it (row DS-02)."),
        mode: z.enum(["a", "b"]).default("a").describe("How to do it."),
        retries: z.number().default(3).describe("Attempts, not counting the first one."),
        lists: z.array(z.string()).default([]).describe("Ends a comment: */ early."),
        old: z.string().optional().meta({ deprecated: true }).describe("Use `url`."),
        base: z
          .union([
            z.literal("none"),
            z.string(),
            z.number(),
            z.array(z.string()),
            z.object({ path: z.string().describe("A folder.") }).describe("From a folder."),
            z.object({ image: z.string(), tag: z.string().optional() }),
          ])
          .optional()
          .describe("Where to start."),
      }),
    provision: async () => {},
  });
  const printed = printModule(
    [{ kind: "provisioner", type: "sample", spec: (await factory.configSpec()) ?? spec({}), description: factory.description }],
    "x",
  );
  assert.is(
    printed,
    `// x
import type { Input, List } from "tspack";

/** Options of the provisioner sample. Does something. */
export interface SampleConfig {
  /** Where to get it. */
  url: Input<string>;
  /** How to do it. Default: \`"a"\`. */
  mode?: Input<"a" | "b" | (string & {})> | undefined;
  /** Attempts, not counting the first one. Default: \`3\`. */
  retries?: Input<number> | undefined;
  /** Ends a comment: *\\/ early. */
  lists?: List<string> | undefined;
  /**
   * Use \`url\`.
   * @deprecated
   */
  old?: Input<string> | undefined;
  /** Where to start. */
  base?: Input<"none" | (string & {}) | number> | List<string> | SampleBasePath | SampleBaseImage | undefined;
}

/** From a folder. */
export interface SampleBasePath {
  /** A folder. */
  path: Input<string>;
}

export interface SampleBaseImage {
  image: Input<string>;
  tag?: Input<string> | undefined;
}

declare module "tspack" {
  interface Provisioners {
    sample: SampleConfig;
  }
}
`,
  );
});

test("a data source's answer is printed as plain values", () => {
  const output = spec({
    id: text,
    count: number,
    names: { kind: "list", element: text },
    labels: { kind: "map", element: text },
    disks: { kind: "block-list", spec: spec({ size: number }) },
    anything: { kind: "any" },
  });
  const printed = printModule([{ kind: "datasource", type: "image", spec: spec({ family: text }), output }], "x");
  assert.match(
    printed,
    `/** What the data source image answers. */
export interface ImageOutput {
  id: string;
  count: number;
  names: readonly string[];
  labels: { readonly [key: string]: string };
  disks: readonly ImageOutputDisks[];
  anything: any;
}

export interface ImageOutputDisks {
  size: number;
}

declare module "tspack" {
  interface Datasources {
    image: { config: ImageConfig; output: ImageOutput };
  }
}`,
  );
  assert.match(printModule([{ kind: "datasource", type: "image", spec: spec({}) }], "x"), "image: { config: ImageConfig };");
});

test("components and blocks of one name get interfaces of different names", () => {
  const printed = printModule(
    [
      { kind: "post-processor", type: "vagrant", spec: spec({}) },
      { kind: "builder", type: "vagrant", spec: spec({ config: { kind: "block", spec: spec({}) } }) },
    ],
    "x",
  );
  assert.match(printed, /vagrant: VagrantConfig;.*vagrant: VagrantPostProcessorConfig;/s);
  assert.match(printed, "config?: VagrantConfig2 | undefined;");
});

test("the printed types of the built-in components are up to date", () => {
  const script = fileURLToPath(new URL("../../../../scripts/generate-types.ts", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, ["--conditions=source", "--import", "tsx", script, "--check"], {
    encoding: "utf8",
  });
  assert.is(status, 0, stderr);
});

test.run();
