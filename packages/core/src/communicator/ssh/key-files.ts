import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { resolve } from "node:path";
import type { ParsedKey } from "ssh2";
import type { RunInfo } from "../../sdk/component.ts";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { PrivateKeyError, parsePrivateKey } from "./private-key.ts";

/** A key or certificate file cannot be used. The message names the file, not its content, and has no period. */
export class KeyFileError extends Error {
  /** True if there is no such file, or we may not read it. */
  readonly isUnreadable: boolean;
  readonly needsPassphrase: boolean;

  constructor(message: string, facts: { readonly isUnreadable?: boolean; readonly needsPassphrase?: boolean } = {}) {
    super(message);
    this.name = "KeyFileError";
    this.isUnreadable = facts.isUnreadable ?? false;
    this.needsPassphrase = facts.needsPassphrase ?? false;
  }
}

/** Reads and parses a private key file (row COM-07). Throws `KeyFileError`. */
export async function readPrivateKeyFile(
  file: string,
  passphrase: string | undefined,
  run: RunInfo,
): Promise<{ readonly key: ParsedKey; readonly text: string }> {
  const text = await read(file, "private key", run);
  try {
    return { key: await parsePrivateKey(text, passphrase === "" ? undefined : passphrase), text };
  } catch (error) {
    if (!(error instanceof PrivateKeyError)) throw error;
    throw new KeyFileError(`the private key ${file} cannot be used: ${error.message}`, { needsPassphrase: error.needsPassphrase });
  }
}

/** Reads and parses a user certificate, such as `ssh-keygen -s` makes (row COM-08). Throws `KeyFileError`. */
export async function readCertificateFile(file: string, run: RunInfo): Promise<Certificate> {
  const certificate = parseCertificate(await read(file, "certificate", run));
  if (certificate === undefined) throw new KeyFileError(`the certificate ${file} cannot be used: it is not an SSH user certificate`);
  return certificate;
}

/** The file a user means: `~` is the home directory, other relative paths start in the working directory. */
export function userPath(file: string, run: RunInfo): string {
  const home = run.environment.HOME ?? homedir();
  return resolve(
    run.workingDirectory,
    file.replace(/^~(?=$|[/\\])/, () => home),
  );
}

async function read(file: string, what: string, run: RunInfo): Promise<string> {
  try {
    return await readFile(userPath(file, run), "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const reason = code === "ENOENT" ? "it does not exist" : code === "EISDIR" ? "it is a folder" : `it cannot be read (${String(code)})`;
    throw new KeyFileError(`the ${what} ${file} cannot be used: ${reason}`, { isUnreadable: true });
  }
}
