// Complete builds of HashiCorp's Packer (Debian's 1.6.6) with a builder in TypeScript that reaches its machine over SSH: Packer relays
// its communicator to provisioners in Go and in TypeScript.
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findLabProgram, lab, makeSshKey, runningFrom, startSshd, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { placeTwin } from "../../sdk/plugin/bundle.ts";

const machineTest = lab(test, "packer", "linux", "sshd", "ssh-keygen", "root");
const required = "yes";

interface Place {
  /** Where packer runs. */
  readonly folder: string;
  /** A folder that the machine sees too. */
  readonly there: string;
  readonly access: {
    readonly ssh_host: string;
    readonly ssh_port: number;
    readonly ssh_username: string;
    readonly ssh_private_key_file: string;
  };
}

async function onMachine(body: (place: Place) => Promise<void>): Promise<void> {
  const server = await startSshd();
  try {
    const key = makeSshKey(tmp("key"), "id", "ed25519");
    server.authorize(key.publicKey);
    const folder = tmp("host");
    await placeTwin(folder, "packer-builder-twin-machine", "packer-provisioner-twin-act", "packer-post-processor-twin-pack");
    const access = { ssh_host: server.host, ssh_port: server.port, ssh_username: "root", ssh_private_key_file: key.file };
    await body({ folder, there: tmp("there"), access });
  } finally {
    await server.stop();
  }
}

/** Runs packer; interrupts it, as a key pressed in the terminal does, when it prints `interruptAt`. */
async function packer(folder: string, file: string, interruptAt?: string): Promise<{ readonly code: unknown; readonly output: string }> {
  return within(90_000, async () => {
    const child = spawn(findLabProgram("packer") ?? "packer", ["build", "-color=false", file], {
      cwd: folder,
      env: { ...process.env, TMPDIR: tmp("t"), PACKER_CONFIG_DIR: folder, CHECKPOINT_DISABLE: "1" },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let isInterrupted = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (interruptAt === undefined || isInterrupted || !output.includes(interruptAt) || child.pid === undefined) return;
        isInterrupted = true;
        process.kill(-child.pid, "SIGINT");
      });
    }
    const [code]: unknown[] = await once(child, "close");
    return { code, output };
  });
}

interface Steps {
  /** The builder's options. */
  readonly machine: object;
  /** Types and options, in order. */
  readonly provisioners: readonly (readonly [string, object])[];
}

/** The same template in both languages. */
const doors: { readonly [file: string]: (steps: Steps) => string } = {
  "t.json": ({ machine, provisioners }) =>
    JSON.stringify({
      builders: [{ type: "twin-machine", name: "one", ...machine }],
      provisioners: provisioners.map(([type, options]) => ({ type, ...options })),
      "post-processors": [{ type: "twin-pack", required, text: "packed" }],
    }),
  "t.pkr.hcl": ({ machine, provisioners }) => {
    const body = (options: object): string =>
      Object.entries(options)
        .map(([name, value]) => `${name} = ${JSON.stringify(value).replaceAll("${", "$${")}`)
        .join("\n");
    const steps = provisioners.map(([type, options]) => `provisioner "${type}" {\n${body(options)}\n}`);
    return `source "twin-machine" "one" {
${body(machine)}
}
build {
  sources = ["source.twin-machine.one"]
  ${steps.join("\n  ")}
  post-processor "twin-pack" {
    required = "yes"
    text     = "packed"
  }
}
`;
  },
};

for (const [file, template] of Object.entries(doors)) {
  machineTest(`${file}: provisioners in Go and in TypeScript work on the machine of a builder in TypeScript`, () =>
    onMachine(async ({ folder, there, access }) => {
      const content = randomBytes(20_000_000);
      writeFileSync(join(folder, "up.bin"), content);
      const here = join(tmp("here"), "files");
      mkdirSync(here);
      mkdirSync(join(folder, "tree"));
      writeFileSync(join(folder, "tree", "leaf"), "leaf");
      const provisioners = [
        ["file", { source: join(folder, "up.bin"), destination: join(there, "up.bin") }],
        ["file", { source: join(folder, "tree"), destination: there }],
        [
          "shell",
          {
            inline: [
              `sha256sum ${there}/up.bin`,
              `cp ${there}/up.bin ${there}/copy.bin`,
              `cat ${there}/tree/leaf; echo; cd; rm -rf content folder`,
            ],
          },
        ],
        ["file", { direction: "download", source: join(there, "copy.bin"), destination: join(folder, "down.bin") }],
        ["twin-act", { required, behave: "transfer", count: 100_000_000, source: here }],
      ] as const;
      writeFileSync(join(folder, file), template({ machine: { required, text: "t", ...access }, provisioners }));
      const { code, output } = await packer(folder, file);
      assert.is(code, 0, output);
      assert.match(output, new RegExp(createHash("sha256").update(content).digest("hex")));
      assert.match(output, /^ +twin-machine\S*: leaf$|^ +one: leaf$/m);
      assert.match(output, /transferred 100000000/);
      assert.match(output, /input tspack\.twin i-1 probe i-1/);
      assert.match(output, /probe packed/);
      assert.ok(readFileSync(join(folder, "down.bin")).equals(content));
      assert.equal(runningFrom(folder), []);
    }),
  );
}

machineTest("an interrupt of Packer ends a command on the machine of a builder in TypeScript", () =>
  onMachine(async ({ folder, there, access }) => {
    const text = `echo under way; exec tail -f /dev/null ${join(there, "none")}`;
    const provisioners = [["twin-act", { required, behave: "command", text }]] as const;
    writeFileSync(join(folder, "t.json"), doors["t.json"]?.({ machine: { required, ...access }, provisioners }) ?? "");
    const { code, output } = await packer(folder, "t.json", "under way");
    assert.is(code, 1, output);
    while (runningFrom(there).some((command) => command.startsWith("tail"))) await new Promise(setImmediate);
  }),
);

test.run();
