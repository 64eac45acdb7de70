import { type MachineProcess, rejects, startWinrm, type WinrmHandler, type WinrmOptions } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { soapClient } from "./soap.ts";

const batch = "@echo off\r\nset X=1\r\necho %X% %GIVEN%\r\nexit /b 3\r\necho never\r\n";
const script = "# a comment; with more\n$env:X = 'it''s'\nWrite-Output \"$env:X `\"100%`\" $env:NONE.\"\nexit 6\n";
const encoded = (text: string): string => Buffer.from(text, "utf16le").toString("base64");

// A line, what it writes to both streams, and its exit code.
const lines: readonly [string, string, string, number][] = [
  ["echo a b", "a b\r\n", "", 0],
  ["echo one&echo two", "one\r\ntwo\r\n", "", 0],
  ["exit 3 & echo never", "", "", 3],
  ["type nothing && echo never", "", "The system cannot find the file specified.\r\n", 1],
  ["type nothing || echo always", "always\r\n", "The system cannot find the file specified.\r\n", 0],
  ['set "X=1" && echo %X%', "%X%\r\n", "", 0],
  ['set "GIVEN=a b" && "c:/Tests/Run.bat"', "1 a b\r\n", "", 3],
  ['echo "a & b" ^& c', '"a & b" & c\r\n', "", 0],
  ["echo first > %TEMP%\\out.txt & echo second>>%temp%/OUT.txt & type %TEMP%\\out.txt", "first \r\nsecond\r\n", "", 0],
  ["cmd /c echo nested & exit /b 2", "nested \r\n", "", 2],
  [
    "nonsense.exe /x",
    "",
    "'nonsense.exe' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n",
    9009,
  ],
  [
    "c:/tests/unknown.bat",
    "",
    "'nonsense' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n",
    9009,
  ],
  ["powershell schtasks.exe /Delete /TN 'x y' /F 2>$null; Write-Output $LastExitCode", "1\r\n", "", 0],
  ["hostname", "WINRM-DOUBLE\r\n", "", 0],
  [`echo ${"x".repeat(8200)}`, "", "The command line is too long.\r\n", 1],
  ["powershell -NoProfile -ExecutionPolicy Bypass -File c:\\tests\\run.ps1", 'it\'s "100%" .\r\n', "", 6],
  ["powershell \"& { . c:/tests/run.ps1; Write-Host 'after'; exit $LastExitCode }\"", 'it\'s "100%" .\r\nafter\r\n', "", 6],
  [`powershell -enc ${encoded("Write-Output 1; Write-Output '2;3'")}`, "1\r\n2;3\r\n", "", 0],
  ["powershell cmd /c exit 5", "", "", 1],
  ['powershell -Command "cmd /c exit 5; Write-Output $LastExitCode; exit $LastExitCode"', "5\r\n", "", 5],
  ["powershell Get-Content nothing", "", "Get-Content : Cannot find path nothing because it does not exist.\r\n", 1],
  ["powershell Invoke-Something -Now", "", "the emulated machine does not know this PowerShell: Invoke-Something -Now\r\n", 1],
  ["powershell if (Test-Path c:/tests) { Write-Output yes }", "yes\r\n", "", 0],
  ["powershell -Command \"Test-Path 'HKLM:\\Software'; Test-Path c:\\Tests\\RUN.bat\"", "False\r\nTrue\r\n", "", 0],
];

async function withMachine(options: WinrmOptions, body: (...args: Parameters<typeof soapClient>) => Promise<void>): Promise<void> {
  const server = await startWinrm(options);
  try {
    server.files.set("C:\\Tests\\Run.bat", Buffer.from(batch));
    server.files.set("C:\\Tests\\unknown.bat", Buffer.from("nonsense\r\n\r\nrem the code stays\r\n"));
    server.files.set("C:\\Tests\\run.ps1", Buffer.from(script));
    await body(server);
  } finally {
    await server.close();
  }
}

test("command lines do what cmd.exe and PowerShell do with them", async () => {
  await withMachine({}, async (server) => {
    const client = soapClient(server);
    for (const [line, stdout, stderr, exitCode] of lines)
      assert.equal(await client.run(line), { stdout, stderr, exitCode }, line.slice(0, 200));
    assert.is(server.openShells(), 0);
  });
});

test("encoded scripts stand behind their line in the log", async () => {
  await withMachine({}, async (server) => {
    const line = `powershell -NoProfile -EncodedCommand ${encoded("Write-Output hello")}`;
    await soapClient(server).run(line);
    assert.equal(server.commands, [`${line}\nWrite-Output hello`]);
  });
});

test("paths are one whatever their spelling, and names keep theirs", async () => {
  await withMachine({ user: "Administrator" }, async ({ files }) => {
    const data = Buffer.from("x");
    files.set("$env:TEMP/New File.txt", data);
    const key = "c:\\users\\administrator\\appdata\\local\\temp\\new file.txt";
    assert.ok([...files.keys()].includes(key));
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is PowerShell.
    for (const path of ["%TEMP%\\new file.txt", '"${env:temp}\\NEW FILE.TXT"', "AppData\\x\\..\\Local/Temp/new file.txt", key]) {
      assert.ok(files.get(path) === data, path);
    }
    assert.ok(files.delete(key));
    assert.not.ok(files.has(key));
  });
});

test("a restart ends shells and cuts off the next client, and a delayed one can be taken back", async () => {
  await withMachine({}, async (server) => {
    const client = soapClient(server);
    await client.create();
    const said = async (line: string): Promise<number> => (await client.run(line)).exitCode;
    assert.is(await said("shutdown /a"), 1116);
    assert.is(await said("shutdown /r /t 60"), 0);
    assert.is(await said("shutdown /a"), 0);
    assert.is(await said("shutdown /r /f /t 0"), 0);
    assert.is(server.openShells(), 1);
    await rejects(client.create(), { code: "ECONNRESET" });
    assert.is(server.openShells(), 0);
    assert.is(await said("shutdown /r /t 5"), 0);
    assert.is(await said("shutdown /r /t 60"), 1190);
    await rejects(client.create(), { code: "ECONNRESET" });
    assert.is(await said("echo up"), 0);
  });
});

test("a test teaches the machine more, and what it says comes first", async () => {
  const says = (stdout: string, exitCode: number) => (process: MachineProcess) => {
    process.out(stdout);
    return exitCode;
  };
  const handlers: readonly WinrmHandler[] = [
    { language: "cmd", matches: /^choco install (\S+)$/, run: (process, match) => says(`installed ${match[1]}\r\n`, 0)(process) },
    { language: "cmd", matches: /^hostname$/, run: says("another\r\n", 9) },
    { language: "powershell", matches: /^Get-Date$/, run: says("today\r\n", 0) },
  ];
  await withMachine({ handlers }, async (server) => {
    const client = soapClient(server);
    assert.is((await client.run("choco install git")).stdout, "installed git\r\n");
    assert.equal(await client.run("hostname"), { stdout: "another\r\n", stderr: "", exitCode: 9 });
    assert.is((await client.run("powershell Write-Output 1; Get-Date")).stdout, "1\r\ntoday\r\n");
  });
});

test.run();
