import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, packerVariables, prepare, prepareWell, RecordingUi, rejects, runInfo, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import shellLocal from "../../../src/components/provisioners/shell-local.ts";
import type { Config } from "../../../src/program/program.ts";
import type { PackerVariables, RunInfo } from "../../../src/sdk/component.ts";
import type { GeneratedData } from "../../../src/sdk/hook.ts";

const unix = lab(test, "linux");

interface Options {
  readonly data?: GeneratedData;
  readonly packer?: Partial<PackerVariables>;
  readonly run?: RunInfo;
}

/** Prepares and runs the provisioner; returns what was shown. */
async function provision(config: Config, { data = {}, packer = {}, run = runInfo() }: Options = {}): Promise<RecordingUi> {
  const component = await shellLocal.create();
  await prepareWell(component, config, { packer: packerVariables(packer), run });
  const ui = new RecordingUi();
  await component.provision({ ui, communicator: undefined, data, signal: new AbortController().signal });
  return ui;
}

/** What the scripts printed. */
const printed = (ui: RecordingUi) => ui.lines.filter((line) => !line.startsWith("say: "));

async function problems(config: Config, run = runInfo()): Promise<string[]> {
  const component = await shellLocal.create();
  return (await prepare(component, config, { run })).map(({ code, path }) => `${code} ${path?.join(".")}`);
}

unix("an inline script runs line by line in /bin/sh -e, and is gone afterwards", async () => {
  const run = runInfo();
  const ui = await provision({ inline: ["echo one", "stat -c %a $0", 'head -1 "$0"'] }, { run });
  assert.equal(printed(ui), ["stdout: one", "stdout: 700", "stdout: #!/bin/sh -e"]);
  assert.equal(readdirSync(run.temporaryDirectory), []);
});

unix("a command is an inline script of one line", async () => {
  assert.equal(printed(await provision({ command: "echo x | tr x y" })), ["stdout: y"]);
});

unix("the first failing line ends the script, and the message names code and allowed codes", async () => {
  const run = runInfo();
  await rejects(provision({ inline: ["(exit 3)", "echo not reached"], valid_exit_codes: [1, 2] }, { run }), {
    code: "TPK6006",
    message: /exited with code 3; allowed are 1, 2$/,
  });
  assert.equal(readdirSync(run.temporaryDirectory), []);
  await rejects(provision({ inline: ["exit 1"], valid_exit_codes: [] }), { message: /code 1; allowed is 0$/ });
  await provision({ inline: ["exit 2"], valid_exit_codes: [1, 2] });
});

lab(test, "linux")("values of variables are in the environment, not where every user can read them", async () => {
  const show = 'for pid in $$ $PPID; do tr "\\0" " " < /proc/$pid/cmdline; done; echo; echo "$TOKEN"';
  const [commands, value] = printed(await provision({ inline: [show], environment_vars: ['TOKEN=it\'s $HOME\\ "x"'] }));
  assert.match(commands ?? "", /script-/);
  assert.not.match(commands ?? "", /HOME/);
  assert.is(value, `stdout: it's $HOME\\ "x"`);
});

unix("a script that cannot be written is told with its path", async () => {
  const run = { ...runInfo(), temporaryDirectory: "/nowhere" };
  await rejects(provision({ inline: ["true"] }, { run }), { code: "TPK6011", message: /could not write the script \/nowhere\// });
});

unix("scripts run in order from the working directory, until one fails", async () => {
  const folder = tmp();
  for (const name of ["a.sh", "b c.sh", "d.sh"]) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho "$(basename "$0") in $(pwd)"\n[ "$0" != ${folder}/d.sh ]\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const run = runInfo({ workingDirectory: folder });
  const ui = await provision({ scripts: ["a.sh", "b c.sh"] }, { run });
  assert.equal(ui.lines, [
    "say: Running local shell script: a.sh",
    `stdout: a.sh in ${folder}`,
    "say: Running local shell script: b c.sh",
    `stdout: b c.sh in ${folder}`,
  ]);
  await rejects(provision({ script: "d.sh" }, { run }), { message: /local script d\.sh exited with code 1/ });
});

unix("a script that may not be executed fails as in Packer", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "x.sh"), "#!/bin/sh\n", { mode: 0o644 });
  await rejects(provision({ script: "./x.sh" }, { run: runInfo({ workingDirectory: folder }) }), { message: /code 126/ });
});

unix("variables: automatic ones, the user's over them, env over environment_vars, quotes kept", async () => {
  const ui = await provision(
    {
      inline: ['echo "$PACKER_BUILD_NAME|$PACKER_BUILDER_TYPE|$A|$B|$C|$PACKER_HTTP_ADDR|$PACKER_HTTP_IP|$PACKER_HTTP_PORT"'],
      environment_vars: ['A=it\'s "a" $HOME `b`', "B=1", "C=x=y", "PACKER_BUILDER_TYPE=mine"],
      env: { B: "2" },
    },
    {
      packer: { packer_build_name: "deb ian", packer_builder_type: "qemu" },
      data: { PackerHTTPAddr: "10.0.2.2:8000", PackerHTTPIP: "10.0.2.2", PackerHTTPPort: "ERR_HTTP_PORT_NOT_IMPLEMENTED_BY_BUILDER" },
    },
  );
  assert.equal(printed(ui), ['stdout: deb ian|mine|it\'s "a" $HOME `b`|2|x=y|10.0.2.2:8000|10.0.2.2|']);
});

unix("the run's own environment is there, with the id of the run", async () => {
  const run = runInfo({ environment: { PATH: process.env.PATH, MINE: "yes" }, runUuid: "u-1" });
  assert.equal(printed(await provision({ inline: ['echo "$MINE $PACKER_RUN_UUID $HOME"'] }, { run })), ["stdout: yes u-1"]);
});

unix("execute_command is rendered with Vars, Script, Command and the values of the build; variables are sorted", async () => {
  const ui = await provision(
    {
      inline: ["echo unused"],
      environment_vars: ["b=2", "B=1"],
      env_var_format: "<%s=%s>",
      execute_command: ["/bin/echo", "{{.Vars}}", "{{.ID}}", "{{ if eq .Script .Command }}same{{ end }}"],
    },
    { data: { ID: "i-1" }, packer: { packer_build_name: "n", packer_builder_type: "t" } },
  );
  assert.equal(printed(ui), ["stdout: <B=1><PACKER_BUILDER_TYPE=t><PACKER_BUILD_NAME=n><b=2> i-1 same"]);
});

unix("inline lines and environment_vars see the values of the build, in which braces are text", async () => {
  const ui = await provision(
    {
      inline: ["echo {{build `ID`}} {{.Nested}} $A $B"],
      environment_vars: ["A={{.Nested}}"],
      env: { B: "{{.Nested}}" },
    },
    { data: { ID: "i-1", Nested: "{{.ID}}" } },
  );
  assert.equal(printed(ui), ["stdout: i-1 {{.ID}} {{.ID}} {{.ID}}"]);
});

unix("inline_shebang and tempfile_extension shape the inline script", async () => {
  const ui = await provision({
    inline: ["false", 'head -1 "$0"', 'basename "$0" | cut -d. -f2'],
    inline_shebang: "/bin/sh",
    tempfile_extension: ".foo",
  });
  assert.equal(printed(ui), ["stdout: #!/bin/sh", "stdout: foo"]);
});

unix("a temporary folder with a space in its name is no obstacle", async () => {
  assert.equal(printed(await provision({ inline: ["echo x"] }, { run: runInfo({ temporaryDirectory: tmp("with space") }) })), [
    "stdout: x",
  ]);
});

unix("only_on skips other operating systems with success", async () => {
  const ui = await provision({ inline: ["exit 1"], only_on: ["windows", "darwin"] });
  assert.equal(ui.lines, ["say: Skipping shell-local: this is linux, and it is to run on windows, darwin only"]);
  assert.equal(printed(await provision({ inline: ["echo x"], only_on: ["linux"] })), ["stdout: x"]);
});

unix("an abort stops a hanging script and leaves no file", async () => {
  const run = runInfo();
  const flag = join(tmp(), "started");
  const component = await shellLocal.create();
  await prepareWell(component, { inline: [`echo > ${flag}`, "sleep 1000"] }, { run });
  const controller = new AbortController();
  const result = component.provision({ ui: new RecordingUi(), communicator: undefined, data: {}, signal: controller.signal });
  await within(20_000, async () => {
    while (!existsSync(flag)) await new Promise(setImmediate);
  });
  controller.abort();
  await within(20_000, () => rejects(result, { code: "TPK6009" }));
  assert.equal(readdirSync(run.temporaryDirectory), []);
});

unix("many at once do not hinder each other", async () => {
  const run = runInfo();
  const all = Array.from({ length: 40 }, (_, index) => provision({ inline: [`echo ${index}`] }, { run }));
  const outputs = await Promise.all(all);
  assert.equal(
    outputs.map((ui) => printed(ui)[0]),
    Array.from({ length: 40 }, (_, index) => `stdout: ${index}`),
  );
});

test("exactly one of inline, script, scripts and command is needed", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "x"), "");
  const run = runInfo({ workingDirectory: folder });
  assert.equal(await problems({}), ["TPK3104 inline"]);
  assert.equal(await problems({ inline: [] }), ["TPK3104 inline"]);
  assert.equal(await problems({ inline: ["a"], command: "b" }), ["TPK3106 command"]);
  assert.equal(await problems({ script: "x", scripts: ["x"] }, run), ["TPK3106 scripts"]);
  assert.equal(await problems({ inline: ["a"], script: "x" }, run), ["TPK3106 script"]);
});

test("scripts that do not exist are all found before anything runs; those named at run time are not looked at", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "there"), "");
  const run = runInfo({ workingDirectory: folder });
  assert.equal(await problems({ scripts: ["there", "nope", ".", "{{build `ID`}}"] }, run), ["TPK3107 scripts.1", "TPK3107 scripts.2"]);
  assert.equal(await problems({ script: "nope" }, run), ["TPK3107 script"]);
});

test("malformed variables, formats, systems and templates are refused at the option", async () => {
  assert.equal(await problems({ inline: ["a"], environment_vars: ["A=1", "=x", "y"] }), [
    "TPK3105 environment_vars.1",
    "TPK3105 environment_vars.2",
  ]);
  assert.equal(await problems({ inline: ["a"], env: { "": "x" } }), ["TPK3105 env"]);
  assert.equal(await problems({ inline: ["a"], env_var_format: "%s" }), ["TPK3105 env_var_format"]);
  assert.equal(await problems({ inline: ["a"], only_on: ["linux", "plan9"] }), ["TPK3105 only_on.1"]);
  assert.equal(await problems({ inline: ["a"], execute_command: ["sh", "{{.Vars"] }), ["TPK3108 execute_command.1"]);
  assert.equal(await problems({ inline: ["a", "{{nope}}"] }), ["TPK3108 inline.1"]);
  assert.equal(await problems({ inline: ["a"], use_linux_pathing: true }), ["TPK3106 inline"]);
});

test("options that are not known yet are not judged", async () => {
  const component = await shellLocal.create();
  const unknown = { unknown: [["scripts"], ["environment_vars", 0]] };
  assert.equal(await prepare(component, { scripts: [], environment_vars: ["<unknown>"] }, unknown), []);
});

unix("100 MB of output pass through", async () => {
  const component = await shellLocal.create();
  await prepareWell(component, { inline: ["head -c 100000000 /dev/zero | tr '\\0' 'x' | fold -w 999", "printf '\\n\\377\\n'"] });
  const ui = new RecordingUi();
  let bytes = 0;
  let last = "";
  ui.output = (_stream, text) => {
    bytes += text.length;
    last = text.slice(text.lastIndexOf("\n") + 1);
  };
  await component.provision({ ui, communicator: undefined, data: {}, signal: new AbortController().signal });
  assert.ok(bytes >= 99_900_000);
  assert.is(last, "\ufffd");
});

test("the options' documentation names every option", async () => {
  const spec = await shellLocal.configSpec();
  for (const [name, option] of Object.entries(spec?.options ?? {})) assert.ok(option.description, name);
  assert.is(Object.keys(spec?.options ?? {}).length, 13);
});

test.run();
