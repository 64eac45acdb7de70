import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import windowsShell from "../../../src/components/provisioners/windows-shell.ts";
import { CommunicatorError, TspackError } from "../../../src/diagnostics/error.ts";
import type { Config } from "../../../src/program/program.ts";
import { DISCONNECT_EXIT_CODE } from "../../../src/sdk/communicator.ts";
import { problemsOf, provisionRecorded } from "../windows/recorded-machine.ts";

const AUTOMATIC = 'set "PACKER_BUILDER_TYPE=null" && set "PACKER_BUILD_NAME=win" && ';

test("WS-01..03: an inline script has the line ends of Windows, runs with its variables as they are, and stays there", async () => {
  const { actions, ui, error } = await provisionRecorded(
    windowsShell,
    { inline: ["echo {{.Host}}", "a\nb"], environment_vars: ['A=it\'s %PATH% "x"', "Z=old"], env: { Z: "e=f" } },
    { data: { Host: "10.0.0.1", PackerHTTPPort: "80" } },
  );
  assert.is(error, undefined);
  assert.equal(actions, [
    { kind: "upload", path: "c:/Windows/Temp/script.bat", text: "echo 10.0.0.1\r\na\r\nb\r\n" },
    {
      kind: "run",
      command: `set "A=it's %PATH% "x"" && ${AUTOMATIC}set "PACKER_HTTP_PORT=80" && set "Z=e=f" && "c:/Windows/Temp/script.bat"`,
    },
  ]);
  assert.equal(ui.lines, ["say: Provisioning with windows-shell: inline"]);
});

test("SHC-02, SHC-03, WS-02: scripts go over as they are, in order; paths, variables and command are the user's", async () => {
  const folder = tmp();
  for (const name of ["a.bat", "b.cmd"]) writeFileSync(join(folder, name), `${name}\nend`);
  const own = { remote_path: "c:/x y.cmd", env_var_format: "%s:%s;", execute_command: "run {{.Path}} {{.Vars}}" };
  const { actions } = await provisionRecorded(windowsShell, { scripts: ["a.bat", "b.cmd"], ...own, binary: true }, { folder });
  const command = "run c:/x y.cmd PACKER_BUILDER_TYPE:null;PACKER_BUILD_NAME:win;";
  assert.equal(actions, [
    { kind: "upload", path: "c:/x y.cmd", text: "a.bat\nend" },
    { kind: "run", command },
    { kind: "upload", path: "c:/x y.cmd", text: "b.cmd\nend" },
    { kind: "run", command },
  ]);
});

test("SHC-04: an exit code that is not allowed fails with what cmd means by it, and the next script does not run", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "a.bat"), "");
  const twice = { scripts: ["a.bat", "a.bat"] };
  const { actions, error } = await provisionRecorded(windowsShell, twice, { folder, answer: () => ({ exitCode: 9009 }) });
  assert.ok(TspackError.is(error) && error.code === "TPK6006");
  assert.match(`${error.message} ${error.hint}`, /the script a\.bat exited with code 9009; allowed is 0.*did not find a command/);
  assert.is(actions.length, 2);
  const unix = await provisionRecorded(windowsShell, { inline: ["x"] }, { answer: () => ({ exitCode: 127 }) });
  assert.match(TspackError.is(unix.error) ? (unix.error.hint ?? "") : "", /for Windows machines; on others use shell/);
  const allowed = await provisionRecorded(
    windowsShell,
    { ...twice, valid_exit_codes: [9009] },
    { folder, answer: () => ({ exitCode: 9009 }) },
  );
  assert.is(allowed.error, undefined);
});

test("WS-04: upload and start are tried again together, a lost connection is an error with what to do", async () => {
  let calls = 0;
  const answer = () => {
    if (++calls === 1) throw new CommunicatorError("the machine restarts");
    return { stdout: "hello\r\n" };
  };
  const { actions, ui } = await within(20_000, () => provisionRecorded(windowsShell, { inline: ["x"] }, { answer }));
  assert.equal(
    actions.map(({ kind }) => kind),
    ["upload", "run", "upload", "run"],
  );
  assert.equal(ui.printed, ["hello"]);
  const lost = await provisionRecorded(windowsShell, { inline: ["x"] }, { answer: () => ({ exitCode: DISCONNECT_EXIT_CODE }) });
  assert.ok(TspackError.is(lost.error) && lost.error.code === "TPK5004" && lost.error.hint?.includes("windows-restart"));
});

test("what is wrong is told at the option", async () => {
  const cases: readonly (readonly [Config, readonly string[]])[] = [
    [{}, ["TPK3104 inline"]],
    [{ inline: ["x"], script: "/no/such.bat" }, ["TPK3106 script", "TPK3107 script"]],
    [{ inline: ["x"], environment_vars: ["A"] }, ["TPK3105 environment_vars.0"]],
    [{ inline: ["x"], env_var_format: "set %s" }, ["TPK3105 env_var_format"]],
    [{ inline: ["x"], execute_command: "{{.Path" }, ["TPK3108 execute_command"]],
    [{ inline: ["x"], start_retry_timeout: "soon" }, ["TPK3105 start_retry_timeout"]],
  ];
  for (const [config, expected] of cases) assert.equal(await problemsOf(windowsShell, config), expected, JSON.stringify(config));
});

test.run();
