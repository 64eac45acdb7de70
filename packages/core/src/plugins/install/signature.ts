// Detached OpenPGP signatures of published lists of checksums (RFC 9580 section 10.4).
import type { Signature } from "openpgp";
import { errorText } from "../../diagnostics/error.ts";
import type { PublishedRelease } from "./release-source.ts";
import { keyTitle, refused, type TrustedKey } from "./trusted-keys.ts";

/** Far more than some signatures have. */
const LARGEST_SIGNATURE_BYTES = 256 * 1024;

/**
 * Checks that one of the keys has signed the list of checksums, and may still be trusted: neither expired nor revoked. `title` says in
 * messages what is signed and where it comes from. Throws `PluginError` (TPK4009) that names the key and what to do.
 */
export async function requireSigned({ sums, signature }: PublishedRelease, keys: readonly TrustedKey[], title: string): Promise<void> {
  const bytes = await signature();
  const subject = `${sums.name} of ${title}`;
  if (bytes === undefined) {
    throw refused(
      `${subject} is not signed`,
      `Its authors or the mirror publish no ${sums.name}.sig. Trusted are ${keys.map(keyTitle).join(", ")}. ` +
        "Nothing was installed; without trusted_keys, -trusted-key and -require-signed no signature is asked for.",
    );
  }
  const { createMessage, verify } = await import("openpgp");
  const parsed = await parseSignature(bytes, subject);
  const { signatures } = await verify({
    message: await createMessage({ binary: new TextEncoder().encode(sums.text) }),
    signature: parsed,
    verificationKeys: keys.map(({ key }) => key),
    format: "binary",
  });
  const problems: Problem[] = [];
  for (const { keyID, verified } of signatures) {
    // Of all signatures one will do. Each result has to be looked at: it is a promise that may fail.
    const failure = await verified.then(
      () => undefined,
      (error: unknown) => error,
    );
    const signer = keys.find(({ key }) => key.getKeys(keyID).length > 0);
    const problem = signer === undefined ? unknownKey(keyID.toHex(), keys) : await problemWith(signer, failure);
    if (problem === undefined) return;
    problems.push(problem);
  }
  // What is wrong with a key that is trusted says more than that another is not.
  const problem = problems.find(({ isKnown }) => isKnown) ?? problems[0];
  if (problem === undefined) throw refused(`the file with the signature of ${subject} holds none`, TAMPERED);
  throw refused(`${subject} is refused: ${problem.what}`, problem.hint, problem.cause);
}

// --- internal ---

interface Problem {
  readonly what: string;
  readonly hint: string;
  readonly isKnown: boolean;
  readonly cause?: unknown;
}

const TAMPERED = "Somebody has changed a file, or a download went wrong. Nothing was installed. If it stays, tell the plugin's authors.";

async function parseSignature(bytes: Buffer, subject: string): Promise<Signature> {
  if (bytes.length > LARGEST_SIGNATURE_BYTES) throw refused(`the signature of ${subject} is too large to be one`, TAMPERED);
  const { readSignature } = await import("openpgp");
  const armored = /^\s*(-----BEGIN PGP SIGNATURE-----[\s\S]*)/.exec(bytes.toString("latin1"))?.[1];
  try {
    return await (armored === undefined
      ? readSignature({ binarySignature: new Uint8Array(bytes) })
      : readSignature({ armoredSignature: armored }));
  } catch (cause) {
    throw refused(`the signature of ${subject} is no OpenPGP signature: ${errorText(cause)}`, TAMPERED, cause);
  }
}

function unknownKey(id: string, keys: readonly TrustedKey[]): Problem {
  return {
    what: `it is signed with the key ${id.toUpperCase()}, which is not trusted`,
    hint: `Trusted are ${keys.map(keyTitle).join(", ")}. If the authors have a new key, get it from them on another way than this download, and add its file.`,
    isKnown: false,
  };
}

/** What keeps a signature by a trusted key from being taken; undefined when all is well. */
async function problemWith(signer: TrustedKey, failure: unknown): Promise<Problem | undefined> {
  const title = keyTitle(signer);
  // A key that has expired or was revoked since is not trusted any more either: whoever has got hold of it can date signatures back.
  const state = await signer.key.verifyPrimaryKey().then(
    () => undefined,
    (error: unknown) => error,
  );
  const cause = state ?? failure;
  if (cause === undefined) return undefined;
  const text = errorText(cause);
  const problem = (what: string, hint: string): Problem => ({ what, hint, isKnown: true, cause });
  if (/key is revoked/i.test(text)) {
    return problem(
      `it is signed with the key ${title}, which was revoked`,
      "Get the key that its authors sign with now, and take this one out.",
    );
  }
  if (/key is expired/i.test(text)) {
    const when = await signer.key.getExpirationTime();
    const date = state !== undefined && when instanceof Date ? ` on ${when.toISOString().slice(0, 10)}` : "";
    return problem(
      `it is signed with the key ${title}, which has expired${date}`,
      "Authors prolong their keys: get a current copy of this one, or the one that they sign with now.",
    );
  }
  if (/signature is expired/i.test(text)) {
    return problem(`the signature with the key ${title} has expired`, "Its authors need to sign the release anew, or take a newer one.");
  }
  if (/creation time is in the future|newer than the signature/i.test(text)) {
    return problem(`the signature with the key ${title} has a date that cannot be: ${text}`, "Is the clock of this machine right?");
  }
  if (/digest did not match|verification failed/i.test(text)) {
    return problem(`it is not what the key ${title} has signed: it was changed since, or the signature is of another file`, TAMPERED);
  }
  return problem(`its signature with the key ${title} cannot be trusted: ${text}`, TAMPERED);
}
