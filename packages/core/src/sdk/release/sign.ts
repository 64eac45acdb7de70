// Detached signatures, made by gpg, which has the author's keys.
import { spawn } from "node:child_process";
import { BuildError } from "../../diagnostics/error.ts";

/** With what a release is signed. */
export interface Signing {
  /** A key that gpg has: its fingerprint, or the address in it. */
  readonly key: string;
  /** Of the key; gpg asks its agent unless given. */
  readonly passphrase?: string | undefined;
}

/** A signature takes no time; gpg waits for whoever it asks for a passphrase. */
const TIMEOUT_MS = 120_000;
const LONGEST_REPORT = 4_000;

/** Writes the detached signature of a file beside it, as `FILE.sig`, and returns its path. Replaces one that is there. */
export async function signFile(file: string, { key, passphrase }: Signing): Promise<string> {
  const signature = `${file}.sig`;
  const unlock = passphrase === undefined ? [] : ["--pinentry-mode", "loopback", "--passphrase-fd", "0"];
  await gpg(["--batch", "--yes", ...unlock, "--local-user", key, "--output", signature, "--detach-sign", file], passphrase);
  return signature;
}

// --- internal ---

function gpg(words: readonly string[], input = ""): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("gpg", words, { stdio: ["pipe", "ignore", "pipe"], timeout: TIMEOUT_MS, windowsHide: true });
    let report = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      report = (report + text).slice(-LONGEST_REPORT);
    });
    child.on("error", (cause) => {
      const hint = "Install GnuPG, or release without a signature.";
      reject(new BuildError("gpg, which signs the release, could not be run", { code: "TPK6008", cause, hint }));
    });
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new BuildError(`gpg could not sign the release (${code ?? signal}):\n${report.trim()}`, { code: "TPK6006" }));
    });
    // One that ends without reading is told by its exit code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
