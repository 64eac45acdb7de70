import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  lab,
  localCommunicator,
  packerVariables,
  prepare,
  prepareWell,
  RecordingUi,
  rejects,
  runInfo,
  tmp,
  within,
} from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import shell from "../../../src/components/provisioners/shell.ts";
import { CommunicatorError } from "../../../src/diagnostics/error.ts";
import type { Config } from "../../../src/program/program.ts";
import { type Communicator, DISCONNECT_EXIT_CODE } from "../../../src/sdk/communicator.ts";
import type { RunInfo } from "../../../src/sdk/component.ts";
import type { GeneratedData } from "../../../src/sdk/hook.ts";

const unix = lab(test, "linux");

interface Bench {
  /** The folder on the "machine" that scripts are uploaded to. */
  readonly machine: string;
  readonly ui: RecordingUi;
  readonly controller: AbortController;
  /** What the scripts printed. */
  printed(): string[];
  provision(config: Config, changes?: Changes): Promise<void>;
}

interface Changes {
  readonly data?: GeneratedData;
  readonly run?: RunInfo;
  /** Replaces parts of the communicator. */
  readonly communicator?: (real: Communicator) => Partial<Communicator>;
}

function bench(): Bench {
  const machine = tmp("machine");
  const ui = new RecordingUi();
  const controller = new AbortController();
  return {
    machine,
    ui,
    controller,
    printed: () => ui.lines.filter((line) => !line.startsWith("say: ")),
    async provision(config, { data = {}, run = runInfo(), communicator = () => ({}) } = {}) {
      const component = await shell.create();
      await prepareWell(component, { remote_folder: machine, ...config }, { run, packer: packerVariables({ packer_build_name: "deb" }) });
      const real = localCommunicator(machine);
      await component.provision({ ui, communicator: { ...real, ...communicator(real) }, data, signal: controller.signal });
    },
  };
}

async function problems(config: Config, run = runInfo()): Promise<string[]> {
  return (await prepare(await shell.create(), config, { run })).map(({ code, path }) => `${code} ${path?.join(".")}`);
}

unix("an inline script is uploaded, made executable, run with /bin/sh -e and removed", async () => {
  const { provision, printed, machine } = bench();
  await provision({ inline: ['head -1 "$0"', 'basename "$0"', 'stat -c %a "$0"', "echo err >&2", "true"] });
  const [shebang, name, mode, error] = printed();
  assert.is(shebang, "stdout: #!/bin/sh -e");
  assert.match(name ?? "", /^stdout: script_\d{1,4}\.sh$/);
  assert.is(mode, "stdout: 755");
  assert.is(error, "stderr: err");
  assert.equal(readdirSync(machine), []);
});

unix("an inline script that brings its own first line keeps it, unless inline_shebang says otherwise", async () => {
  const first = async (config: Config) => {
    const { provision, printed } = bench();
    await provision(config);
    return printed()[0];
  };
  assert.is(await first({ inline: ["#!/bin/sh", "false", 'head -1 "$0"'] }), "stdout: #!/bin/sh");
  assert.is(
    await first({ inline: ["#!/bin/no", 'head -1 "$0"'], inline_shebang: "/bin/sh -x" }).then((line) => line?.slice(0, 8)),
    "stderr: ",
  );
});

unix("inline lines see the values of the build", async () => {
  const { provision, printed } = bench();
  await provision({ inline: ["echo {{.Host}} {{build `ID`}}"] }, { data: { Host: "10.0.0.1", ID: "i-1" } });
  assert.equal(printed(), ["stdout: 10.0.0.1 i-1"]);
});

unix("scripts run in order under the same path; Windows line ends are rewritten and the last line is ended", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "a.sh"), "#!/bin/sh\r\necho a\r\necho $0\r\n");
  writeFileSync(join(folder, "b.sh"), "#!/bin/sh\necho b\necho $0");
  const { provision, ui } = bench();
  await provision({ scripts: ["a.sh", "b.sh"], remote_file: "same.sh" }, { run: runInfo({ workingDirectory: folder }) });
  const lines = ui.lines.map((line) => line.replace(/\/.*\//, ""));
  assert.equal(lines, [
    "say: Provisioning with shell script: a.sh",
    "stdout: a",
    "stdout: same.sh",
    "say: Provisioning with shell script: b.sh",
    "stdout: b",
    "stdout: same.sh",
  ]);
});

unix("a binary script goes over byte by byte", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "x"), "#!/bin/sh\nprintf '\r\n' | od -An -c; tail -c1 $0\nexit 0\n#\r\nend");
  const { provision, printed, machine } = bench();
  await provision(
    { script: "x", binary: true, remote_path: join(machine, "kept"), skip_clean: true },
    { run: runInfo({ workingDirectory: folder }) },
  );
  assert.equal(readFileSync(join(machine, "kept")), readFileSync(join(folder, "x")));
  assert.equal(printed(), ["stdout:   \\r  \\n", "stdout: d"]);
});

unix("remote_path overrides folder and file; spaces in it do no harm", async () => {
  const { provision, printed, machine } = bench();
  await provision({ inline: ['echo "$0"'], remote_folder: "/no/such", remote_path: join(machine, "a b;c") });
  assert.equal(printed(), [`stdout: ${join(machine, "a b;c")}`]);
  assert.equal(readdirSync(machine), []);
});

unix("variables: automatic ones, quoting, env over environment_vars", async () => {
  const { provision, printed } = bench();
  await provision(
    {
      inline: ['echo "$PACKER_BUILD_NAME $PACKER_BUILDER_TYPE $PACKER_HTTP_ADDR|$PACKER_HTTP_IP|$A|$B"'],
      environment_vars: ["A=it's {{build `ID`}} $HOME", "B=1"],
      env: { B: "{{.Two}}" },
    },
    { data: { ID: "i'1", Two: "{{2}}", PackerHTTPAddr: "1.2.3.4:80", PackerHTTPIP: "ERR_HTTP_IP_NOT_IMPLEMENTED_BY_BUILDER" } },
  );
  assert.equal(printed(), ["stdout: deb null 1.2.3.4:80||it's i'1 $HOME|{{2}}"]);
});

unix("execute_command is rendered with Path, Vars and the values of the build", async () => {
  const { provision, printed } = bench();
  await provision(
    {
      inline: ["echo unused"],
      execute_command: "echo '{{.Path}}' \"{{.Vars}}\" {{.Host}} [{{.EnvVarFile}}]",
      env_var_format: "%s:%s,",
      remote_file: "f",
    },
    { data: { Host: "h" } },
  );
  assert.match(printed()[0] ?? "", /^stdout: \/.*\/f PACKER_BUILDER_TYPE:null,PACKER_BUILD_NAME:deb, h \[\]$/);
});

unix("use_env_var_file sources a file of mode 600 and removes it with the script", async () => {
  const { provision, printed, machine } = bench();
  await provision({
    inline: [`stat -c "%a %n" ${machine}/varfile_*`, `cat ${machine}/varfile_*`, 'echo "$A"'],
    environment_vars: ["A=it's"],
    use_env_var_file: true,
  });
  const [stat, ...rest] = printed();
  assert.match(stat ?? "", /^stdout: 600 .*\/varfile_\d{1,4}\.sh$/);
  assert.equal(rest, [
    `stdout: export A='it'"'"'s'`,
    "stdout: export PACKER_BUILDER_TYPE='null'",
    "stdout: export PACKER_BUILD_NAME='deb'",
    "stdout: it's",
  ]);
  assert.equal(readdirSync(machine), []);
});

unix("an exit code that is not allowed fails with the allowed ones, and the script is removed all the same", async () => {
  const { provision, machine } = bench();
  await rejects(provision({ inline: ["exit 3"], valid_exit_codes: [0, 2] }), {
    code: "TPK6006",
    message: /the inline script exited with code 3; allowed are 0, 2$/,
  });
  assert.equal(readdirSync(machine), []);
  await provision({ inline: ["exit 2"], valid_exit_codes: [0, 2] });
});

unix("skip_clean leaves the script there", async () => {
  const { provision, machine } = bench();
  await provision({ inline: ["true"], skip_clean: true, remote_file: "left.sh" });
  assert.equal(readdirSync(machine), ["left.sh"]);
});

unix("a script that cannot be removed fails the build", async () => {
  const { provision } = bench();
  // A folder in the script's place: rm -f refuses it, for root too.
  await rejects(provision({ inline: ['rm "$0"', 'mkdir "$0"'] }), { code: "TPK6002", message: /could not remove .*script_.*directory/i });
});

unix("a lost connection fails with a hint, unless it is expected or its code is allowed", async () => {
  const losing = { communicator: (real: Communicator): Partial<Communicator> => ({ execute: loseScripts(real) }) };
  const error = await rejects(bench().provision({ inline: ["true"] }, losing), {
    code: "TPK5004",
    message: /lost while the inline script ran/,
  });
  assert.match(String((error as CommunicatorError).hint), /expect_disconnect/);
  await bench().provision({ inline: ["true"], expect_disconnect: true }, losing);
  await bench().provision({ inline: ["true"], valid_exit_codes: [0, DISCONNECT_EXIT_CODE] }, losing);
});

/** Runs everything but the script, whose connection goes away. */
function loseScripts(real: Communicator): Communicator["execute"] {
  return async (command) => (/^(chmod 0|rm )/.test(command.command) ? real.execute(command) : { exitCode: DISCONNECT_EXIT_CODE });
}

unix("upload, chmod and start are tried again together, and removal waits for the machine to come back", async () => {
  const { provision, printed, machine } = bench();
  let uploads = 0;
  let removals = 0;
  await within(30_000, () =>
    provision(
      { inline: ["echo done"] },
      {
        communicator: (real) => ({
          upload: async (file) => {
            if (++uploads === 1) throw new CommunicatorError("the machine restarts");
            await real.upload(file);
          },
          execute: async (command) =>
            command.command.startsWith("rm ") && ++removals === 1 ? { exitCode: DISCONNECT_EXIT_CODE } : real.execute(command),
        }),
      },
    ),
  );
  assert.equal(printed(), ["stdout: done"]);
  assert.equal([uploads, removals], [2, 2]);
  assert.equal(readdirSync(machine), []);
});

unix("a build that is cancelled while scripts are removed leaves none", async () => {
  const { provision, machine, controller } = bench();
  const communicator = (real: Communicator): Partial<Communicator> => ({
    execute: async (command) => {
      if (!command.command.startsWith("rm ") || controller.signal.aborted) return real.execute(command);
      controller.abort();
      return { exitCode: DISCONNECT_EXIT_CODE };
    },
  });
  await rejects(within(30_000, () => provision({ inline: ["true"] }, { communicator })));
  assert.ok(controller.signal.aborted);
  assert.equal(readdirSync(machine), []);
});

unix("trying again ends with start_retry_timeout, and does not begin where it cannot help", async () => {
  const failing = (code: "TPK5005" | "TPK5006") => ({
    communicator: (): Partial<Communicator> => ({ upload: async () => Promise.reject(new CommunicatorError("no", { code })) }),
  });
  await within(20_000, () =>
    rejects(bench().provision({ inline: ["true"], start_retry_timeout: "1s" }, failing("TPK5005")), {
      code: "TPK5005",
      message: /could not upload and start the inline script in time/,
    }),
  );
  await within(20_000, () => rejects(bench().provision({ inline: ["true"] }, failing("TPK5006")), { code: "TPK5006", message: /^no$/ }));
});

unix("an abort stops a hanging script and removes it", async () => {
  const { provision, controller, machine } = bench();
  const flag = join(tmp(), "started");
  const result = provision({ inline: [`echo > ${flag}`, "sleep 1000"] });
  await within(20_000, async () => {
    while (!existsSync(flag)) await new Promise(setImmediate);
  });
  controller.abort();
  await within(20_000, () => rejects(result, { code: "TPK6009" }));
  assert.equal(readdirSync(machine), []);
});

unix("pause_after waits after success, and an abort ends the wait", async () => {
  const { provision, controller, ui } = bench();
  ui.say = (text) => {
    if (text.startsWith("Pausing 1 hour")) controller.abort();
  };
  await within(20_000, () => rejects(provision({ inline: ["true"], pause_after: "1h" }), { code: "TPK6009" }));
});

unix("100 MB of output and bytes that are no UTF-8 pass through", async () => {
  const { provision, ui } = bench();
  let characters = 0;
  let last = "";
  ui.output = (_stream, text) => {
    characters += text.length;
    last = text.slice(text.lastIndexOf("\n") + 1);
  };
  await provision({ inline: ["head -c 100000000 /dev/zero | tr '\\0' x | fold -w 999", "printf '\\n\\377\\n'"] });
  assert.ok(characters >= 100_000_000);
  assert.is(last, "\ufffd");
});

test("a builder without a communicator is told what to do instead", async () => {
  const component = await shell.create();
  await prepareWell(component, { inline: ["true"] });
  const signal = new AbortController().signal;
  await rejects(component.provision({ ui: new RecordingUi(), communicator: undefined, data: {}, signal }), { code: "TPK5006" });
});

test("exactly one of inline, script and scripts is needed, and scripts have to be there", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "x"), "");
  const run = runInfo({ workingDirectory: folder });
  assert.equal(await problems({}), ["TPK3104 inline"]);
  assert.equal(await problems({ inline: [], script: "x" }, run), []);
  assert.equal(await problems({ script: "x", scripts: ["x"] }, run), ["TPK3106 scripts"]);
  assert.equal(await problems({ inline: ["a"], scripts: ["x"] }, run), ["TPK3106 scripts"]);
  assert.equal(await problems({ scripts: ["x", "nope", "."] }, run), ["TPK3107 scripts.1", "TPK3107 scripts.2"]);
  assert.equal(await problems({ script: "nope" }, run), ["TPK3107 script"]);
});

test("malformed variables, formats, durations and templates are refused at the option", async () => {
  assert.equal(await problems({ inline: ["a"], environment_vars: ["=x", "A=1", "y"] }), [
    "TPK3105 environment_vars.0",
    "TPK3105 environment_vars.2",
  ]);
  assert.equal(await problems({ inline: ["a"], env_var_format: "%s %s %s" }), ["TPK3105 env_var_format"]);
  assert.equal(await problems({ inline: ["a"], execute_command: "{{.Foo" }), ["TPK3108 execute_command"]);
  assert.equal(await problems({ inline: ["{{nope}}"] }), ["TPK3108 inline.0"]);
  assert.equal(await problems({ inline: ["a"], pause_after: "soon" }), ["TPK3105 pause_after"]);
});

test("there are 18 options, each with a description", async () => {
  const options = Object.entries((await shell.configSpec())?.options ?? {});
  assert.is(options.length, 18);
  for (const [name, option] of options) assert.ok(option.description, name);
});

test.run();
