// What Debian's Packer does to a Windows machine: the reference for our communicator and provisioners.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findLabProgram } from "../lab.ts";
import { tmp } from "../tmp.ts";
import { startWinrm, type WinrmOptions } from "./server.ts";

/** What a build of Packer starts with. */
export interface PackerWinrmOptions {
  /** More lines of the `null` source, in HCL. */
  readonly source?: string;
  /** Files beside the template, in folders perhaps, which is the working directory. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** The machine; its `auth` and `tls` are put into the source. */
  readonly winrm?: WinrmOptions;
  /** Files that are on the machine before. */
  readonly machineFiles?: Readonly<Record<string, string | Uint8Array>>;
  /** Ends Packer when it takes longer; 120 seconds if not given. Windows provisioners of Packer retry for minutes. */
  readonly limitMs?: number;
}

/** A file that was sent to the machine, in the order of arrival. */
export interface UploadedFile {
  /** As the client wrote it, with backslashes. */
  readonly path: string;
  readonly data: Buffer;
}

/** What came of a build of Packer. */
export interface PackerWinrmBuild {
  /** The working directory, with what was downloaded. */
  readonly directory: string;
  /** Undefined when it was ended at its limit. */
  readonly exitCode: number | undefined;
  /** Standard output and error, `-color=false`, line ends of Linux. */
  readonly output: string;
  /** See `WinrmServer.commands`. */
  readonly commands: readonly string[];
  /** The same without what moves files, waits for the machine, or carries base64: what provisioners ran. */
  readonly provisioning: readonly string[];
  /** Every upload, with those that were overwritten or removed later. */
  readonly uploads: readonly UploadedFile[];
  /** The files of the machine at the end. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Runs `packer build` (needs `lab(test, "packer")`) with a null builder that logs in to a fresh machine, and with these provisioner blocks, in HCL:
 * `packerOverWinrm('provisioner "windows-shell" { inline = ["echo hi"] }')`.
 */
export async function packerOverWinrm(provisioners: string, options: PackerWinrmOptions = {}): Promise<PackerWinrmBuild> {
  const server = await startWinrm(options.winrm);
  try {
    for (const [path, content] of Object.entries(options.machineFiles ?? {})) server.files.set(path, Buffer.from(content));
    const folder = tmp("packer-winrm");
    for (const [name, content] of Object.entries(options.files ?? {})) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const lines = [
      'source "null" "machine" {',
      'communicator = "winrm"',
      `winrm_host = ${JSON.stringify(server.host)}`,
      `winrm_port = ${server.port}`,
      `winrm_username = ${JSON.stringify(server.user)}`,
      `winrm_password = ${JSON.stringify(server.password)}`,
      'winrm_timeout = "60s"',
      ...(options.winrm?.tls === true ? ["winrm_use_ssl = true", "winrm_insecure = true"] : []),
      ...(options.winrm?.auth?.includes("ntlm") === true ? ["winrm_use_ntlm = true"] : []),
      options.source ?? "",
      "}",
      'build {\nsources = ["source.null.machine"]',
      provisioners,
      "}",
    ];
    writeFileSync(join(folder, "template.pkr.hcl"), `${lines.join("\n")}\n`);
    const { exitCode, output } = await runPacker(folder, options.limitMs ?? 120_000);
    const commands = [...server.commands];
    return {
      directory: folder,
      exitCode,
      output,
      commands,
      provisioning: provisioningOf(commands),
      uploads: uploadsOf(commands),
      files: new Map(server.files),
    };
  } finally {
    await server.close();
  }
}

/** The files that winrmcp sent, put together from the commands it ran. */
export function uploadsOf(commands: readonly string[]): readonly UploadedFile[] {
  const parts = new Map<string, Buffer[]>();
  const uploads: UploadedFile[] = [];
  for (const command of commands) {
    const piece = appended.exec(command);
    if (piece !== null) {
      const name = piece[2] ?? "";
      parts.set(name, [...(parts.get(name) ?? []), Buffer.from(piece[1] ?? "", "base64")]);
    }
    const placed = restored.exec(command);
    if (placed === null) continue;
    const path = (placed[2] ?? "").replace(/^'+|'+$/g, "");
    uploads.push({ path, data: Buffer.concat(parts.get(placed[1] ?? "") ?? []) });
  }
  return uploads;
}

// --- internal ---

const appended = /^echo ([0-9A-Za-z+/=]*) >> "%TEMP%\\(winrmcp-[^"]+)"$/;
const restored = /\$tmp_file_path = .*\\(winrmcp-[^"\\]+)"\)\s+\$dest_file_path = .*?\("([^"]+)"\.Trim/;

function provisioningOf(commands: readonly string[]): readonly string[] {
  return commands
    .filter((command) => !appended.test(command) && !/\$tmp_file_path|echo "WinRM connected\."/.test(command))
    .map((command) => command.replace(/(-EncodedCommand) [0-9A-Za-z+/=]+/i, "$1 …"));
}

async function runPacker(folder: string, limitMs: number): Promise<{ exitCode: number | undefined; output: string }> {
  const child = spawn(findLabProgram("packer") ?? "packer", ["build", "-color=false", "."], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: Packer is many processes, and all of them are ended at the limit.
    detached: true,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      TMPDIR: folder,
      PACKER_CONFIG_DIR: folder,
      PACKER_CACHE_DIR: folder,
      CHECKPOINT_DISABLE: "1",
    },
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const stop = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", stop);
  const timer = setTimeout(stop, limitMs);
  try {
    const exitCode = await new Promise<number | undefined>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve(code ?? undefined));
    });
    return { exitCode, output: Buffer.concat(chunks).toString().replaceAll("\r\n", "\n") };
  } finally {
    clearTimeout(timer);
    process.off("exit", stop);
  }
}
