import { errorText } from "../../diagnostics/error.ts";
import type { Communicator } from "../../sdk/communicator.ts";
import type { Ui } from "../../sdk/ui.ts";
import { throwIfAborted } from "../abort.ts";
import { hasText } from "../has-text.ts";
import type { CommunicatorConfig } from "../options.ts";

/**
 * Takes the temporary key out of the authorized keys of the user and, where sudo allows that without a password, of root (row
 * COM-15). Does nothing unless `ssh_clear_authorized_keys` is set. For builders, after the provisioners: what fails, a lost connection
 * too, is a warning, since an image with one more dead key is still an image. Throws a cancellation alone.
 */
export async function clearAuthorizedKeys(
  communicator: Communicator,
  options: { readonly config: CommunicatorConfig; readonly ui: Ui; readonly signal: AbortSignal },
): Promise<void> {
  const { config, ui, signal } = options;
  const name = config.temporary_key_pair_name;
  if (!config.ssh_clear_authorized_keys || !hasText(name)) return;
  ui.say("Removing the temporary key from the authorized keys of the machine");
  const remove = (file: string): string => `sed -i.tspack '/ ${escapePattern(name)}$/d' ${file} && rm -f ${file}.tspack`;
  const commands = [
    `test ! -e ~/.ssh/authorized_keys || { ${remove("~/.ssh/authorized_keys")}; }`,
    `! sudo -n test -e /root/.ssh/authorized_keys 2>/dev/null || sudo -n sh -c ${quote(remove("/root/.ssh/authorized_keys"))}`,
  ];
  for (const command of commands) {
    const trouble = await communicator.execute({ command, signal }).then(
      ({ exitCode }) => (exitCode === 0 ? undefined : `exit code ${exitCode}`),
      (error: unknown) => errorText(error),
    );
    throwIfAborted(signal);
    if (trouble !== undefined) ui.error(`The temporary key could not be removed (${trouble}); take it out of the authorized keys by hand`);
  }
}

// --- internal ---

/** A text as it stands inside a basic regular expression between slashes and single quotes. */
function escapePattern(text: string): string {
  return text.replace(/[\\/.*[\]^$]/g, "\\$&").replaceAll("'", "'\\''");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
