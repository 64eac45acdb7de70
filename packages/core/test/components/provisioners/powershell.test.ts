import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareWell, RecordingUi, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import powershell from "../../../src/components/provisioners/powershell.ts";
import { CancelledError, CommunicatorError, isCancellation, TspackError } from "../../../src/diagnostics/error.ts";
import type { Config } from "../../../src/program/program.ts";
import { DISCONNECT_EXIT_CODE } from "../../../src/sdk/communicator.ts";
import { type Action, commandsOf, type MachineUse, problemsOf, provisionRecorded, uploadedText } from "../windows/recorded-machine.ts";

const VARIABLES = /packer-ps-env-vars-/;
const SCRIPT = /\/script-/;

async function succeed(config: Config, use: MachineUse = {}): Promise<readonly Action[]> {
  const { actions, error } = await provisionRecorded(powershell, config, use);
  if (error !== undefined) throw error;
  return actions;
}

/** What was done, with `UUID` for what differs from run to run. */
function outline(actions: readonly Action[]): string[] {
  return actions
    .map((action) => (action.kind === "upload" ? `upload ${action.path}` : `run ${action.command}`))
    .map((line) => line.replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, "UUID"));
}

test("PS-02..04: an inline script comes after its variables, is run as a file and removed with a script that removes itself", async () => {
  const actions = await succeed({ inline: ["$x = @'", "a", "'@", "Write-Host {{.Host}}"] }, { data: { Host: "10.0.0.1" } });
  assert.equal(outline(actions), [
    "upload c:/Windows/Temp/packer-ps-env-vars-UUID.ps1",
    "upload c:/Windows/Temp/script-UUID.ps1",
    "run powershell -executionpolicy bypass -file c:/Windows/Temp/script-UUID.ps1",
    "upload c:/Windows/Temp/packer-cleanup-UUID.ps1",
    "run powershell -executionpolicy bypass -file c:/Windows/Temp/packer-cleanup-UUID.ps1",
  ]);
  const text = uploadedText(actions, SCRIPT);
  assert.match(text, /^\$global:ProgressPreference = 'SilentlyContinue'\n/);
  assert.match(text, /\n\. 'c:\/Windows\/Temp\/packer-ps-env-vars-[^']+\.ps1'\n/);
  assert.ok(text.includes("\n$x = @'\na\n'@\nWrite-Host 10.0.0.1\n"), "lines begin where they begin");
  assert.match(text, /catch \{[^}]*exit 1\n\}\nexit \$LASTEXITCODE\n$/);
  const removal = uploadedText(actions, /packer-cleanup/);
  for (const action of actions) if (action.kind === "upload") assert.ok(removal.includes(`Remove-Item -LiteralPath '${action.path}'`));
});

test("PS-02, PS-05: scripts go over as they are, one after another; a remote path that ends with a slash is a folder", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "a.ps1"), "one\r\ntwo");
  writeFileSync(join(folder, "b.ps1"), "three");
  const actions = await succeed(
    { scripts: ["a.ps1", "b.ps1"], remote_path: "c:/it's/", remote_env_var_path: "$env:TEMP\\v.ps1" },
    { folder },
  );
  const command = (name: string) =>
    `run powershell -executionpolicy bypass -command "& { Set-Variable ProgressPreference SilentlyContinue -Scope Global; . $env:TEMP\\v.ps1; & 'c:/it''s/${name}'; exit (Get-Variable LASTEXITCODE -ValueOnly -Scope Global -ErrorAction SilentlyContinue) }"`;
  assert.equal(outline(actions).slice(0, 6), [
    "upload $env:TEMP\\v.ps1",
    "upload c:/it's/a.ps1",
    command("a.ps1"),
    "upload $env:TEMP\\v.ps1",
    "upload c:/it's/b.ps1",
    command("b.ps1"),
  ]);
  assert.is(uploadedText(actions, /\/a\.ps1$/), "one\r\ntwo");
  const removal = uploadedText(actions, /packer-cleanup/);
  assert.ok(
    removal.includes('Remove-Item -LiteralPath "$env:TEMP\\v.ps1"') && removal.includes("Remove-Item -LiteralPath 'c:/it''s/b.ps1'"),
  );
});

test("SHC-08, PS-10, PS-15: variables are sorted and hold in double quotes, typographic ones too; names of env are rendered", async () => {
  const actions = await succeed(
    {
      inline: ["x"],
      environment_vars: ["A=x$y`z\"q'r”", "B=old", "P={{build `Password`}}"],
      env: { B: "e=f", "{{.Host}}": "n" },
    },
    { data: { PackerHTTPAddr: "10.0.2.2:80", Password: "p$", Host: "H" } },
  );
  assert.is(
    uploadedText(actions, VARIABLES),
    '\ufeff$env:A="x`$y``z`"q`\'r`”"; $env:B="e=f"; $env:H="n"; $env:P="p`$"; $env:PACKER_BUILDER_TYPE="null"; $env:PACKER_BUILD_NAME="win"; $env:PACKER_HTTP_ADDR="10.0.2.2:80"; ',
  );
  const other = await succeed({ inline: ["x"], env: { A: "1" }, env_var_format: "$%s='%s'\n", elevated_env_var_format: "no" + "%s%s" });
  assert.match(uploadedText(other, VARIABLES), /^\$A='1'\n\$PACKER_BUILDER_TYPE='null'\n/);
});

const commands: readonly { readonly config: Config; readonly inline: string; readonly script: string }[] = [
  {
    config: { execution_policy: "remotesigned", use_pwsh: true },
    inline: "pwsh -executionpolicy remotesigned -file PATH",
    script:
      "pwsh -executionpolicy remotesigned -command \"& { Set-Variable ProgressPreference SilentlyContinue -Scope Global; . 'VARS'; & 'PATH'; exit (Get-Variable LASTEXITCODE -ValueOnly -Scope Global -ErrorAction SilentlyContinue) }\"",
  },
  {
    config: { execution_policy: 7, debug_mode: 2 },
    inline: "& 'PATH'; exit $LASTEXITCODE",
    script:
      "& { Set-Variable ProgressPreference SilentlyContinue -Scope Global; . 'VARS'; Set-PSDebug -Trace 2; & 'PATH'; exit (Get-Variable LASTEXITCODE -ValueOnly -Scope Global -ErrorAction SilentlyContinue) }",
  },
  {
    config: { execute_command: "run {{.Path}} {{.Vars}} {{.WinRMPassword}} {{build `ID`}}" },
    inline: "run PATH VARS pw i",
    script: "run PATH VARS pw i",
  },
];

test("PS-04..07, PS-11: the command follows policy, program, trace level and execute_command, that of the removal too", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "a.ps1"), "x");
  const data = { WinRMPassword: "pw", ID: "i" };
  for (const { config, inline, script } of commands) {
    for (const [what, expected] of [[{ inline: ["x"] }, inline] as const, [{ script: "a.ps1" }, script] as const]) {
      const paths = { remote_path: "PATH", remote_env_var_path: "VARS" };
      const actions = await succeed({ ...what, ...config, ...paths }, { folder, data });
      const [first, last = ""] = commandsOf(actions);
      assert.is(first, expected);
      assert.is(last.replace(/c:\/Windows\/Temp\/packer-cleanup-[^ ';]*/, "PATH"), inline, "the removal has no need of variables");
    }
  }
  const spaced = await succeed({ inline: ["x"], remote_path: "c:/x y.ps1", skip_clean: true });
  assert.equal(commandsOf(spaced), ['powershell -executionpolicy bypass -file "c:/x y.ps1"']);
  assert.match(uploadedText(await succeed({ inline: ["x"], debug_mode: 1 }), SCRIPT), /\nSet-PSDebug -Trace 1\ntry/);
});

test("PS-08, PS-09, MISC-05: an elevated script runs in a task whose script holds user and password, hidden from what is shown", async () => {
  const config = { inline: ["x"], elevated_user: "DOM\\a'b", elevated_password: "p'$\"’w", skip_clean: true };
  const { actions, ui, error } = await provisionRecorded(powershell, config);
  assert.is(error, undefined);
  assert.equal(outline(actions), [
    "upload c:/Windows/Temp/packer-ps-env-vars-UUID.ps1",
    "upload C:/Windows/Temp/packer-elevated-shell-UUID.ps1",
    "upload c:/Windows/Temp/script-UUID.ps1",
    'run powershell -executionpolicy bypass -file "C:/Windows/Temp/packer-elevated-shell-UUID.ps1"',
  ]);
  const text = uploadedText(actions, /elevated/);
  assert.ok(text.includes("\n$user = 'DOM\\a''b'\n$password = 'p''$\"’’w'\n"));
  assert.match(text, /\$command = 'powershell -executionpolicy bypass -file c:\/Windows\/Temp\/script-[^']*'\n/);
  assert.match(
    text,
    /^\ufeff[^\n]*\n[^\n]*\nRemove-Item -LiteralPath 'C:\/Windows\/Temp\/packer-elevated-shell-/,
    "it removes itself first",
  );
  assert.ok(ui.lines.includes("secret: p'$\"’w"));
  assert.not.match(ui.said.join() + ui.logged.join() + commandsOf(actions).join(), /p'\$/);
});

test("PS-06, PS-09: inside of a task there is always an interpreter, and elevated_execute_command has its own variables", async () => {
  const user = { elevated_user: "SYSTEM", skip_clean: true };
  const none = await succeed({ inline: ["x"], ...user, execution_policy: "none", remote_path: "c:/s.ps1" });
  assert.match(uploadedText(none, /elevated/), /\$command = 'powershell -file c:\/s\.ps1'\n/);
  const own = { elevated_execute_command: "go '{{.Path}}' {{.Vars}}", elevated_env_var_format: "%s=%s;", env_var_format: "no%s%s" };
  const actions = await succeed({ inline: ["x"], ...user, ...own, remote_path: "PATH", remote_env_var_path: "VARS" });
  assert.match(uploadedText(actions, /elevated/), /\$command = 'go ''PATH'' VARS'\n/);
  assert.match(uploadedText(actions, /^VARS$/), /^PACKER_BUILDER_TYPE=null;/);
});

test("SHC-04: an exit code that is not allowed fails, and nothing is left, not even a task", async () => {
  const answer = (command: string) => ({ exitCode: /script-|elevated/.test(command) ? 3 : 0 });
  assert.equal((await provisionRecorded(powershell, { inline: ["x"], valid_exit_codes: [0, 3] }, { answer })).error, undefined);
  const { actions, error } = await provisionRecorded(powershell, { inline: ["x"], elevated_user: "SYSTEM" }, { answer });
  assert.ok(TspackError.is(error) && error.code === "TPK6006");
  assert.match(String(error), /the inline script exited with code 3; allowed is 0/);
  const removal = uploadedText(actions, /packer-cleanup/);
  for (const action of actions) if (action.kind === "upload") assert.ok(removal.includes(action.path));
  const task = /\$name = '(packer-[^']+)'/.exec(uploadedText(actions, /elevated/))?.[1];
  assert.ok(removal.includes(`schtasks.exe /End /TN '${task}'`) && removal.includes(`/Delete /TN '${task}' /F`));
  assert.ok(removal.includes(`Remove-Item -LiteralPath "$env:SystemRoot\\Temp\\${task}.out"`));
});

test("PS-14: with skip_clean a failed script leaves what it would leave, but not what holds a password", async () => {
  const answer = () => ({ exitCode: 3 });
  const plain = await provisionRecorded(powershell, { inline: ["x"], skip_clean: true }, { answer });
  assert.equal(plain.actions.length, 3);
  const elevated = await provisionRecorded(powershell, { inline: ["x"], skip_clean: true, elevated_user: "SYSTEM" }, { answer });
  const removal = uploadedText(elevated.actions, /packer-cleanup/);
  assert.ok(removal.includes("packer-elevated-shell-") && !removal.includes("packer-ps-env-vars-"));
});

test("PS-13, PS-14: what cannot be removed is told to the log alone; skip_clean skips pause_after too", async () => {
  const answer = (command: string) => (command.includes("cleanup") ? { exitCode: 1, stderr: "Access denied\r\n" } : undefined);
  const { error, ui, actions } = await provisionRecorded(powershell, { inline: ["x"] }, { answer });
  assert.is(error, undefined);
  assert.is(commandsOf(actions).length, 2);
  assert.match(ui.logged.join(), /packer-ps-env-vars-.* may be left on the machine: .*Access denied/);
  assert.equal(ui.lines, ["say: Provisioning with PowerShell: inline"]);
  const skipping = await within(20_000, () => provisionRecorded(powershell, { inline: ["x"], skip_clean: true, pause_after: "1h" }));
  assert.is(skipping.error, undefined);
  const controller = new AbortController();
  const onSay = (text: string) => {
    if (text.startsWith("Pausing 1 hour")) controller.abort();
  };
  const pausing = provisionRecorded(powershell, { inline: ["x"], pause_after: "1h" }, { signal: controller.signal, onSay });
  assert.ok(isCancellation((await within(20_000, () => pausing)).error));
});

test("PS-14: a machine that is away when scripts are to be removed is waited for, and that is said", async () => {
  const controller = new AbortController();
  const answer = (command: string) => {
    if (command.includes("cleanup")) throw new CommunicatorError("connection refused");
    return undefined;
  };
  const onSay = (text: string) => {
    if (text.startsWith("Could not remove")) controller.abort();
  };
  const { ui, error, actions } = await within(20_000, () =>
    provisionRecorded(powershell, { inline: ["x"] }, { answer, onSay, signal: controller.signal }),
  );
  assert.is(commandsOf(actions).filter((command) => command.includes("cleanup")).length, 2, "cancelled meanwhile, it is tried once more");
  assert.is(ui.lines.at(-1), "say: Could not remove the scripts from the machine: connection refused; trying again for up to 1 minute");
  assert.ok(isCancellation(error));
});

test("PS-12: upload and start are tried again together, a connection that is lost while the script runs is not", async () => {
  let calls = 0;
  const failing = () => {
    if (++calls === 1) throw new CommunicatorError("the machine restarts");
    return undefined;
  };
  const again = await within(20_000, () => succeed({ inline: ["x"], skip_clean: true }, { answer: failing }));
  assert.equal(
    outline(again).map((line) => line.slice(0, 3)),
    ["upl", "upl", "run", "upl", "upl", "run"],
  );
  const lost = await provisionRecorded(
    powershell,
    { inline: ["x"], skip_clean: true },
    { answer: () => ({ exitCode: DISCONNECT_EXIT_CODE }) },
  );
  assert.ok(TspackError.is(lost.error) && lost.error.code === "TPK5004");
  assert.match(lost.error.hint ?? "", /windows-restart/);
});

test("PS-12: why a script is not started yet is said once, and in the end with what to do", async () => {
  const away = () => {
    throw new CommunicatorError("the machine is away", { code: "TPK5004", hint: "Look for it." });
  };
  const config = { inline: ["x"], start_retry_timeout: "3s", skip_clean: true };
  const { ui, error } = await within(20_000, () => provisionRecorded(powershell, config, { answer: away }));
  assert.equal(
    ui.lines.filter((line) => /could not/i.test(line) && line.startsWith("say")),
    ["say: Could not upload and start the inline script: the machine is away; trying again for up to 3 seconds"],
  );
  assert.ok(TspackError.is(error) && error.code === "TPK5004" && error.hint === "Look for it.");
});

test("an abort ends a script that does not end, and removes it and its task", async () => {
  const controller = new AbortController();
  const { actions, error } = await within(20_000, () =>
    provisionRecorded(
      powershell,
      { inline: ["x"], elevated_user: "SYSTEM" },
      {
        signal: controller.signal,
        answer: async (command, signal) => {
          if (!command.includes("elevated")) return undefined;
          controller.abort();
          if (!signal.aborted) await once(signal, "abort");
          throw new CancelledError();
        },
      },
    ),
  );
  assert.ok(isCancellation(error));
  assert.match(uploadedText(actions, /packer-cleanup/), /schtasks\.exe \/End[\s\S]*script-/);
});

test("what is wrong is told at the option", async () => {
  const cases: readonly (readonly [Config, readonly string[]])[] = [
    [{}, ["TPK3104 inline"]],
    [{ inline: ["x"], scripts: ["y"] }, ["TPK3106 scripts", "TPK3107 scripts.0"]],
    [{ script: "/no/such.ps1" }, ["TPK3107 script"]],
    [{ inline: ["x"], environment_vars: ["A"] }, ["TPK3105 environment_vars.0"]],
    [{ inline: ["x"], env: { "": "x" } }, ["TPK3105 env"]],
    [{ inline: ["x"], env_var_format: "%s", elevated_env_var_format: "%d" }, ["TPK3105 env_var_format", "TPK3105 elevated_env_var_format"]],
    [
      { inline: ["x"], execute_command: "{{.Path", elevated_execute_command: "{{nope}}" },
      ["TPK3108 execute_command", "TPK3108 elevated_execute_command"],
    ],
    [{ inline: ["x"], elevated_password: "x" }, ["TPK3104 elevated_user"]],
    [{ inline: ["x"], execution_policy: "Bypass" }, ["TPK3105 execution_policy"]],
    [{ inline: ["x"], execution_policy: 8 }, ["TPK3105 execution_policy"]],
    [{ inline: ["x"], debug_mode: 3 }, ["TPK3105 debug_mode"]],
    [{ inline: ["x"], execution_policy: "3", binary: true, elevated_user: "SYSTEM", elevated_password: "" }, []],
  ];
  for (const [config, expected] of cases) assert.equal(await problemsOf(powershell, config), expected, JSON.stringify(config));
});

test("a builder without a communicator is told what to do instead", async () => {
  const component = await powershell.create();
  await prepareWell(component, { inline: ["x"] });
  await rejects(component.provision({ ui: new RecordingUi(), communicator: undefined, data: {}, signal: new AbortController().signal }), {
    code: "TPK5006",
  });
});

test.run();
