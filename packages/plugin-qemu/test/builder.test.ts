import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { type HookContext, isCancellation } from "@tspack/core/sdk";
import { type PluginTest, type PluginTestOptions, testPlugin } from "@tspack/core/sdk/testing";
import { lab, RecordingUi, rejects, tinyGuest, tinyGuestNeeds, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { plugin } from "../src/plugin.ts";

const vmTest = lab(test, ...tinyGuestNeeds);

/** The options of a build from the tiny guest's disk. */
function tinyConfig(changes: { readonly [option: string]: unknown } = {}): { readonly [option: string]: unknown } {
  const guest = tinyGuest();
  return {
    disk_image: true,
    iso_url: guest.disk,
    iso_checksum: "none",
    skip_resize_disk: true,
    accelerator: "tcg",
    memory: 256,
    headless: true,
    vm_name: "tiny",
    output_directory: "out",
    ssh_username: guest.username,
    ssh_private_key_file: guest.privateKey,
    ssh_timeout: "2m",
    shutdown_command: "poweroff",
    ...changes,
  };
}

/** Runs a test with a kit whose builds put their things into a folder of the test's own. */
async function withKit(body: (kit: PluginTest, folder: string) => Promise<void>, options: PluginTestOptions = {}): Promise<void> {
  const folder = tmp();
  const kit = testPlugin(plugin, {
    workingDirectory: folder,
    environment: { ...process.env, TSPACK_RUN_DIRECTORY: join(folder, "run"), PACKER_CACHE_DIR: join(folder, "cache") },
    ...options,
  });
  try {
    await body(kit, folder);
  } finally {
    await kit.close();
  }
}

/** Runs a command in the guest and returns what it prints. */
async function inGuest({ communicator, signal }: HookContext, command: string): Promise<string> {
  assert.ok(communicator, "there is a communicator");
  let printed = "";
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      printed += chunk.toString("utf8");
      done();
    },
  });
  await communicator.execute({ command, stdout, signal });
  return printed.trim();
}

/** Process ids of QEMU whose command line holds a text. */
function qemuWith(text: string): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return (words[0] ?? "").includes("qemu-system") && words.some((word) => word.includes(text));
    } catch {
      return false;
    }
  });
}

vmTest("a disk image is booted, provisioned over SSH, shut down and compacted", async () => {
  await withKit(async (kit, folder) => {
    let hostname = "";
    const { artifact, hooks, ui } = await kit.builder("qemu", tinyConfig()).run({
      provisioners: [
        async (context) => {
          hostname = await inGuest(context, "hostname");
          assert.ok(context.communicator);
          await context.communicator.upload({ path: "/root/provisioned", content: Readable.from(["made here\n"]), signal: context.signal });
        },
      ],
    });
    assert.is(hostname, "guest");
    assert.equal(artifact?.files, ["out/tiny"]);
    assert.is(artifact?.builderId, "transcend.qemu");
    assert.is(artifact?.id, "VM");
    assert.equal(await artifact?.state("diskPaths"), ["out/tiny"]);
    assert.is(await artifact?.state("domainType"), "tcg");
    assert.is(hooks[0]?.data.Host, "127.0.0.1");
    assert.match(ui.text, /Connected by SSH/);
    const info: { readonly format: string } = JSON.parse(
      execFileSync("qemu-img", ["info", "--output=json", join(folder, "out/tiny")], { encoding: "utf8" }),
    );
    assert.is(info.format, "qcow2");
    assert.equal(readdirSync(join(folder, "out")), ["tiny"]);
    assert.match(readFileSync(join(folder, "run/machines", readdirSync(join(folder, "run/machines"))[0] ?? ""), "utf8"), /guest is up/);

    // What was provisioned is there when a second build starts from the image, as a difference to it.
    let content = "";
    const base = join(folder, "out/tiny");
    const second = await kit
      .builder("qemu", tinyConfig({ iso_url: base, use_backing_file: true, output_directory: "second", skip_resize_disk: true }))
      .run({
        provisioners: [
          async (context) => {
            content = await inGuest(context, "cat /root/provisioned");
          },
        ],
      });
    assert.is(content, "made here");
    const overlay: { readonly "backing-filename": string } = JSON.parse(
      execFileSync("qemu-img", ["info", "--output=json", join(folder, "second/tiny")], { encoding: "utf8" }),
    );
    assert.is(overlay["backing-filename"], base);
    await second.artifact?.destroy();
    assert.not.ok(existsSync(join(folder, "second")));
  });
});

for (const typing of ["qmp", "vnc"]) {
  vmTest(`a boot command is typed at the boot loader's prompt through ${typing}, when the prompt is there`, async () => {
    await withKit(async (kit) => {
      let line = "";
      await kit
        .builder(
          "qemu",
          tinyConfig({
            iso_url: tinyGuest().promptDisk,
            boot_typing: typing,
            vnc_use_password: typing === "vnc",
            boot_wait: "-1s",
            boot_command: ['<waitText "boot:" 1m>', "other {{ .Name }}=A!<enter>"],
          }),
        )
        .run({
          provisioners: [
            async (context) => {
              line = await inGuest(context, "cat /proc/cmdline");
            },
          ],
        });
      assert.match(line, /entry=other .*tiny=A!/);
    });
  });
}

vmTest("a machine that cannot be reached fails with its console's last lines and a picture of its screen", async () => {
  await withKit(async (kit, folder) => {
    const ui = new RecordingUi();
    const error = await rejects(
      kit.builder("qemu", tinyConfig({ ssh_username: "nobody", ssh_timeout: "30s", ssh_handshake_attempts: 1 })).run({ ui }),
      { message: /console said last:(.|\n)*guest is up/ },
    );
    assert.match(error.message, /refuse/);
    const picture = /The screen of the machine at that moment: (.*\.png)/.exec(ui.text)?.[1] ?? "";
    assert.equal([...readFileSync(picture).subarray(1, 4)], [...Buffer.from("PNG")]);
    assert.not.ok(existsSync(join(folder, "out")));
    assert.equal(qemuWith(folder), []);
  });
});

vmTest("a guest that powers itself off while it is provisioned fails the build, and says so", async () => {
  await withKit(async (kit) => {
    await rejects(
      kit.builder("qemu", tinyConfig()).run({
        provisioners: [
          async (context) => {
            await inGuest(context, "poweroff");
            await inGuest(context, "sleep 60");
          },
        ],
      }),
      { message: /while provisioning, the guest powered off/ },
    );
  });
});

vmTest("a cancelled build, and one whose guest ignores the shutdown command, leave nothing behind", async () => {
  await withKit(async (kit, folder) => {
    const abort = new AbortController();
    const error = await rejects(
      kit.builder("qemu", tinyConfig()).run({
        signal: abort.signal,
        provisioners: [
          async (context) => {
            const { communicator } = context;
            assert.ok(communicator);
            // The second build runs meanwhile: its guest does nothing when it is told to power off.
            await rejects(
              kit.builder("qemu", tinyConfig({ output_directory: "second", shutdown_command: "true", shutdown_timeout: "1s" })).run(),
              { message: /not shut down: after the shutdown command it was still on after 1s/ },
            );
            abort.abort();
            await inGuest(context, "sleep 60");
          },
        ],
      }),
    );
    assert.ok(isCancellation(error), error.message);
    assert.equal(readdirSync(folder).sort(), ["run"]);
    assert.equal(qemuWith(folder), []);
  });
});

test.run();
