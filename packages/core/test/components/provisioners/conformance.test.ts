import { once } from "node:events";
import { join } from "node:path";
import { lab, localCommunicator, provisionerConformance, tmp } from "@tspack/test-support";
import { test } from "uvu";
import file from "../../../src/components/provisioners/file.ts";
import powershell from "../../../src/components/provisioners/powershell.ts";
import shell from "../../../src/components/provisioners/shell.ts";
import shellLocal from "../../../src/components/provisioners/shell-local.ts";
import sleep from "../../../src/components/provisioners/sleep.ts";
import windowsRestart from "../../../src/components/provisioners/windows-restart.ts";
import windowsShell from "../../../src/components/provisioners/windows-shell.ts";
import { CancelledError } from "../../../src/diagnostics/error.ts";
import type { Communicator } from "../../../src/sdk/communicator.ts";
import { recordingCommunicator } from "../windows/recorded-machine.ts";

const unix = lab(test, "linux");

provisionerConformance(
  (name, body) => unix(`shell ${name}`, body),
  async () => {
    const machine = tmp("machine");
    return {
      factory: shell,
      config: { inline: ["true"], remote_folder: machine, use_env_var_file: true },
      endless: { inline: ["sleep 1000"], remote_folder: machine, use_env_var_file: true },
      wrong: { config: { script: "/no/such" }, option: "script" },
      communicator: localCommunicator(machine),
      folders: [machine],
    };
  },
);

provisionerConformance(
  (name, body) => unix(`shell-local ${name}`, body),
  async () => ({
    factory: shellLocal,
    config: { inline: ["true"] },
    endless: { inline: ["sleep 1000"] },
    wrong: { config: { inline: ["true"], only_on: ["plan9"] }, option: "only_on" },
    communicator: undefined,
    folders: [],
  }),
);

provisionerConformance(
  (name, body) => unix(`file ${name}`, body),
  async () => {
    const machine = tmp("machine");
    const here = tmp("here");
    // A machine whose files begin and never end.
    const communicator: Communicator = {
      ...localCommunicator(machine),
      async download({ content, signal }) {
        content.write("beginning");
        if (!signal.aborted) await once(signal, "abort");
        content.destroy();
        throw new CancelledError();
      },
    };
    return {
      factory: file,
      config: { content: "x", destination: "x" },
      endless: { source: "endless", destination: join(here, "out"), direction: "download" },
      wrong: { config: { source: "/no/such", destination: "x" }, option: "source" },
      communicator,
      folders: [machine, here],
    };
  },
);

provisionerConformance(
  (name, body) => test(`sleep ${name}`, body),
  async () => ({
    factory: sleep,
    config: { duration: "1ms" },
    endless: { duration: "10h" },
    wrong: { config: { duration: "soon" }, option: "duration" },
    communicator: undefined,
    folders: [],
  }),
);

/** A machine on which a command with "endless" in it does not end, nor does a task. */
function windowsMachine(): Communicator {
  return recordingCommunicator([], async (command, signal) => {
    if (command.includes("restarted.")) return { stdout: "WIN restarted." };
    if (!/endless|elevated/.test(command)) return undefined;
    if (!signal.aborted) await once(signal, "abort");
    throw new CancelledError();
  });
}

for (const [factory, config, endless, wrong] of [
  [powershell, { inline: ["x"] }, { inline: ["x"], remote_path: "endless", elevated_user: "SYSTEM" }, { script: "/no/such" }],
  [windowsShell, { inline: ["x"] }, { inline: ["x"], remote_path: "endless" }, { script: "/no/such" }],
  [windowsRestart, {}, { restart_command: "endless" }, { restart_timeout: "soon" }],
] as const) {
  provisionerConformance(
    (name, body) => test(`${factory.type} ${name}`, body),
    async () => ({
      factory,
      config,
      endless,
      wrong: { config: wrong, option: Object.keys(wrong)[0] ?? "" },
      communicator: windowsMachine(),
      folders: [],
    }),
  );
}

test.run();
