import { closeSync, openSync, writeSync } from "node:fs";
import { ConfigError, type EventListener, errorText, LogPrinter } from "@tspack/core";
import type { Host } from "../command.ts";

/** The log of a run, as Packer keeps it. Closed by whoever opened it. */
export interface LogConsumer {
  readonly onEvent: EventListener;
  /** True when the log shares the terminal with the output. */
  readonly usesStderr: boolean;
  close(): void;
}

/** Opens what PACKER_LOG and PACKER_LOG_PATH ask for (rows ENV-05, ENV-06), if anything. Throws when the file cannot be written. */
export function openLog(host: Host): LogConsumer | undefined {
  const log = chooseLog(host);
  const text = `tspack version: ${host.version} [node ${process.versions.node} ${process.platform} ${process.arch}]`;
  log?.onEvent({ time: Date.now(), sequence: 0, kind: "log", level: "info", source: "core", text });
  return log;
}

function chooseLog(host: Host): LogConsumer | undefined {
  const { PACKER_LOG, PACKER_LOG_PATH } = host.environment;
  if (PACKER_LOG_PATH !== undefined && PACKER_LOG_PATH !== "") return fileLog(PACKER_LOG_PATH);
  if (PACKER_LOG === undefined || PACKER_LOG === "" || PACKER_LOG === "0") return undefined;
  const printer = new LogPrinter();
  const onEvent: EventListener = (event) => {
    for (const line of printer.lines(event)) host.stderr.line(line);
  };
  return { onEvent, usesStderr: true, close() {} };
}

function fileLog(path: string): LogConsumer {
  let file: number;
  try {
    file = openSync(path, "w");
  } catch (cause) {
    throw new ConfigError(`the log file of PACKER_LOG_PATH cannot be written: ${errorText(cause)}`, { code: "TPK6011", cause });
  }
  const printer = new LogPrinter({ includeUi: true });
  let failure: unknown;
  const onEvent: EventListener = (event) => {
    if (failure !== undefined) return;
    try {
      for (const line of printer.lines(event)) writeSync(file, `${line}\n`);
    } catch (error) {
      // A full disk must not end the build for the sake of its log.
      failure = error;
    }
  };
  return { onEvent, usesStderr: false, close: () => closeSync(file) };
}
