import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import type { Environment } from "./proxy.ts";

/** Where systems keep the certificates they trust, most common first. */
const systemBundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * Certificates to trust for HTTPS: Node's own, the system's (as Packer does, so that a company's own authority works), and
 * what SSL_CERT_FILE (in place of the system's) and NODE_EXTRA_CA_CERTS name. A file that cannot be read is passed over.
 */
export async function trustedCertificates(environment: Environment): Promise<readonly string[]> {
  const chosen = environment.SSL_CERT_FILE;
  const system = await firstReadable(chosen === undefined || chosen === "" ? systemBundles : [chosen]);
  const extra = environment.NODE_EXTRA_CA_CERTS;
  const own = await firstReadable(extra === undefined || extra === "" ? [] : [extra]);
  return [...rootCertificates, ...system, ...own];
}

async function firstReadable(paths: readonly string[]): Promise<readonly string[]> {
  for (const path of paths) {
    try {
      return [await readFile(path, "utf8")];
    } catch {
      // Not on this system.
    }
  }
  return [];
}
