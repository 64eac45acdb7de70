// A Windows machine through the built program: the null builder over WinRM, with a template of Packer's.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startWinrm, tmp, type WinrmHandler, type WinrmOptions, type WinrmServer, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { finish, startTspack, type TspackResult, tspack } from "./support/tspack.ts";

const PASSWORD = "not-printed-anywhere";

/** A template with one provisioner block; `options` are lines of the source. */
function project(server: WinrmServer, options: readonly string[], provisioner: string): string {
  const folder = tmp("winrm");
  writeFileSync(
    join(folder, "build.pkr.hcl"),
    `variable "password" {
  type      = string
  sensitive = true
}
source "null" "windows" {
  communicator   = "winrm"
  winrm_host     = "${server.host}"
  winrm_port     = ${server.port}
  winrm_username = "${server.user}"
  winrm_password = var.password
  winrm_timeout  = "20s"
  ${options.join("\n  ")}
}
build {
  sources = ["source.null.windows"]
  ${provisioner}
}
`,
  );
  return folder;
}

async function withServer(options: WinrmOptions, body: (server: WinrmServer) => Promise<void>): Promise<void> {
  const server = await startWinrm({ password: PASSWORD, ...options });
  try {
    await within(180_000, () => body(server));
    assert.is(server.openShells(), 0, "no shell is left");
  } finally {
    await server.close();
  }
}

async function run(folder: string, password = PASSWORD): Promise<TspackResult> {
  const result = await tspack(["run", "build.pkr.hcl"], { cwd: folder, env: { PKR_VAR_password: password } });
  assert.not.ok(`${result.stdout}${result.stderr}`.includes(password), "the password is printed");
  return result;
}

const files = `provisioner "file" {
    source      = "up.txt"
    destination = "C:/Windows/Temp/"
  }
  provisioner "file" {
    source      = "up.txt"
    destination = "C:\\\\Users\\\\Public\\\\"
  }
  provisioner "file" {
    content     = "\${build.ConnType} \${build.User} \${build.Host}"
    destination = "C:/Windows/Temp/about.txt"
  }
  provisioner "file" {
    direction   = "download"
    source      = "C:/Windows/Temp/up.txt"
    destination = "down.txt"
  }
  provisioner "file" {
    direction   = "download"
    sources     = ["C:\\\\Windows\\\\Temp\\\\about.txt", "C:\\\\Users\\\\Public\\\\"]
    destination = "fetched/"
  }`;

for (const [name, server, options] of [
  ["in the clear with basic authentication", {}, []],
  ["sealed by NTLM", { auth: ["ntlm"], allowUnencrypted: false }, ["winrm_use_ntlm = true"]],
  ["by HTTPS with a certificate of its own", { tls: true }, ["winrm_use_ssl = true", "winrm_insecure = true"]],
] as const) {
  test(`files go to a Windows machine and back, ${name}`, async () => {
    await withServer(server, async (machine) => {
      const folder = project(machine, options, files);
      const text = "text\r\n".repeat(100_000);
      writeFileSync(join(folder, "up.txt"), text);
      const { code, stdout, stderr } = await run(folder);
      assert.is(code, 0, stdout + stderr);
      assert.match(stdout, `Connected by WinRM to ${machine.host}:${machine.port}`);
      assert.is(readFileSync(join(folder, "down.txt"), "utf8"), text);
      assert.equal(readdirSync(join(folder, "fetched")).sort(), ["about.txt", "up.txt"]);
      assert.is(machine.files.get("C:\\Users\\Public\\up.txt")?.length, text.length);
      assert.is(Buffer.from(machine.files.get("C:/Windows/Temp/about.txt") ?? []).toString(), `winrm ${machine.user} ${machine.host}`);
    });
  });
}

test("a wrong password, a wrong way of logging in and an untrusted certificate each say what to do", async () => {
  // Long enough for one answer on a busy machine: only what was answered can be told. It is waited for to its end.
  const limit = ['winrm_timeout = "8s"'];
  const cases: readonly (readonly [WinrmOptions, readonly string[], string, RegExp])[] = [
    [{}, limit, "wrong-password", /TPK5002[\s\S]*refused the\s+credentials of "vagrant"[\s\S]*winrm_password/],
    [{ auth: ["ntlm"] }, limit, PASSWORD, /Set winrm_use_ntlm[\s\S]*TPK5002[\s\S]*does not\s+take basic authentication/],
    [{ tls: true }, ["winrm_use_ssl = true"], PASSWORD, /TPK5003[\s\S]*is not trusted[\s\S]*winrm_insecure/],
  ];
  const attempts = cases.map(([server, options, password, message]) =>
    withServer(server, async (machine) => {
      const folder = project(machine, [], files);
      const path = join(folder, "build.pkr.hcl");
      const lines = readFileSync(path, "utf8").replace('winrm_timeout  = "20s"', options.join("\n"));
      writeFileSync(path, lines);
      writeFileSync(join(folder, "up.txt"), "");
      const { code, stdout, stderr } = await run(folder, password);
      assert.is(code, 1, stdout + stderr);
      assert.match(stdout + stderr, message);
    }),
  );
  await Promise.all(attempts);
});

test("an interrupt ends the command on the machine, and leaves no shell there", async () => {
  let start = (): void => {};
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const waiting: WinrmHandler = {
    language: "cmd",
    matches: /wait for ever/,
    async run({ signal }) {
      start();
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      stop();
      return 0;
    },
  };
  await withServer({ handlers: [waiting] }, async (machine) => {
    const provisioner = `provisioner "windows-shell" {
    execute_command = "wait for ever"
    inline          = ["rem"]
  }`;
    const folder = project(machine, [], provisioner);
    const child = startTspack(["run", "build.pkr.hcl"], { cwd: folder, env: { PKR_VAR_password: PASSWORD } });
    const ended = finish(child);
    await started;
    child.kill("SIGINT");
    const { code } = await ended;
    assert.is(code, 1);
    await stopped;
  });
});

test.run();
