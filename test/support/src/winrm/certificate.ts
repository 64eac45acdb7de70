// A self-signed certificate for servers of tests, made by openssl at run time.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tmp } from "../tmp.ts";

/** A certificate and its key. */
export interface TestCertificate {
  /** PEM. */
  readonly cert: string;
  /** PEM, without a passphrase. */
  readonly key: string;
}

/** Makes a certificate for 127.0.0.1 and localhost that is valid for a day; once per process. */
export function makeCertificate(): TestCertificate {
  if (made !== undefined) return made;
  const folder = tmp("certificate");
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const shape = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-sha256", "-days", "1"];
  execFileSync("openssl", [...shape, ...subject, "-keyout", key, "-out", cert], { stdio: ["ignore", "ignore", "pipe"] });
  made = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  return made;
}

// --- internal ---

let made: TestCertificate | undefined;
