// The Windows provisioners beside those of Debian's packer 1.6.6, on machines that record what is done to them: the same things in the
// same order, the same paths, variables and judgement of exit codes. Texts of scripts differ.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import powershell from "../../../src/components/provisioners/powershell.ts";
import windowsRestart from "../../../src/components/provisioners/windows-restart.ts";
import windowsShell from "../../../src/components/provisioners/windows-shell.ts";
import type { Config } from "../../../src/program/program.ts";
import type { ComponentFactory } from "../../../src/sdk/component.ts";
import type { GeneratedData } from "../../../src/sdk/hook.ts";
import type { Provisioner } from "../../../src/sdk/provisioner.ts";
import { catalogIn, packerScripts } from "../../plugins/go-components.ts";
import { type Action, type Answer, provisionRecorded, type Recorded } from "./recorded-machine.ts";

const packerTest = lab(test, "packer");
const http = { PackerHTTPAddr: "10.0.2.2:8080", PackerHTTPIP: "10.0.2.2", PackerHTTPPort: "8080", WinRMPassword: "w$pw" };

interface Case {
  readonly config: Config;
  readonly answer?: (command: string) => Answer;
  readonly data?: GeneratedData;
}

/** What both do with the same options. */
async function both(factory: ComponentFactory<Provisioner>, { config, answer, data = http }: Case): Promise<[Recorded, Recorded]> {
  const catalog = catalogIn(packerScripts(`packer-provisioner-${factory.type}`));
  try {
    const peer = await catalog.find("provisioner", factory.type);
    assert.ok(isProvisioner(peer));
    const use = answer === undefined ? { data } : { data, answer };
    return await within(60_000, () => Promise.all([provisionRecorded(peer, config, use), provisionRecorded(factory, config, use)]));
  } finally {
    await catalog.close();
  }
}

function isProvisioner(factory: ComponentFactory | undefined): factory is ComponentFactory<Provisioner> {
  return factory?.kind === "provisioner";
}

/** What was done, without what differs from run to run and without the texts of scripts and of commands that carry one. */
function outline(actions: readonly Action[], commands: "whole" | "outline"): string[] {
  return actions.map((action) => {
    const line =
      action.kind === "upload" ? `upload ${action.path}` : `run ${commands === "whole" ? action.command : shape(action.command)}`;
    return line.replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, "UUID");
  });
}

/** The program that a command starts, and the script that it runs: what removes files needs no variables with us. */
function shape(command: string): string {
  const program = /^\S+ -executionpolicy \S+/.exec(command)?.[0] ?? "in the shell:";
  const scripts = [...command.matchAll(/[\w:$/\\.-]+\.ps1/gi)].map(([path]) => path).filter((path) => !path.includes("env-vars"));
  return `${program} ${scripts.join(" ")}`;
}

function uploadsOf(actions: readonly Action[], path: RegExp): string[] {
  return actions.flatMap((action) => (action.kind === "upload" && path.test(action.path) ? [action.text] : []));
}

const scripts = tmp("scripts");
const first = join(scripts, "a.ps1");
const second = join(scripts, "b.ps1");
writeFileSync(first, "Write-Host a\r\nexit 3");
writeFileSync(second, "b\n");
const hard = ["A=x$y`z\"q'r", "Z=e=f", "B=it's %PATH% & more"];
const exits = (exitCode: number) => (command: string) => (command.includes("cleanup") ? undefined : { exitCode });

const powershellCases: { readonly [name: string]: Case } = {
  "an inline script": { config: { inline: ["a", "b"], environment_vars: hard } },
  "script files": { config: { scripts: [first, second], environment_vars: hard } },
  "paths and policy": {
    config: {
      scripts: [first, second],
      remote_path: "c:/x/s.ps1",
      remote_env_var_path: "c:/x/env-vars.ps1",
      execution_policy: "remotesigned",
    },
  },
  "a policy by number": { config: { inline: ["a"], execution_policy: 6, env_var_format: "set %s=%s\n" } },
  "no interpreter": { config: { script: first, execution_policy: "none" } },
  "a command of the user's": { config: { inline: ["a"], execute_command: "go {{.Path}} {{.Vars}} {{.WinRMPassword}}" } },
  skip_clean: { config: { inline: ["a"], skip_clean: true } },
  "an elevated script": { config: { inline: ["a"], environment_vars: hard, elevated_user: "vagrant", elevated_password: "p'w" } },
  "elevated files": { config: { scripts: [first, second], elevated_user: "SYSTEM", elevated_password: "", skip_clean: true } },
  "a code that is not allowed": { config: { scripts: [first, second] }, answer: exits(3) },
  "an allowed code": { config: { scripts: [first, second], valid_exit_codes: [0, 3] }, answer: exits(3) },
  "a removal that fails": { config: { inline: ["a"] }, answer: (command) => (command.includes("cleanup") ? { exitCode: 1 } : undefined) },
  "no HTTP server": { config: { inline: ["a"] }, data: { PackerHTTPAddr: "ERR_HTTP_ADDR_NOT_IMPLEMENTED_BY_BUILDER" } },
};

for (const [name, one] of Object.entries(powershellCases)) {
  packerTest(`powershell: ${name}`, async () => {
    const [theirs, ours] = await both(powershell, one);
    const isFailed = theirs.error !== undefined;
    assert.is(ours.error !== undefined, isFailed, String(ours.error));
    // What a failed script would leave is removed by us alone.
    const compared = isFailed ? ours.actions.slice(0, theirs.actions.length) : ours.actions;
    assert.equal(outline(compared, "outline"), outline(theirs.actions, "outline"));
    assert.equal(uploadsOf(compared, /env-vars/), uploadsOf(theirs.actions, /env-vars/));
    if ("scripts" in one.config) assert.equal(uploadsOf(compared, /script-|\/s\.ps1/), uploadsOf(theirs.actions, /script-|\/s\.ps1/));
  });
}

const batch = join(scripts, "c.bat");
writeFileSync(batch, "echo hi\r\n");
const windowsShellCases: { readonly [name: string]: Case } = {
  "an inline script": { config: { inline: ["echo a", "echo b"], environment_vars: hard } },
  "script files": { config: { scripts: [batch, batch], remote_path: "c:/a b/s.cmd", env_var_format: "set %s=%s&&" } },
  "a command of the user's": { config: { script: batch, execute_command: "{{.Vars}} call {{.Path}}" } },
  "a code that is not allowed": { config: { scripts: [batch, batch] }, answer: exits(3) },
  "an allowed code": { config: { scripts: [batch, batch], valid_exit_codes: [3] }, answer: exits(3) },
};

for (const [name, one] of Object.entries(windowsShellCases)) {
  packerTest(`windows-shell: ${name}`, async () => {
    const [theirs, ours] = await both(windowsShell, one);
    assert.is(ours.error !== undefined, theirs.error !== undefined, String(ours.error));
    assert.equal(outline(ours.actions, "whole"), outline(theirs.actions, "whole"));
    const lines = ({ actions }: Recorded) => uploadsOf(actions, /./).map((text) => text.split(/\r?\n/));
    assert.equal(lines(ours), lines(theirs));
  });
}

/** A machine with a restart that takes some answers; counts are those of one provisioner. */
function restarting(first: number, pending: number): (command: string) => Answer {
  const keys = new Map<string, number>();
  return (command) => {
    const times = (keys.get(command) ?? 0) + 1;
    keys.set(command, times);
    if (/\/t 0|^go$/.test(command)) return { exitCode: first };
    if (command.includes("restarted.")) return { stdout: "WIN restarted.\r\n" };
    return command.includes("Test-Path") ? { stdout: times <= pending ? "True\r\n" : "False\r\n" } : undefined;
  };
}

const restartCases: { readonly [name: string]: { readonly config: Config; readonly code: number; readonly pending: number } } = {
  "the machine's own command": { config: {}, code: 0, pending: 0 },
  "commands of the user's": { config: { restart_command: "go", restart_check_command: "mine" }, code: 1190, pending: 0 },
  "keys of the registry": { config: { check_registry: true, registry_keys: ["HKLM:a"] }, code: 1115, pending: 1 },
  "standard keys": { config: { check_registry: true }, code: 0, pending: 0 },
  "a command that fails": { config: {}, code: 5, pending: 0 },
};

packerTest("windows-restart: commands, accepted codes, checks and keys", async () => {
  const names = Object.keys(restartCases);
  const catalog = catalogIn(packerScripts("packer-provisioner-windows-restart"));
  try {
    const peer = await catalog.find("provisioner", "windows-restart");
    assert.ok(isProvisioner(peer));
    // Packer waits five seconds before each check: all at once.
    const runs = Object.values(restartCases).map(async ({ config, code, pending }) => {
      const run = (factory: ComponentFactory<Provisioner>) => provisionRecorded(factory, config, { answer: restarting(code, pending) });
      return [await run(peer), await run(windowsRestart)] as const;
    });
    for (const [index, [theirs, ours]] of (await within(60_000, () => Promise.all(runs))).entries()) {
      assert.is(ours.error !== undefined, theirs.error !== undefined, names[index]);
      assert.equal(restartOutline(ours.actions), restartOutline(theirs.actions), names[index]);
    }
  } finally {
    await catalog.close();
  }
});

/** The commands, with those in PowerShell by what they ask for: Packer spells one of its keys in another way. */
function restartOutline(actions: readonly Action[]): string[] {
  return outline(actions, "whole").map((line) => {
    if (line.includes("restarted.")) return "run the check";
    const key = /Test-Path .*?["'](.*)["']/.exec(line)?.[1];
    return key === undefined ? line : `run a look at ${key.toLowerCase()}`;
  });
}

test.run();
