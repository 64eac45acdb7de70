// What the commands about plugins print: lines, or Packer's records of them.
import type { InstalledPlugin } from "@tspack/core";
import type { Host } from "../command.ts";

/** Prints for a command about plugins. */
export interface PluginLines {
  /** A result. */
  say(text: string): void;
  /** The result line of an installation (row INS-06). */
  installed(plugin: InstalledPlugin): void;
  /** What went wrong with one of several plugins, or deserves a look. */
  error(text: string): void;
  /** What goes on meanwhile: never on standard output. */
  note(text: string): void;
  /** Shows the bytes of a download: a line that is written over on a terminal, one line elsewhere. */
  progress(label: string, totalBytes?: number): { advance(bytes: number): void; finish(): void };
}

/** Lines for people, or records with `-machine-readable` (row MR-01). */
export function pluginLines(core: typeof import("@tspack/core"), host: Host): PluginLines {
  const record = (level: string, text: string): void => host.stdout.line(core.machineReadableLine(Date.now(), "", "ui", [level, text]));
  const say = (text: string): void => (host.isMachineReadable ? record("say", text) : host.stdout.line(text));
  return {
    say,
    installed: ({ source, version, file }) => say(`Installed plugin ${source} v${version} in ${JSON.stringify(file)}`),
    error: (text) => (host.isMachineReadable ? record("error", text) : host.stderr.line(text)),
    note: (text) => host.stderr.line(text),
    progress: (label, totalBytes) => downloadProgress(host, label, totalBytes),
  };
}

// --- internal ---

function downloadProgress(host: Host, label: string, totalBytes: number | undefined): ReturnType<PluginLines["progress"]> {
  const total = totalBytes === undefined ? "" : ` (${megabytes(totalBytes)})`;
  if (!host.stderr.isTty || host.isMachineReadable) {
    host.stderr.line(`Downloading ${label}${total}`);
    return { advance() {}, finish() {} };
  }
  let done = 0;
  let shown = "";
  const show = (): void => {
    const part = totalBytes === undefined || totalBytes === 0 ? megabytes(done) : `${Math.floor((done / totalBytes) * 100)} %`;
    if (part === shown) return;
    shown = part;
    host.stderr.write(`\r\u001b[K${`Downloading ${label}${total} ${part}`.slice(0, Math.max(20, host.stderr.width - 1))}`);
  };
  show();
  return {
    advance(bytes) {
      done += bytes;
      show();
    },
    finish: () => host.stderr.write("\r\u001b[K"),
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
