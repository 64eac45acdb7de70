import { once } from "node:events";
import { join } from "node:path";
import { lab, localCommunicator, provisionerConformance, tmp } from "@tspack/test-support";
import { test } from "uvu";
import file from "../../../src/components/provisioners/file.ts";
import shell from "../../../src/components/provisioners/shell.ts";
import shellLocal from "../../../src/components/provisioners/shell-local.ts";
import sleep from "../../../src/components/provisioners/sleep.ts";
import { CancelledError } from "../../../src/diagnostics/error.ts";
import type { Communicator } from "../../../src/sdk/communicator.ts";

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

test.run();
