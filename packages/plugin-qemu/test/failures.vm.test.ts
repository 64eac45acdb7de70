import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { errorText, isCancellation } from "@tspack/core/sdk";
import type { PluginTest } from "@tspack/core/sdk/testing";
import { findLabProgram, lab, RecordingUi, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { assertNothingLeft, buildKit, type Options, processesWith, sectorConfig, whenItShows, withKit } from "./build-kit.ts";

const qemuTest = lab(test, "qemu-system-x86_64", "qemu-img", "linux");

/** The text of the error that a build ends with, with its causes and its advice, as far as they cross the protocol. */
async function failureOf(kit: PluginTest, options: Options, ui = new RecordingUi()): Promise<string> {
  return errorText(await within(240_000, () => rejects(kit.builder("qemu", options).run({ ui }))));
}

/** A folder with links to some programs, for a PATH on which others are missing. */
function pathWith(...programs: readonly string[]): string {
  const folder = tmp("path");
  for (const name of programs) symlinkSync(findLabProgram(name as "qemu-img") ?? "/nowhere", join(folder, name));
  return folder;
}

for (const [missing, there] of [
  [/^qemu-system-x86_64 and qemu-img cannot be found/, []],
  [/^qemu-img cannot be found/, ["qemu-system-x86_64"]],
  [/^qemu-system-x86_64 cannot be found/, ["qemu-img"]],
] as const) {
  qemuTest(`programs that are missing are named, with the packages that have them: ${missing.source}`, async () => {
    const folder = tmp();
    const kit = buildKit(folder, { environment: { PATH: pathWith(...there) } });
    try {
      const text = await failureOf(kit, sectorConfig(folder, {}));
      assert.match(text, missing, text);
      assert.match(text, /on Debian and Ubuntu apt install qemu-system-x86 qemu-utils/, text);
      assertNothingLeft(folder);
    } finally {
      await kit.close();
    }
  });
}

qemuTest("a TPM without swtpm names its package", async () => {
  const folder = tmp();
  const kit = buildKit(folder, { environment: { PATH: pathWith("qemu-system-x86_64", "qemu-img", "setpriv") } });
  try {
    assert.match(await failureOf(kit, sectorConfig(folder, {}, { vtpm: true })), /swtpm, .* cannot be found.*the package swtpm/);
    assertNothingLeft(folder);
  } finally {
    await kit.close();
  }
});

/** Builds that fail before or when QEMU starts. */
const early: readonly [name: string, change: (folder: string) => Options, ...messages: readonly RegExp[]][] = [
  ["an image of another content", () => ({ iso_checksum: `sha256:${"0".repeat(64)}` }), /sha256/, /0{64}/],
  ["an image that is not there", () => ({ iso_url: "no-such.img" }), /no-such\.img/],
  [
    "an image that is none",
    (folder) => {
      writeFileSync(join(folder, "broken.qcow2"), Buffer.concat([Buffer.from("QFI\xfb", "latin1"), Buffer.alloc(2_000, 0xff)]));
      return { iso_url: "broken.qcow2" };
    },
    /broken\.qcow2 cannot be used as a disk image/,
  ],
  [
    "a disk that would have to shrink, with the size that is needed",
    () => ({ skip_resize_disk: false, disk_size: "512k" }),
    /the disk image has 1M, and disk_size is only 512k.*Set disk_size to "1M" or more, or skip_resize_disk to true/,
  ],
  [
    "a switch that QEMU does not know",
    () => ({ qemuargs: [["-no-such-switch"]] }),
    /QEMU did not start: .*-no-such-switch: invalid option/,
  ],
  [
    "an interface that the machine does not have",
    () => ({ machine_type: "isapc", net_device: "ne2k_isa", disk_interface: "sd" }),
    /QEMU did not start: .*machine type does not support if=sd.*choose another disk_interface/,
  ],
  ["an accelerator that is not there", () => ({ accelerator: "xen" }), /QEMU did not start: .*Leave out accelerator/],
  [
    "a machine type that is unknown",
    () => ({ machine_type: "pdp11" }),
    /QEMU did not start: .*unsupported machine type.*QEMU lists what it knows with -machine help/,
  ],
  ["a processor that is unknown", () => ({ cpu_model: "8087" }), /QEMU did not start: .*Check cpu_model: .*-cpu help/],
  ["a network card that is unknown", () => ({ net_device: "telex" }), /QEMU did not start: .*telex.*Check net_device: .*-device help/],
  [
    "a window where there is none",
    () => ({ headless: false, display: "gtk" }),
    /QEMU did not start: .*Set headless to true, and a VNC viewer shows the screen/i,
  ],
  [
    "a disk image whose own base is gone",
    (folder) => {
      for (const words of [["base.qcow2"], ["-b", "base.qcow2", "-F", "qcow2", "image.qcow2"]]) {
        execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", ...words, "1M"], { cwd: folder });
      }
      rmSync(join(folder, "base.qcow2"));
      return { iso_url: join(folder, "image.qcow2"), use_backing_file: true };
    },
    /image\.qcow2 is a difference to .*base\.qcow2, which does not exist\. Put that image back to its place, .*rebase/,
  ],
  [
    "a program with a name that nothing has",
    () => ({ qemu_binary: "qemu-system-x86-64" }),
    /^qemu-system-x86-64 cannot be found\. Check qemu_binary, or install QEMU/,
  ],
  [
    "firmware that is missing",
    () => ({ efi_firmware_code: "no-such.fd", efi_firmware_vars: "no-such.fd" }),
    /the firmware .*no-such\.fd cannot be read.*Check the option efi_firmware_code/,
  ],
  ["a bridge that is missing", () => ({ net_bridge: "no-such-bridge" }), /no network interface "no-such-bridge"/],
  ["a folder to serve that is missing", () => ({ http_directory: "no-such-folder" }), /no-such-folder/],
];
/** No window can be opened. */
const withoutDisplay = { environment: { DISPLAY: undefined, WAYLAND_DISPLAY: undefined } };

qemuTest("builds that fail before their machine runs say why and leave nothing", async () => {
  for (const [name, change, ...messages] of early) {
    await withKit(async (kit, folder) => {
      const text = await failureOf(kit, sectorConfig(folder, {}, change(folder)));
      for (const message of messages) assert.match(text, message, `${name}: ${text}`);
      assertNothingLeft(folder);
    }, withoutDisplay);
  }
});

/** Listens and resolves to the port. */
async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}

qemuTest("a download that breaks off fails the build", async () => {
  const server = createHttpServer((_request, response) => {
    response.writeHead(200, { "content-length": 1_000_000, "accept-ranges": "none" });
    response.write(Buffer.alloc(10_000), () => response.destroy());
  });
  const port = await listen(server);
  try {
    await withKit(async (kit, folder) => {
      const text = await failureOf(kit, sectorConfig(folder, {}, { iso_url: `http://127.0.0.1:${port}/disk.img` }));
      assert.match(text, new RegExp(`127\\.0\\.0\\.1:${port}/disk\\.img`), text);
      assertNothingLeft(folder);
    });
  } finally {
    server.close();
  }
});

qemuTest("VNC ports that are all taken are named, and so are host ports", async () => {
  const taken = createServer();
  // QEMU counts from 5900.
  let port = 6_100;
  while (
    !(await listen(taken, port).then(
      () => true,
      () => false,
    ))
  )
    port++;
  try {
    await withKit(async (kit, folder) => {
      const vnc = await failureOf(kit, sectorConfig(folder, {}, { vnc_port_min: port, vnc_port_max: port }));
      assert.match(vnc, new RegExp(`no port between ${port} and ${port} is free for VNC.*vnc_port_min and vnc_port_max`), vnc);
      assertNothingLeft(folder);
      const reached = { communicator: "ssh", ssh_username: "root", ssh_password: "x", host_port_min: port, host_port_max: port };
      // Found by QEMU itself, and before it starts where the template has to know the port.
      for (const qemuargs of [[], [["-name", "port-{{ .SSHHostPort }}"]]]) {
        const host = await failureOf(kit, sectorConfig(folder, {}, { ...reached, qemuargs }));
        assert.match(host, new RegExp(`no port of this host between ${port} and ${port} is free.*host_port_min and host_port_max`), host);
        assertNothingLeft(folder);
      }
      const same = await failureOf(kit, sectorConfig(folder, {}, { ...reached, skip_nat_mapping: true, ssh_port: port }));
      assert.match(same, new RegExp(`port ${port} of this host cannot be used.*Leave out skip_nat_mapping`), same);
      assertNothingLeft(folder);
    });
  } finally {
    taken.close();
  }
});

qemuTest("an output directory that exists stops the build, and stays", async () => {
  await withKit(async (kit, folder) => {
    mkdirSync(join(folder, "out"));
    writeFileSync(join(folder, "out/mine"), "");
    assert.match(await failureOf(kit, sectorConfig(folder, {})), /"output_directory" is "out", which exists already/);
    assert.ok(existsSync(join(folder, "out/mine")));
  });
});

const unreachable: Options = { communicator: "ssh", ssh_username: "root", ssh_password: "x", ssh_timeout: "2s" };

qemuTest("a guest that never answers fails with what its console and its screen show", async () => {
  await withKit(async (kit, folder) => {
    const ui = new RecordingUi();
    const text = await failureOf(
      kit,
      sectorConfig(folder, { says: "no system here\r\n" }, { ...unreachable, ...whenItShows("no system here") }),
      ui,
    );
    assert.match(text, /no SSH connection within 2 seconds/, text);
    assert.match(text, /does sshd listen there.* console said last:\n {4}no system here\n/, text);
    const picture = /The screen of the machine at that moment: (.*\.png)/.exec(ui.text)?.[1] ?? "";
    assert.is(readFileSync(picture).subarray(1, 4).toString(), "PNG");
    assertNothingLeft(folder);
  });
});

/** Resolves to the process id of the one QEMU of a folder, when its guest has printed something. */
async function runningQemu(ui: RecordingUi, folder: string): Promise<number> {
  while (!ui.logged.some((line) => line.includes("console: up"))) await new Promise((resolve) => setImmediate(resolve));
  const [pid] = processesWith(folder);
  assert.ok(pid);
  return Number(pid);
}

qemuTest("a QEMU that is killed fails the build at once, with the signal", async () => {
  await withKit(async (kit, folder) => {
    const ui = new RecordingUi();
    const failing = failureOf(kit, sectorConfig(folder, { says: "up\r\n" }, { ...unreachable, ssh_timeout: "10m" }), ui);
    process.kill(await runningQemu(ui, folder), "SIGKILL");
    assert.match(await failing, /while connecting to the machine, QEMU was ended by SIGKILL/);
    assertNothingLeft(folder);
  });
});

qemuTest("a guest that powers itself off instead of opening SSH fails the build at once", async () => {
  await withKit(async (kit, folder) => {
    const text = await failureOf(kit, sectorConfig(folder, { powersOff: true }, { ...unreachable, ssh_timeout: "10m" }));
    assert.match(text, /while connecting to the machine, the guest powered off\. The machine has to stay on/, text);
    assertNothingLeft(folder);
  });
});

/** Keeps the builder from going on for a while when QEMU has started, as a busy machine does. */
class BusyUi extends RecordingUi {
  override log(level: "debug" | "info" | "warn" | "error", text: string): void {
    super.log(level, text);
    // Far longer than the guest takes to power itself off.
    if (text.startsWith("the machine is process ")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
  }
}

qemuTest("a guest that is quick to power itself off is not off before its machine is set up", async () => {
  await withKit(async (kit, folder) => {
    const options = sectorConfig(folder, { powersOff: true }, { vnc_use_password: true });
    const { artifact } = await within(240_000, () => kit.builder("qemu", options).run({ ui: new BusyUi() }));
    assert.equal(artifact?.files, ["out/tiny"]);
    await artifact?.destroy();
    assertNothingLeft(folder);
  });
});

qemuTest("a guest without a communicator that stays on fails the build after its time", async () => {
  await withKit(async (kit, folder) => {
    const text = await failureOf(kit, sectorConfig(folder, {}, { shutdown_timeout: "1s", ...whenItShows("Booting from Hard Disk") }));
    assert.match(
      text,
      /not shut down: nothing can be told to the machine \(communicator is none\), and it was still on after 1 second\. The guest has to power itself off/,
      text,
    );
    assert.match(text, /The machine's screen shows:\n( {4}.*\n)* {4}Booting from Hard Disk/, text);
    assertNothingLeft(folder);
  });
});

qemuTest("a page of text in place of an image is told, and so is a machine that finds nothing to start from", async () => {
  await withKit(async (kit, folder) => {
    writeFileSync(join(folder, "image.raw"), "<!DOCTYPE html>".padEnd(1024 * 1024));
    const ui = new RecordingUi();
    const command = { boot_wait: "-1s", boot_command: ['<waitText "No bootable device" 2m><waitText "Please log in" 1s>'] };
    const text = await failureOf(kit, sectorConfig(folder, {}, { iso_url: "image.raw", format: "raw", ...command }), ui);
    assert.match(
      ui.text,
      /error: Warning: \S+image\.raw has neither the format of a disk image nor a boot sector\. If the machine finds nothing/,
    );
    assert.match(text, /The machine's screen shows:\n(.*\n)* {4}No bootable device\.\n/);
    assertNothingLeft(folder);
  });
});

qemuTest("what the machine showed is said beside the error of a provisioner, which stays as it is", async () => {
  await withKit(async (kit, folder) => {
    const ui = new RecordingUi();
    const provisioners = [
      async () => {
        while (!ui.logged.some((line) => line.includes("console: out of memory"))) await new Promise((resolve) => setImmediate(resolve));
        throw new Error("the script exited with code 137");
      },
    ];
    const options = sectorConfig(folder, { says: "out of memory\r\n" });
    const text = errorText(await within(240_000, () => rejects(kit.builder("qemu", options).run({ ui, provisioners }))));
    assert.is(text, "the script exited with code 137");
    assert.match(ui.text, /error: The screen of the machine .*\.png\nerror: The machine's console said last:\n {4}out of memory\n/);
    assertNothingLeft(folder);
  });
});

qemuTest("a text that never comes fails the boot command after its limit", async () => {
  await withKit(async (kit, folder) => {
    const command = { boot_wait: "-1s", boot_command: ['<waitText "login:" 1s>'] };
    const text = await failureOf(kit, sectorConfig(folder, { says: "up\r\n" }, command));
    assert.match(text, /login:/, text);
    assertNothingLeft(folder);
  });
});

qemuTest("a build that is cancelled while its guest is waited for leaves nothing", async () => {
  await withKit(async (kit, folder) => {
    const ui = new RecordingUi();
    const abort = new AbortController();
    const options = sectorConfig(folder, { says: "up\r\n" }, { vtpm: findLabProgram("swtpm") !== undefined, cd_content: { a: "b" } });
    const cancelled = rejects(kit.builder("qemu", options).run({ ui, signal: abort.signal }));
    // One that fails early is to be shown, instead of waiting for what never comes.
    const early = cancelled.then((error) => Promise.reject(error));
    await within(240_000, () => Promise.race([runningQemu(ui, folder), early]));
    abort.abort();
    const error = await cancelled;
    assert.ok(isCancellation(error), errorText(error));
    assertNothingLeft(folder);
  });
});

test.run();
