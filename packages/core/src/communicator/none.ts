import { CommunicatorError } from "../diagnostics/error.ts";
import type { Communicator } from "../sdk/communicator.ts";

/**
 * The communicator of a machine nobody connects to (row CON-15): commands report success without having run, and whatever
 * moves a file fails.
 */
export function noneCommunicator(): Communicator {
  const refuse = async (): Promise<never> => {
    throw new CommunicatorError('files cannot be transferred with communicator "none"', {
      code: "TPK5006",
      hint: 'Connect to the machine, for example with communicator "ssh", or leave out the provisioner.',
    });
  };
  return {
    async execute(command) {
      command.stdin?.destroy();
      return { exitCode: 0 };
    },
    async upload(file) {
      file.content.destroy();
      return refuse();
    },
    uploadDirectory: refuse,
    download: refuse,
    downloadDirectory: refuse,
  };
}
