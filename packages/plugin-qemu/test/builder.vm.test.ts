import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { isCancellation } from "@tspack/core/sdk";
import { lab, RecordingUi, rejects, tinyGuest, tinyGuestNeeds } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { assertNothingLeft, inGuest, tinyConfig, withKit } from "./build-kit.ts";

const vmTest = lab(test, ...tinyGuestNeeds);

vmTest("a disk image is booted, provisioned over SSH, shut down and compacted", async () => {
  await withKit(async (kit, folder) => {
    let hostname = "";
    let connections = "";
    const { artifact, hooks, ui } = await kit.builder("qemu", tinyConfig()).run({
      provisioners: [
        async (context) => {
          hostname = await inGuest(context, "hostname");
          connections = await inGuest(context, "grep -E 'Accepted|closed' /run/sshd.log");
          assert.ok(context.communicator);
          await context.communicator.upload({ path: "/root/provisioned", content: Readable.from(["made here\n"]), signal: context.signal });
        },
      ],
    });
    assert.is(hostname, "guest");
    // QEMU asks the guest later for each connection that was opened before it was there: each would be a process of its SSH server.
    assert.is(connections.split("\n").length, 1, connections);
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
      .builder(
        "qemu",
        // The guest does not know what a power button is.
        tinyConfig({ iso_url: base, use_backing_file: true, output_directory: "second", shutdown_command: "", shutdown_timeout: "2s" }),
      )
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
    assert.match(second.ui.text, /pressing the machine's power button\.\.\.\n.*does not react to its power button within 2 seconds/);
    await second.artifact?.destroy();
    assert.not.ok(existsSync(join(folder, "second")));
  });
});

vmTest("a boot command is typed over VNC at the boot loader's prompt, when the prompt is there", async () => {
  await withKit(async (kit) => {
    let line = "";
    await kit
      .builder(
        "qemu",
        tinyConfig({
          iso_url: tinyGuest().promptDisk,
          boot_typing: "vnc",
          vnc_use_password: true,
          boot_wait: "-1s",
          boot_command: ['<waitText "boot:" 2m>', "other {{ .Name }}=A!<enter>"],
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

vmTest("a guest that powers itself off while it is provisioned fails the build, and says so", async () => {
  await withKit(async (kit) => {
    await rejects(
      kit.builder("qemu", tinyConfig()).run({
        provisioners: [
          async (context) => {
            await inGuest(context, "(sleep 1; poweroff) >/dev/null 2>&1 &");
            await inGuest(context, "sleep 600");
          },
        ],
      }),
      { message: /while provisioning, the guest powered off(?! \()/ },
    );
  });
});

vmTest(
  "a build that is cancelled while it provisions, and one whose guest ignores the shutdown command, leave nothing behind",
  async () => {
    await withKit(async (kit, folder) => {
      const abort = new AbortController();
      const cancelled = rejects(
        kit.builder("qemu", tinyConfig()).run({
          signal: abort.signal,
          provisioners: [
            async (context) => {
              abort.abort();
              await inGuest(context, "sleep 600");
            },
          ],
        }),
      );
      const ui = new RecordingUi();
      const ignored = rejects(
        kit
          .builder("qemu", tinyConfig({ output_directory: "out-2", shutdown_command: "echo no way >&2; false", shutdown_timeout: "15s" }))
          .run({ ui }),
        {
          message: /not shut down: after the shutdown command \(its exit code was 1; it said: no way\) it was still on after 15 seconds/,
        },
      );
      const [error] = await Promise.all([cancelled, ignored]);
      assert.ok(isCancellation(error), error.message);
      assert.match(ui.text, "error: The shutdown command failed (its exit code was 1; it said: no way). The machine is still on");
      assertNothingLeft(folder);
    });
  },
);

test.run();
