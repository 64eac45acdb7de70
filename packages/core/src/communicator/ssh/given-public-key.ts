import type { RunInfo } from "../../sdk/component.ts";
import { hasText } from "../has-text.ts";
import type { CommunicatorConfig } from "../options.ts";
import { readPrivateKeyFile } from "./key-files.ts";
import { publicKeyLine } from "./private-key.ts";

/**
 * The public half of the key that the user brings in `ssh_private_key_file`, as a line of an authorized_keys file without line end: what
 * boot commands put into a machine where no temporary key is made. Empty without such a file. Throws `KeyFileError`.
 */
export async function givenPublicKey(config: CommunicatorConfig, run: RunInfo): Promise<string> {
  if (!hasText(config.ssh_private_key_file)) return "";
  const { key } = await readPrivateKeyFile(config.ssh_private_key_file, config.ssh_private_key_passphrase, run);
  return publicKeyLine(key);
}
