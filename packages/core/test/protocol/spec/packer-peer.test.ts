// Specifications and typed configurations against a real Go peer: components of Debian's Packer, which speaks gob.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { findLabProgram, lab, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createBroker } from "../../../src/protocol/broker/broker.ts";
import { encodeConfig } from "../../../src/protocol/cty/config.ts";
import { createRpcClient } from "../../../src/protocol/rpc/client.ts";
import { callConfigSpec } from "../../../src/protocol/services/component.ts";
import { decodeSpec, encodeSpec } from "../../../src/protocol/spec/codec.ts";
import type { RpcClient } from "../../../src/protocol/transport.ts";
import { startSession } from "../../../src/protocol/yamux/session.ts";
import type { ConfigSpec, OptionSpec } from "../../../src/sdk/config/spec.ts";

const labTest = lab(test, "packer");

/** Starts `packer plugin NAME`, hands the main stream to a body and ends the process. */
async function withPeer(name: string, body: (main: RpcClient) => Promise<void>): Promise<void> {
  const child = spawn(findLabProgram("packer") ?? "packer", ["plugin", name], {
    env: {
      ...process.env,
      TMPDIR: tmp("peer"),
      PACKER_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exit = once(child, "exit");
  try {
    await within(20_000, async () => {
      const [line] = (await once(createInterface(child.stdout), "line")) as [string];
      const session = startSession(connect(line.slice(line.lastIndexOf("|") + 1)), { role: "client", peer: "packer" });
      const main = createRpcClient(await createBroker(session).dial(0));
      await body(main);
      main.close();
      await exit;
    });
  } finally {
    child.kill("SIGKILL");
  }
}

const text: OptionSpec = { type: { kind: "string" }, required: false };

/** Components and some of the options that their documentation lists, with the types that it states. */
const components: readonly (readonly [string, string, ConfigSpec["options"]])[] = [
  ["packer-builder-file", "Builder", { source: text, target: text, packer_debug: { type: { kind: "bool" }, required: false } }],
  [
    "packer-provisioner-shell",
    "Provisioner",
    {
      inline: { type: { kind: "list", element: { kind: "string" } }, required: false },
      valid_exit_codes: { type: { kind: "list", element: { kind: "number" } }, required: false },
      packer_user_variables: { type: { kind: "map", element: { kind: "string" } }, required: false },
    },
  ],
  ["packer-post-processor-checksum", "PostProcessor", { output: text }],
  ["packer-builder-amazon-ebs", "Builder", { ami_name: text }],
];

for (const [name, service, expected] of components) {
  labTest(`the specification of ${name} is understood, and says the same in both forms`, () =>
    withPeer(name, async (main) => {
      const spec = decodeSpec(await callConfigSpec(main, service), "gob");
      for (const [option, content] of Object.entries(expected)) assert.equal(spec.options[option], content, option);
      for (const form of ["gob", "protobuf"] as const) assert.equal(decodeSpec(encodeSpec(spec, form), form), spec);
    }),
  );
}

labTest("nested and repeated blocks of a large component are understood", () =>
  withPeer("packer-builder-amazon-ebs", async (main) => {
    const { options } = decodeSpec(await callConfigSpec(main, "Builder"), "gob");
    const { assume_role: role, launch_block_device_mappings: devices } = options;
    assert.ok(role?.type.kind === "block" && Object.hasOwn(role.type.spec.options, "role_arn"));
    assert.ok(devices?.type.kind === "block-list" && devices.type.spec.options.volume_size?.type.kind === "number");
    assert.ok(Object.keys(options).length > 100);
  }),
);

labTest("a typed configuration is taken by a real component, and reaches its options", () =>
  withPeer("packer-provisioner-shell", async (main) => {
    const spec = decodeSpec(await callConfigSpec(main, "Provisioner"), "gob");
    await main.call("Provisioner.Prepare", { Configs: [encodeConfig({ inline: ["echo '<&>'"], valid_exit_codes: ["0", 2] }, spec)] });
    const both = encodeConfig({ inline: ["true"], script: "/does/not/exist" }, spec);
    await rejects(main.call("Provisioner.Prepare", { Configs: [both] }), { code: "TPK4005", message: /inline|script/ });
  }),
);

test.run();
