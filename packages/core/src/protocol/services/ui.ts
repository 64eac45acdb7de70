// The Ui service (plugin-protocol section 7.7). Packer's Ui knows fewer things than ours; between two programs of ours the rest
// travels as machine-readable records whose type begins with `tspack:`, which Packer is never sent.
import { randomBytes } from "node:crypto";
import { BuildError, errorText } from "../../diagnostics/error.ts";
import type { Progress, Ui } from "../../sdk/ui.ts";
import { RemoteError } from "../rpc/remote-error.ts";
import type { RpcClient, RpcService } from "../transport.ts";
import { readFields, readInteger, readText, readTexts } from "./wire.ts";

/** How a Ui behind the wire is used. */
export interface UiClientOptions {
  /** The other end is tspack: what Packer's Ui cannot express is sent as records of type `tspack:…`. */
  readonly isExtended?: boolean | undefined;
  /** Where `log` goes when it cannot be sent, and failures to deliver; nowhere unless given. A plugin writes to standard error. */
  readonly log?: ((level: "debug" | "info" | "warn" | "error", text: string) => void) | undefined;
}

/** A Ui at the other end of the wire. */
export interface UiClient extends Ui {
  /** Resolves when everything said so far has arrived (or could not be delivered). Await it before answering the call that used the Ui. */
  settled(): Promise<void>;
}

/** Makes a Ui of the service at the other end. Calls are made one after another, so that they keep their order there. */
export function uiClient(rpc: RpcClient, options: UiClientOptions = {}): UiClient {
  const log = options.log ?? (() => undefined);
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    // Nobody can be told that a message was not delivered but the log, as with Packer's own plugins.
    last = result.catch((error: unknown) => log("error", `the user interface could not be reached: ${errorText(error)}`));
    return result;
  };
  const tell = (method: string, argument: unknown): void => {
    inTurn(() => rpc.call(`Ui.${method}`, argument)).catch(() => undefined);
  };
  const extension = (type: string, ...data: readonly string[]): void => tell("Machine", { Category: `${PREFIX}${type}`, Args: data });
  const { isExtended = false } = options;
  return {
    say: (text) => tell("Say", text),
    error: (text) => tell("Error", text),
    output: (stream, text) => {
      if (isExtended) extension("output", stream, text);
      // Packer shows a command's error output through Error, and each line by itself (row OUT-06).
      else for (const line of text.split("\n")) tell(stream === "stdout" ? "Message" : "Error", line);
    },
    machine: (type, ...data) => {
      if (isExtended || !type.startsWith(PREFIX)) tell("Machine", { Category: type, Args: data });
    },
    log: (level, text) => {
      if (isExtended) extension("log", level, text);
      else log(level, text);
    },
    secret: (text) => {
      if (isExtended && text !== "") extension("secret", text);
    },
    // What was said before the question is to be seen before it.
    ask: async (question, { signal }) => {
      await last;
      try {
        return readText(await rpc.call("Ui.Ask", question, signal), "the reply of Ui.Ask");
      } catch (error) {
        throw error instanceof RemoteError ? new BuildError(error.message, { code: "TPK6010" }) : error;
      }
    },
    progress: (label, totalBytes) => progressClient({ rpc, inTurn, label, totalBytes }),
    settled: async () => void (await last),
  };
}

/** Whom a served Ui shows things to. */
export interface UiServiceOptions {
  readonly ui: Ui;
  /** Aborts questions. */
  readonly signal: AbortSignal;
}

/**
 * Serves a Ui on a stream: adds `Ui` to its services, and one more for each piece of progress while it lasts. Returns what has to be
 * called at the end of the stream: it finishes progress that nobody finished.
 */
export function addUiService(services: Map<string, RpcService>, { ui, signal }: UiServiceOptions): () => void {
  const unfinished = new Set<Progress>();
  services.set("Ui", {
    Ask: (question, call) => ui.ask(readText(question, "a question"), { signal: AbortSignal.any([signal, call.signal]) }),
    Say: (text) => ui.say(readText(text, "the argument of Ui.Say")),
    Message: (text) => {
      for (const line of readText(text, "the argument of Ui.Message").replace(/\n$/, "").split("\n")) ui.output("stdout", line);
    },
    Error: (text) => ui.error(readText(text, "the argument of Ui.Error")),
    Machine: (argument) => {
      const { Category, Args } = readFields(argument, "the argument of Ui.Machine");
      showRecord(ui, readText(Category, "Category"), readTexts(Args, "Args"));
    },
    NewTrackProgress: (argument) => {
      const fields = readFields(argument, "the argument of Ui.NewTrackProgress");
      const label = readText(fields.Src, "Src");
      const total = readInteger(fields.TotalSize, "TotalSize");
      const id = label + randomBytes(3).toString("hex");
      const progress = ui.progress(label, total > 0 ? total : undefined);
      const done = readInteger(fields.CurrentSize, "CurrentSize");
      if (done > 0) progress.advance(done);
      unfinished.add(progress);
      services.set(`Ui${id}`, {
        Add: (bytes) => progress.advance(readInteger(bytes, "the argument of Add")),
        Close: () => {
          progress.finish();
          unfinished.delete(progress);
          services.delete(`Ui${id}`);
        },
      });
      return id;
    },
  });
  return () => {
    for (const progress of unfinished) progress.finish();
  };
}

// --- internal ---

const PREFIX = "tspack:";

function showRecord(ui: Ui, type: string, data: readonly string[]): void {
  const [first = "", second = ""] = data;
  switch (type) {
    case `${PREFIX}output`:
      ui.output(first === "stderr" ? "stderr" : "stdout", second);
      break;
    case `${PREFIX}log`:
      ui.log(isLevel(first) ? first : "info", second);
      break;
    case `${PREFIX}secret`:
      ui.secret(first);
      break;
    default:
      ui.machine(type, ...data);
  }
}

function isLevel(text: string): text is "debug" | "info" | "warn" | "error" {
  return text === "debug" || text === "info" || text === "warn" || text === "error";
}

interface ProgressRequest {
  readonly rpc: RpcClient;
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  readonly label: string;
  readonly totalBytes: number | undefined;
}

/** Bytes that are added while a call is on its way are sent together with the next one. */
function progressClient({ rpc, inTurn, label, totalBytes }: ProgressRequest): Progress {
  let waiting = 0;
  let isQueued = false;
  let isFinished = false;
  const id = inTurn(async () => {
    const argument = { Src: label, TotalSize: totalBytes ?? 0, CurrentSize: 0 };
    return readText(await rpc.call("Ui.NewTrackProgress", argument), "the reply of Ui.NewTrackProgress");
  });
  id.catch(() => undefined);
  const send = (method: string, take: () => unknown): void => {
    inTurn(async () => rpc.call(`Ui${await id}.${method}`, take())).catch(() => undefined);
  };
  return {
    advance(bytes) {
      if (isFinished) return;
      waiting += bytes;
      if (isQueued) return;
      isQueued = true;
      send("Add", () => {
        const added = waiting;
        waiting = 0;
        isQueued = false;
        return added;
      });
    },
    finish() {
      if (isFinished) return;
      isFinished = true;
      send("Close", () => undefined);
    },
  };
}
