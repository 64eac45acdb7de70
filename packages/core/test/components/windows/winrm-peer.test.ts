// Whole builds of Debian's packer 1.6.6 and of ours over WinRM: the same provisioners, on machines that start alike. What scripts see,
// what they print and what is left on the machine has to be the same.
import { lab, packerOverWinrm, startWinrm, tmp, type WinrmOptions, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { builtInCatalog } from "../../../src/components/built-in.ts";
import type { Config } from "../../../src/program/program.ts";
import { build, program, provision, source } from "../../engine/programs.ts";
import { ofKind, runToEnd } from "../../engine/run.ts";

const packerTest = lab(test, "packer");

/** A machine with a program that fails. */
const winrm: WinrmOptions = { handlers: [{ language: "powershell", matches: /^tool\.exe$/, run: () => 7 }] };

interface OurBuild {
  readonly exitCode: number;
  readonly printed: readonly string[];
  readonly commands: readonly string[];
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly errors: readonly string[];
}

/** Runs provisioners on a fresh machine. */
async function ourBuild(...provisioners: readonly (readonly [string, Config])[]): Promise<OurBuild> {
  const server = await startWinrm(winrm);
  try {
    const config: Config = {
      communicator: "winrm",
      winrm_host: server.host,
      winrm_port: server.port,
      winrm_username: server.user,
      winrm_password: server.password,
      winrm_timeout: "60s",
    };
    const machine = source("machine", {
      type: "null",
      config,
      provisioners: provisioners.map(([type, options]) => provision(type, options)),
    });
    const options = { catalog: builtInCatalog(), environment: process.env, workingDirectory: tmp("work") };
    const { result, events } = await within(90_000, () => runToEnd(program([build(undefined, machine)]), options));
    return {
      exitCode: result.exitCode,
      printed: ofKind(events, "output").flatMap(({ text }) => text.split("\n")),
      commands: [...server.commands],
      files: new Map(server.files),
      errors: result.builds.flatMap(({ errors }) => errors),
    };
  } finally {
    await server.close();
  }
}

/** What scripts printed in Packer's output. */
function printedBy(output: string, pattern: RegExp): string[] {
  return [...output.matchAll(/^\s+null\.machine: (.*)$/gm)].map(([, line = ""]) => line).filter((line) => pattern.test(line));
}

packerTest("scripts see the same variables, print the same and leave the same behind", async () => {
  const theirs = await packerOverWinrm(`
    provisioner "powershell" {
      environment_vars = ["A=x$y\\"q'r", "B=e=f"]
      inline = ["Write-Output \\"see $env:A\\"", "Write-Output \\"see $env:B $env:PACKER_BUILD_NAME\\""]
    }
    provisioner "powershell" {
      elevated_user = "vagrant"
      elevated_password = "Vagrant-1!"
      environment_vars = ["C=it's"]
      inline = ["Write-Output \\"see $env:C\\"", "exit 3"]
      valid_exit_codes = [3]
    }
    provisioner "windows-shell" {
      environment_vars = ["D=it's"]
      inline = ["@echo off", "echo see %D%", "exit /b 4"]
      valid_exit_codes = [4]
    }`);
  const ours = await ourBuild(
    [
      "powershell",
      {
        environment_vars: ["A=x$y\"q'r", "B=e=f"],
        inline: ['Write-Output "see $env:A"', 'Write-Output "see $env:B $env:PACKER_BUILD_NAME"'],
      },
    ],
    [
      "powershell",
      {
        elevated_user: "vagrant",
        elevated_password: "Vagrant-1!",
        environment_vars: ["C=it's"],
        inline: ['Write-Output "see $env:C"', "exit 3"],
        valid_exit_codes: [3],
      },
    ],
    ["windows-shell", { environment_vars: ["D=it's"], inline: ["@echo off", "echo see %D%", "exit /b 4"], valid_exit_codes: [4] }],
  );
  assert.equal([theirs.exitCode, ours.exitCode], [0, 0], `${theirs.output}\n${ours.errors.join("\n")}`);
  const seen = ours.printed.filter((line) => line.startsWith("see "));
  assert.equal(seen, ["see x$y\"q'r", "see e=f machine", "see it's", "see it's"]);
  assert.equal(printedBy(theirs.output, /^see /), seen);
  assert.equal([...ours.files.keys()].sort(), [...theirs.files.keys()].sort());
});

packerTest("an exit code that is not allowed fails both", async () => {
  for (const inline of [["exit 7"], ["tool.exe"]]) {
    const theirs = await packerOverWinrm(`provisioner "powershell" { inline = ${JSON.stringify(inline)} }`, { winrm });
    const ours = await ourBuild(["powershell", { inline }]);
    assert.equal([theirs.exitCode, ours.exitCode], [1, 1], theirs.output);
    assert.match(ours.errors.join("\n"), /the inline script exited with code 7; allowed is 0/);
    assert.match(theirs.output, /non-zero exit status: 7/);
  }
});

packerTest("a machine restarts once, and the build goes on", async () => {
  const theirs = await packerOverWinrm(`
    provisioner "windows-restart" {}
    provisioner "windows-shell" { inline = ["echo after"] }`);
  const ours = await ourBuild(["windows-restart", {}], ["windows-shell", { inline: ["echo after"] }]);
  assert.equal([theirs.exitCode, ours.exitCode], [0, 0], `${theirs.output}\n${ours.errors.join("\n")}`);
  const power = (commands: readonly string[]) => commands.filter((command) => command.startsWith("shutdown"));
  assert.is(power(ours.commands)[0], power(theirs.commands)[0]);
  assert.ok(ours.printed.includes("after") && theirs.output.includes("after"));
});

test.run();
