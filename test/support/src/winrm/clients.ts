// Clients that others wrote: Packer's Go libraries and Debian's pywinrm. They judge the server.
import { execFile, execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findLabProgram } from "../lab.ts";
import { tmp } from "../tmp.ts";
import type { WinrmServer } from "./server.ts";

/** What a client printed, and its own exit code. */
export interface ClientAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the Go client of e2e/winrm-client (`lab(test, "go")`), which is built once per process. `input` is its standard input. */
export async function runGoClient(server: WinrmServer, args: readonly string[], { ntlm = false, input = "" } = {}): Promise<ClientAnswer> {
  if (built === undefined) {
    const file = join(tmp("winrm-client"), "winrm-client");
    execFileSync(findLabProgram("go") ?? "go", ["build", "-o", file, "."], {
      cwd: fileURLToPath(new URL("../../../../e2e/winrm-client", import.meta.url)),
      stdio: ["ignore", "ignore", "inherit"],
    });
    built = file;
  }
  const authority = server.certificate === undefined ? [] : ["-ca", writeCertificate(server.certificate)];
  const login = ["-port", String(server.port), "-user", server.user, "-password", server.password, ...(ntlm ? ["-ntlm"] : [])];
  return await runClient(built, [...login, ...authority, ...args], {}, input);
}

/**
 * Runs a Python program (`lab(test, "python3-winrm")`) that finds a `winrm.Protocol` in `p`, a function `session` that makes a
 * `winrm.Session` with other options, and `json`.
 */
export async function runPython(server: WinrmServer, transport: "basic" | "ntlm", program: string): Promise<ClientAnswer> {
  const options = {
    endpoint: `${server.certificate === undefined ? "http" : "https"}://127.0.0.1:${server.port}/wsman`,
    transport,
    username: server.user,
    password: server.password,
    ...(server.certificate === undefined ? {} : { ca_trust_path: writeCertificate(server.certificate) }),
  };
  const text = [
    "import json, sys, winrm",
    "from winrm.protocol import Protocol",
    "options = json.loads(sys.argv[1])",
    "p = Protocol(**options)",
    "def session(**more):",
    "    given = {**options, **more}",
    "    return winrm.Session(given.pop('endpoint'), auth=(given.pop('username'), given.pop('password')), **given)",
    program,
  ].join("\n");
  // Debian's Python takes MD4 from OpenSSL, which has it in its legacy provider only.
  const config = join(tmp("openssl"), "openssl.cnf");
  writeFileSync(config, "openssl_conf = init\n[init]\nproviders = providers\n[providers]\ndefault = on\nlegacy = on\n[on]\nactivate = 1\n");
  return await runClient("/usr/bin/python3", ["-c", text, JSON.stringify(options)], { OPENSSL_CONF: config }, "");
}

// --- internal ---

let built: string | undefined;

function writeCertificate(certificate: string): string {
  const file = join(tmp("certificate"), "server.pem");
  writeFileSync(file, certificate);
  return file;
}

async function runClient(file: string, args: readonly string[], more: NodeJS.ProcessEnv, input: string): Promise<ClientAnswer> {
  // No proxy and no bundle of certificates of the developer's own.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...more };
  return await new Promise((resolve) => {
    const child = execFile(file, args, { env, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : typeof error.code === "number" ? error.code : 1, stdout, stderr });
    });
    // A client that reads nothing has closed it already.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}
