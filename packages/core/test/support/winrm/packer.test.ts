// Debian's Packer works with the Windows machine of the lab as with a real one: what it prints and what arrives is what users know.
import { createHash, randomBytes } from "node:crypto";
import { lab, packerOverWinrm, type WinrmOptions } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";

const provisioners = `
  provisioner "windows-shell" {
    inline           = ["echo shell %FOO%", "exit /b 4"]
    environment_vars = ["FOO=a  b"]
    valid_exit_codes = [4]
  }
  provisioner "powershell" {
    inline           = ["Write-Output \\"powershell $env:FOO $env:PACKER_BUILD_NAME\\"", "exit 5"]
    environment_vars = ["FOO=it's $5"]
    valid_exit_codes = [5]
  }
  provisioner "powershell" {
    script            = "elevated.ps1"
    elevated_user     = "vagrant"
    elevated_password = "Vagrant-1!"
  }
  provisioner "file" {
    source      = "data"
    destination = "C:/Folder of files/"
  }
  provisioner "windows-restart" {}
  provisioner "file" {
    direction   = "download"
    source      = "C:/Folder of files/data"
    destination = "back"
  }
  provisioner "shell-local" {
    inline = ["sha256sum back"]
  }
  provisioner "powershell" {
    inline            = ["exit 0"]
    elevated_user     = "vagrant"
    elevated_password = "wrong"
  }`;

const ways: readonly { name: string; winrm: WinrmOptions }[] = [
  { name: "Basic over HTTP", winrm: {} },
  { name: "NTLM over HTTP", winrm: { auth: ["ntlm"] } },
  { name: "NTLM over TLS", winrm: { auth: ["ntlm"], tls: true } },
];

lab(
  test,
  "packer",
  "openssl",
)("Packer provisions over every login it knows", async () => {
  const data = randomBytes(60_000);
  const digest = createHash("sha256").update(data).digest("hex");
  const files = { "elevated.ps1": "Write-Output elevated", data };
  const builds = await Promise.all(ways.map(async ({ winrm }) => await packerOverWinrm(provisioners, { files, winrm })));
  for (const [index, build] of builds.entries()) {
    const name = ways[index]?.name;
    const said = [...build.output.matchAll(/^(?:==> | {4})null\.machine: (.*)$/gm)].map((line) => line[1] ?? "");
    const expected = [
      "WinRM connected.",
      "Connected to WinRM!",
      "shell a  b",
      "powershell it's $5 machine",
      "elevated",
      "WINRM-DOUBLE restarted.",
      "Machine successfully restarted, moving on",
      `${digest}  back`,
      "The user name or password is incorrect. (Exception from HRESULT: 0x8007052E)",
    ];
    assert.equal(
      said.filter((line) => expected.includes(line)),
      expected,
      `${name}\n${build.output}`,
    );
    assert.is(build.exitCode, 1, "the last login is wrong");
    assert.not.match(build.output, /does not know/, "every script of Packer is known");
    const upload = build.uploads.find(({ path }) => path === "C:\\Folder of files\\data");
    assert.ok(upload?.data.equals(data), name);
    assert.ok(build.provisioning.some((line) => line === 'shutdown /r /f /t 0 /c "packer restart"'));
    assert.ok(build.commands.length > build.provisioning.length);
  }
});

test.run();
