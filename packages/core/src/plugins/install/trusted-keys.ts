// The OpenPGP keys (RFC 9580) that releases of plugins have to be signed with, as files of public keys.
import type { PublicKey } from "openpgp";
import { errorText, PluginError } from "../../diagnostics/error.ts";
import { readBoundedFile } from "../../files/bounded-file.ts";
import { fileTrouble } from "../../files/file-trouble.ts";

/** A public key, and where it comes from. */
export interface TrustedKey {
  readonly key: PublicKey;
  /** The file as the user names it, for messages. */
  readonly file: string;
}

/** A file of keys. */
export interface KeyFile {
  /** Absolute. */
  readonly path: string;
  /** As the user names it. */
  readonly shown: string;
}

/** Far more than a key with many signatures of others has. */
const LARGEST_KEY_BYTES = 4 * 1024 * 1024;

/**
 * Reads files of public keys, armored or binary; a file may hold several. Throws `PluginError` (TPK4009) for a file that holds none, or a
 * private one, and when there are no files at all: who asks for signatures has to say whose.
 */
export async function readTrustedKeys(files: readonly KeyFile[]): Promise<readonly TrustedKey[]> {
  if (files.length === 0) {
    throw refused(
      "signatures are required, and no key is trusted",
      "Name files with the public keys of the authors: trusted_keys of packer() in image.ts, or -trusted-key=FILE. See docs/plugins-install.md.",
    );
  }
  const keys: TrustedKey[] = [];
  for (const { path, shown } of files) {
    const content = await readKeyFile(path, shown);
    for (const key of await keysIn(content, shown)) {
      if (key.isPrivate()) {
        throw refused(
          `${shown} holds a private key`,
          "Put a file with the public key there, as `gpg --armor --export KEY` writes it. Whoever could read the private one can sign with it.",
        );
      }
      keys.push({ key, file: shown });
    }
  }
  return keys;
}

/** A key in a message: its fingerprint, whose it is, and the file. */
export function keyTitle({ key, file }: TrustedKey): string {
  // Text of others goes to a terminal.
  const [user = ""] = key.getUserIDs().map((id) => id.replace(/\p{Cc}/gu, "").slice(0, 100));
  return `${key.getFingerprint().toUpperCase()} (${user === "" ? "" : `${user}, `}${file})`;
}

/** A failure about signatures. */
export function refused(message: string, hint: string, cause?: unknown): PluginError {
  return new PluginError(message, { code: "TPK4009", hint, cause });
}

// --- internal ---

const EXPORT_HINT = "A file of public keys is what `gpg --armor --export KEY` writes.";

async function readKeyFile(path: string, shown: string): Promise<Buffer> {
  let content: Buffer | undefined;
  try {
    content = await readBoundedFile(path, LARGEST_KEY_BYTES);
  } catch (cause) {
    throw refused(`the trusted key ${shown} could not be read: ${fileTrouble(cause)}`, EXPORT_HINT, cause);
  }
  if (content === undefined) throw refused(`the trusted key ${shown} could not be read: it is too large`, EXPORT_HINT);
  return content;
}

async function keysIn(content: Buffer, shown: string): Promise<readonly PublicKey[]> {
  const { readKeys } = await import("openpgp");
  const text = content.toString("latin1");
  const blocks = text.match(/-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-----[\s\S]*?-----END PGP \1 KEY BLOCK-----/g) ?? [];
  try {
    if (blocks.length === 0) return await readKeys({ binaryKeys: new Uint8Array(content) });
    const lists = await Promise.all(blocks.map((armoredKeys) => readKeys({ armoredKeys: `${armoredKeys}\n` })));
    return lists.flat();
  } catch (cause) {
    throw refused(`${shown} holds no public key: ${errorText(cause)}`, EXPORT_HINT, cause);
  }
}
