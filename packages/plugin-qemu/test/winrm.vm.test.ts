// A virtual machine that is reached by WinRM (row QM-55): its port of WinRM leads on to the lab's Windows machine on this host.
import { createServer } from "node:net";
import { lab, startWinrm, tinyGuestNeeds, type WinrmHandler } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { inGuest, tinyConfig, withKit } from "./build-kit.ts";

const vmTest = lab(test, ...tinyGuestNeeds);

vmTest("a machine with WinRM is found behind its own port, provisioned, and shut down by a command of Windows", async () => {
  // Lets go of whoever connects when the machine is to go off.
  const switches = createServer((socket) => {
    socket.on("error", () => {});
    void pressed.then(() => socket.end("off\n"));
  });
  let press = (): void => {};
  const pressed = new Promise<void>((resolve) => {
    press = resolve;
  });
  const shutdown: WinrmHandler = {
    language: "cmd",
    matches: /^shutdown \/s/,
    run: () => {
      press();
      return 0;
    },
  };
  const windows = await startWinrm({ auth: ["ntlm"], allowUnencrypted: false, handlers: [shutdown] });
  await new Promise<void>((resolve) => switches.listen(0, "127.0.0.1", resolve));
  const address = switches.address();
  const switchPort = typeof address === "object" && address !== null ? address.port : 0;
  try {
    await withKit(async (kit, folder) => {
      const lines = [
        `::respawn:/bin/nc -ll -p 5985 -e /bin/nc 10.0.2.2 ${windows.port}`,
        `::once:/bin/sh -c "nc 10.0.2.2 ${switchPort} | grep off && poweroff"`,
      ];
      const install = `printf '%s\\n' '${lines.join("' '")}' >> /etc/inittab`;
      await kit
        .builder("qemu", tinyConfig({ output_directory: "relay" }))
        .run({ provisioners: [async (context) => void (await inGuest(context, install))] });

      const second = tinyConfig({
        iso_url: `${folder}/relay/tiny`,
        use_backing_file: true,
        communicator: "winrm",
        winrm_username: windows.user,
        winrm_password: windows.password,
        winrm_use_ntlm: true,
        winrm_timeout: "5m",
        shutdown_command: "shutdown /s /t 10",
        shutdown_timeout: "2m",
      });
      let said = "";
      const { artifact, hooks, ui } = await kit.builder("qemu", second).run({
        provisioners: [
          async (context) => {
            said = await inGuest(context, "echo from Windows");
          },
        ],
      });
      assert.is(said, "from Windows");
      assert.equal(artifact?.files, ["out/tiny"]);
      const { Host, Port, ConnType, User, WinRMPassword } = hooks[0]?.data ?? {};
      assert.equal([Host, ConnType, User, WinRMPassword], ["127.0.0.1", "winrm", windows.user, windows.password]);
      assert.match(ui.text, `Connected by WinRM to 127.0.0.1:${String(Port)}`);
      assert.ok(windows.commands.includes("shutdown /s /t 10"));
    });
  } finally {
    switches.close();
    await windows.close();
  }
});

test.run();
