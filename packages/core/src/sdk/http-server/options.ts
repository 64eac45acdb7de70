import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { RunInfo } from "../component.ts";
import { port, textMap } from "../config/options.ts";

/** The options of the HTTP server for the guest (rows HTTP-01 to HTTP-06). A builder spreads its `shape` and calls `checkHttp`. */
export function httpOptions() {
  return z.object({
    http_directory: z.string().default("").describe("Folder to serve to the guest by HTTP, with listings."),
    http_content: textMap()
      .default({})
      .describe("Texts to serve to the guest by HTTP, by path; each path starts with a slash. In place of `http_directory`."),
    http_port_min: port().default(8000).describe("Lowest port to try for the HTTP server."),
    http_port_max: port()
      .default(9000)
      .describe("First port above those to try; with the value of `http_port_min` that port alone is tried."),
    http_bind_address: z.string().default("").describe("Address that the HTTP server listens on; all addresses unless given."),
    http_interface: z
      .string()
      .default("")
      .describe("Network interface whose address the guest is told, for builders that look it up. In place of `http_bind_address`."),
    http_network_protocol: z
      .enum(["tcp", "tcp4", "tcp6", "unix", "unixpacket"])
      .default("tcp")
      .describe("Network of the HTTP server: `tcp`, `tcp4`, `tcp6` or `unix` (a socket file `ADDRESS:PORT`)."),
  });
}

/** The parsed options; texts that were not given are empty. */
export type HttpConfig = z.output<ReturnType<typeof httpOptions>>;

/** What the check has to know besides the options. */
export interface HttpCheck {
  /** True if the option is a placeholder: it is then not judged. */
  isUnknown(option: keyof HttpConfig): boolean;
  /** Given, a folder to serve that is not there is warned of: something may make it before the build runs. */
  readonly run?: Pick<RunInfo, "workingDirectory"> | undefined;
}

/** Everything wrong with the options of the HTTP server; `path` names the option. */
export function checkHttp(config: HttpConfig, { isUnknown, run }: HttpCheck): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  const known = (option: keyof HttpConfig): boolean => !isUnknown(option) && config[option] !== "";
  const paths = isUnknown("http_content") ? [] : Object.keys(config.http_content);
  if (paths.length > 0 && known("http_directory")) {
    problems.push(
      conflict("http_content", "Only one of http_directory and http_content may be given.", "Put everything into one of them."),
    );
  }
  for (const path of paths.filter((path) => !path.startsWith("/"))) {
    problems.push({
      severity: "error",
      code: "TPK3105",
      summary: "Invalid argument value",
      detail: `The path ${JSON.stringify(path)} in "http_content" does not start with a slash, so nobody could ask for it.`,
      hint: `Write ${JSON.stringify(`/${path}`)}.`,
      path: ["http_content", path],
    });
  }
  if (run !== undefined && known("http_directory") && !existsSync(resolve(run.workingDirectory, config.http_directory))) {
    const detail = `The argument "http_directory" names ${JSON.stringify(config.http_directory)}, which does not exist. Unless something makes it, the build fails when it needs it.`;
    problems.push({ severity: "warning", code: "TPK3110", summary: "Folder not found", detail, path: ["http_directory"] });
  }
  if (known("http_interface") && known("http_bind_address")) {
    problems.push(conflict("http_bind_address", "Only one of http_interface and http_bind_address may be given."));
  }
  const { min, max } = portRange(config);
  if (!isUnknown("http_port_min") && !isUnknown("http_port_max") && min > max) {
    problems.push(conflict("http_port_min", `http_port_min is ${min}, which is more than http_port_max (${max}).`));
  }
  if (config.http_network_protocol === "unixpacket" && !isUnknown("http_network_protocol")) {
    problems.push({
      severity: "error",
      code: "TPK3105",
      summary: "Invalid argument value",
      detail: 'HTTP over "unixpacket" is not supported: it is spoken over streams.',
      hint: 'Use "tcp", or "unix" for a socket file.',
      path: ["http_network_protocol"],
    });
  }
  return problems;
}

/** The ports to try: from `min` up to, but without, `max`; 0 stands for the default, as in Packer. */
export function portRange(config: HttpConfig): { readonly min: number; readonly max: number } {
  return { min: config.http_port_min || 8000, max: config.http_port_max || 9000 };
}

// --- internal ---

function conflict(option: string, detail: string, hint?: string): Diagnostic {
  return { severity: "error", code: "TPK3106", summary: "Conflicting arguments", detail, hint, path: [option] };
}
