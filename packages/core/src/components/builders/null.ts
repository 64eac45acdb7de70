// The builder that builds nothing: it runs provisioners on a machine that exists already (rows BLD-06..08).
import { checkCommunicator, communicatorOptions } from "../../communicator/options.ts";
import { defineBuilder } from "../../sdk/config/define.ts";
import { fileArtifact } from "../../sdk/file-artifact.ts";
import { connectionKey, connectStep } from "../../sdk/steps/connect.ts";
import { provisionStep } from "../../sdk/steps/provision.ts";
import { runSteps } from "../../sdk/steps/runner.ts";

/** What Packer's null builder answers for `ID`, and the id of its artifact. */
const ID = "Null";

export default defineBuilder({
  type: "null",
  description: "Connects to a machine that exists already and provisions it; makes no artifact of its own.",
  options: communicatorOptions,
  check: ({ config, run, isUnknown }) => checkCommunicator(config, { isUnknown, run, existingMachine: true }),
  async run({ config, hook, ui, signal, packer, run }) {
    const steps = [
      connectStep({ config }),
      provisionStep({
        hook,
        communicator: (state) => state.get(connectionKey).communicator,
        data: (state) => ({ ...state.get(connectionKey).data, ID }),
      }),
    ];
    await runSteps(steps, { ui, signal, packer, run });
    return fileArtifact({
      builderId: "fnoeding.null",
      id: ID,
      files: [],
      description: "Nothing was made: this is the null builder",
      state: { generated_data: { ID } },
    });
  },
});
