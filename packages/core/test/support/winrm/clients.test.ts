import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, runGoClient, runPython, startWinrm, tmp, type WinrmOptions } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";

// Each client with each way to log in that it knows.
const ways: readonly { name: string; server: WinrmOptions; ntlm: boolean }[] = [
  { name: "Basic over HTTP", server: { auth: ["basic"] }, ntlm: false },
  { name: "Basic over TLS", server: { auth: ["basic"], tls: true, allowUnencrypted: false }, ntlm: false },
  { name: "NTLM over HTTP", server: { auth: ["ntlm"] }, ntlm: true },
  { name: "NTLM over TLS", server: { auth: ["ntlm", "basic"], tls: true }, ntlm: true },
];

for (const { name, server: options, ntlm } of ways) {
  const needs = options.tls === true ? (["openssl"] as const) : [];

  lab(
    test,
    "python3-winrm",
    ...needs,
  )(`pywinrm runs commands and scripts: ${name}`, async () => {
    const server = await startWinrm(options);
    try {
      const { stdout, stderr } = await runPython(
        server,
        ntlm ? "ntlm" : "basic",
        [
          "results = [session().run_cmd('echo one & exit 3'), session().run_ps('Write-Output \"two\"\\nexit 4'), session().run_cmd('type', ['C:\\\\no'])]",
          "print(json.dumps([[r.status_code, r.std_out.decode(), r.std_err.decode()] for r in results]))",
        ].join("\n"),
      );
      assert.equal(stderr, "");
      assert.equal(JSON.parse(stdout), [
        [3, "one \r\n", ""],
        [4, "two\r\n", ""],
        [1, "", "The system cannot find the file specified.\r\n"],
      ]);
      assert.is(server.openShells(), 0);
      assert.is(server.commands[2], "type C:\\no");
      assert.match(server.commands[1] ?? "", /^powershell -encodedcommand \S+\nWrite-Output "two"\nexit 4$/);
    } finally {
      await server.close();
    }
  });

  lab(
    test,
    "go",
    ...needs,
  )(`the Go libraries of Packer run commands and upload 100 KB: ${name}`, async () => {
    const server = await startWinrm(options);
    try {
      const client = async (args: readonly string[], input = ""): Promise<unknown> => {
        const { stdout, stderr } = await runGoClient(server, args, { ntlm, input });
        assert.is(stderr, "");
        return JSON.parse(stdout);
      };
      assert.equal(await client(["run", "echo one & exit 3"]), { stdout: "one \r\n", stderr: "", exitCode: 3 });
      assert.equal(await client(["powershell", "[Console]::Error.WriteLine('two')"]), { stdout: "", stderr: "two\r\n", exitCode: 0 });
      const text = "0123456789".repeat(30_000);
      assert.equal(await client(["run", "more"], text), { stdout: text, stderr: "", exitCode: 0 });
      const data = randomBytes(100_000);
      const file = join(tmp("upload"), "data");
      writeFileSync(file, data);
      await client(["upload", file, "C:/Some Folder/Data.bin"]);
      assert.ok(Buffer.from(server.files.get("c:\\some folder\\data.bin") ?? []).equals(data));
      assert.equal([...server.files.keys()], ["c:\\some folder\\data.bin"], "nothing temporary is left");
      const listed = JSON.stringify(await client(["list", "C:/Some Folder"]));
      assert.match(listed, /"Name":"Data.bin".*"Length":100000/);
      assert.is(server.openShells(), 0);
    } finally {
      await server.close();
    }
  });
}

lab(test, "python3-winrm")("a server without unencrypted traffic takes sealed messages alone", async () => {
  const server = await startWinrm({ auth: ["ntlm", "basic"], allowUnencrypted: false });
  try {
    const attempt = (options: string): string =>
      `try: print(session(${options}).run_cmd('echo hi').std_out)\nexcept Exception as e: print(e)`;
    const { stdout } = await runPython(
      server,
      "ntlm",
      [attempt("message_encryption='always'"), attempt("message_encryption='never'"), attempt("transport='basic'")].join("\n"),
    );
    assert.equal(stdout.split("\n"), [
      "b'hi\\r\\n'",
      "Bad HTTP response returned from server. Code 500",
      "the specified credentials were rejected by the server",
      "",
    ]);
    assert.is(server.commands.length, 1);
  } finally {
    await server.close();
  }
});

lab(test, "python3-winrm")("sealed messages go both ways for as long as a connection lasts, whatever their size", async () => {
  const server = await startWinrm({
    auth: ["ntlm"],
    allowUnencrypted: false,
    operationTimeoutMs: 20,
    run: async ({ stdin, stdout }) => {
      let size = 0;
      for await (const chunk of stdin) {
        size += Buffer.from(chunk).length;
        stdout.write(chunk);
      }
      return size % 1000;
    },
  });
  try {
    // pywinrm has no call for input, so the request is made by hand; its Receive outlives the time-outs in between.
    const { stdout, stderr } = await runPython(
      server,
      "ntlm",
      [
        "import base64, xmltodict",
        "shell = p.open_shell()",
        "command = p.run_command(shell, 'anything')",
        "ns = 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell'",
        "for n in (1, 17, 70000, 200000):",
        "    r = {'env:Envelope': p._get_soap_header(resource_uri=ns + '/cmd', action=ns + '/Send', shell_id=shell)}",
        "    stream = {'@Name': 'stdin', '@CommandId': command, '#text': base64.b64encode(b'x' * n).decode()}",
        "    if n == 200000: stream['@End'] = 'true'",
        "    r['env:Envelope']['env:Body'] = {'rsp:Send': {'rsp:Stream': stream}}",
        "    p.send_message(xmltodict.unparse(r))",
        "out, err, code = p.get_command_output(shell, command)",
        "p.cleanup_command(shell, command)",
        "p.close_shell(shell)",
        "print(len(out), code)",
      ].join("\n"),
    );
    assert.is(stderr, "");
    assert.is(stdout, "270018 18\n");
  } finally {
    await server.close();
  }
});

lab(
  test,
  "python3-winrm",
  "go",
)("a wrong password, or a wrong user, is refused by every client", async () => {
  const server = await startWinrm({ auth: ["basic", "ntlm"], password: "right" });
  try {
    const attempts = ["transport='basic', password='wrong'", "transport='ntlm', password='wrong'", "transport='ntlm', username='nobody'"];
    const { stdout } = await runPython(
      server,
      "ntlm",
      attempts.map((options) => `try: session(${options}).run_cmd('echo hi')\nexcept Exception as e: print(e)`).join("\n"),
    );
    assert.is(stdout, "the specified credentials were rejected by the server\n".repeat(3));
    for (const ntlm of [true, false]) {
      const { exitCode, stderr } = await runGoClient({ ...server, password: "wrong" }, ["run", "echo hi"], { ntlm });
      assert.is(exitCode, 1);
      assert.match(stderr, /401/);
    }
    assert.equal(server.commands, []);
  } finally {
    await server.close();
  }
});

test.run();
