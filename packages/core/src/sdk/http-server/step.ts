import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { BuildError } from "../../diagnostics/error.ts";
import { fileTrouble } from "../../files/file-trouble.ts";
import { type Step, type StepContext, stateKey } from "../steps/step.ts";
import { AskedFor } from "./asked.ts";
import { type HttpConfig, portRange } from "./options.ts";
import type { RunningHttpServer } from "./server.ts";

/** Address that the guest reaches the server at (`HTTPIP`). A builder that knows it sets it first; else it is the address bound. */
export const httpAddressKey = stateKey<string>("http_ip");

/** Port of the server (`HTTPPort`); 0 when nothing is served. */
export const httpPortKey = stateKey<number>("http_port");

/** What the guest has asked the server for; not there when nothing is served. */
export const httpAskedKey = stateKey<AskedFor>("http_asked");

/**
 * The step that serves `http_directory` or `http_content` to the guest, and stops at the end (rows HTTP-01 to HTTP-07). Throws `BuildError` when
 * the folder is not there (TPK3107) or no port is free (TPK6008).
 */
export function httpServerStep(config: HttpConfig): Step {
  let running: RunningHttpServer | undefined;
  return {
    name: "HTTP server",
    async run(context) {
      const { state, ui, signal, run } = context;
      await running?.close();
      const served = await whatIsServed(config, context);
      if (served === undefined) {
        state.set(httpPortKey, 0);
        return;
      }
      // Only here: a program that is merely validated serves nothing.
      const { startHttpServer } = await import("./server.ts");
      const protocol = config.http_network_protocol;
      if (protocol === "unixpacket")
        throw new BuildError("HTTP over unixpacket is not supported", { code: "TPK3105", option: "http_network_protocol" });
      const address = config.http_bind_address || (protocol === "tcp6" ? "::" : "0.0.0.0");
      const asked = new AskedFor();
      running = await startHttpServer({
        served,
        asked,
        protocol,
        address,
        ...portRange(config),
        workingDirectory: run.workingDirectory,
        signal,
        log: (text) => ui.log("debug", text),
      });
      const shown = state.find(httpAddressKey) || address;
      state.set(httpAddressKey, shown);
      state.set(httpPortKey, running.port);
      state.set(httpAskedKey, asked);
      ui.say(`Starting HTTP server on address ${shown} and port ${running.port}`);
    },
    async cleanup() {
      await running?.close();
    },
  };
}

// --- internal ---

async function whatIsServed(config: HttpConfig, { run }: StepContext) {
  if (config.http_directory === "") {
    return Object.keys(config.http_content).length === 0 ? undefined : { content: config.http_content };
  }
  const directory = resolve(run.workingDirectory, config.http_directory);
  const trouble = await stat(directory).then(
    (found) => (found.isDirectory() ? undefined : "it is not a folder"),
    (error: unknown) => fileTrouble(error),
  );
  if (trouble === undefined) return { directory };
  throw new BuildError(`the folder ${config.http_directory} of http_directory cannot be served: ${trouble}`, {
    code: "TPK3107",
    option: "http_directory",
    hint: `Relative paths start at ${run.workingDirectory}.`,
  });
}
