// The server's end of the Communicator service (plugin-protocol section 7.9): it owns the connection to the machine, and dials the
// streams that the caller has named. A stream that the caller resets cancels what it belongs to.
import { once, setMaxListeners } from "node:events";
import { type Duplex, PassThrough } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { CancelledError, CommunicatorError, PluginError, TspackError } from "../../diagnostics/error.ts";
import { type Communicator, DISCONNECT_EXIT_CODE, type DirectoryTransfer } from "../../sdk/communicator.ts";
import { encodeExitRecord } from "../gob/exit-record.ts";
import type { Broker, RpcService } from "../transport.ts";
import { remoteEndOf } from "./communicator-client.ts";
import { communicatorRelay } from "./communicator-relay.ts";
import { decodeFileInfo } from "./file-info.ts";
import { readFields, readStreamId, readText, readTexts } from "./wire.ts";

/** A command that has neither ended nor said anything after this time counts as started. */
const STARTED_AFTER_MS = 200;

/** What a served communicator works with. */
export interface CommunicatorServiceOptions {
  readonly communicator: Communicator;
  readonly broker: Broker;
  /** Aborts whatever is going on. */
  readonly signal: AbortSignal;
}

/** Serves a communicator. */
export function communicatorService({ communicator, broker, signal }: CommunicatorServiceOptions): RpcService {
  // Calls run side by side, as many as the caller likes, and each listens several times.
  setMaxListeners(0, signal);
  const end = remoteEndOf(communicator);
  const relay = end === undefined ? {} : communicatorRelay(end, { broker, signal });
  return {
    Start: (argument, call) => start(communicator, { argument, broker, signal, call: call.signal }),
    async Upload(argument, call) {
      const { Path, ReaderStreamId, FileInfo } = readFields(argument, "the argument of Communicator.Upload");
      const stream = await broker.dial(readStreamId(ReaderStreamId, "ReaderStreamId"), signal);
      try {
        const path = readText(Path, "Path");
        const ended = AbortSignal.any([signal, call.signal, givenUp(stream)]);
        await communicator.upload({ path, content: stream, ...decodeFileInfo(FileInfo), signal: ended });
        closeHalf(stream);
      } catch (error) {
        stream.destroy();
        throw error;
      }
    },
    async Download(argument, call) {
      const { Path, WriterStreamId } = readFields(argument, "the argument of Communicator.Download");
      const stream = await broker.dial(readStreamId(WriterStreamId, "WriterStreamId"), signal);
      const ended = AbortSignal.any([signal, call.signal, givenUp(stream)]);
      await sendDownload(communicator, { path: readText(Path, "Path"), stream, signal: ended });
    },
    UploadDir: (argument, call) =>
      transferDirectory(broker, { argument, signal: AbortSignal.any([signal, call.signal]) }, (transfer) =>
        communicator.uploadDirectory(transfer),
      ),
    DownloadDir: (argument, call) =>
      transferDirectory(broker, { argument, signal: AbortSignal.any([signal, call.signal]) }, (transfer) =>
        communicator.downloadDirectory(transfer),
      ),
    ...relay,
  };
}

/** Serves a machine without a way into it: every call fails, saying so (row CON-16). */
export function noCommunicatorService(): RpcService {
  const refuse = (): never => {
    throw new CommunicatorError("this build has no communicator, so nothing can be run on its machine", { code: "TPK5006" });
  };
  return { Start: refuse, Upload: refuse, Download: refuse, UploadDir: refuse, DownloadDir: refuse };
}

// --- internal ---

/** Not an error: making one for every command takes longer than all the rest of it. */
const isStarted = "started";

interface StartRequest {
  readonly argument: unknown;
  readonly broker: Broker;
  readonly signal: AbortSignal;
  readonly call: AbortSignal;
}

/**
 * Starts a command and answers once it runs. Our communicators tell only how a command ended, so it counts as started with its first
 * output, or after a moment; a failure before that is the answer.
 */
async function start(communicator: Communicator, { argument, broker, signal, call }: StartRequest): Promise<void> {
  const fields = readFields(argument, "the argument of Communicator.Start");
  const command = readText(fields.Command, "Command");
  const dial = async (name: string): Promise<Duplex | undefined> => {
    const id = readStreamId(fields[name], name);
    return id === 0 ? undefined : broker.dial(id, signal);
  };
  const dialled = await Promise.allSettled(["StdinStreamId", "StdoutStreamId", "StderrStreamId", "ResponseStreamId"].map(dial));
  const streams = dialled.map((one) => (one.status === "fulfilled" ? one.value : undefined));
  const failed = dialled.find((one) => one.status === "rejected");
  if (failed !== undefined) {
    for (const stream of streams) stream?.destroy();
    throw failed.reason;
  }
  const [stdin, stdout, stderr, response] = streams;
  // Nobody waits for the command any more: the caller has let go of its result, or is gone.
  const ends = [signal, call, ...(response === undefined ? [] : [givenUp(response)])];
  for (const stream of [stdout, stderr, response]) stream?.resume();
  const started = new AbortController();
  const outputs = [outputTo(stdout, started), outputTo(stderr, started)];
  const run = async (): Promise<number> => {
    try {
      const [stdoutSink, stderrSink] = outputs.map((output) => output?.sink);
      const request = { command, stdin, stdout: stdoutSink, stderr: stderrSink, signal: AbortSignal.any(ends) };
      const { exitCode } = await communicator.execute(request);
      return exitCode;
    } finally {
      if (stdin !== undefined) closeHalf(stdin);
      stdin?.resume();
      for (const output of outputs) output?.sink.end();
      // Go reads the exit status after the end of both outputs (plugin-protocol section 15).
      await Promise.allSettled(outputs.map((output) => output?.done));
    }
  };
  const ended = run().then(
    (exitCode) => endOf(response, exitCode),
    (error: unknown) => {
      endOf(response, isConnectionLost(error) ? DISCONNECT_EXIT_CODE : undefined);
      if (!started.signal.aborted) throw error;
    },
  );
  ended.catch(() => undefined);
  const timer = setTimeout(() => started.abort(isStarted), STARTED_AFTER_MS);
  try {
    await Promise.race([ended, started.signal.aborted ? undefined : once(started.signal, "abort")]);
  } finally {
    clearTimeout(timer);
  }
}

/** Sends a file, and ends the stream also after a failure: the caller waits for that. A communicator destroys its sink when it fails. */
async function sendDownload(
  communicator: Communicator,
  { path, stream, signal }: { readonly path: string; readonly stream: Duplex; readonly signal: AbortSignal },
): Promise<void> {
  const content = new PassThrough();
  stream.resume();
  stream.once("error", (error) => content.destroy(error));
  content.pipe(stream);
  try {
    await communicator.download({ path, content, signal });
    await finished(stream, { readable: false });
  } catch (error) {
    content.unpipe(stream);
    closeHalf(stream);
    throw error;
  }
}

/** Where a command's output goes; `started` is aborted with the first of it. A caller that is gone is no reason to stop reading. */
function outputTo(
  stream: Duplex | undefined,
  started: AbortController,
): { readonly sink: PassThrough; readonly done: Promise<void> } | undefined {
  if (stream === undefined) return undefined;
  const sink = new PassThrough();
  sink.once("data", () => started.abort(isStarted));
  const done = pipeline(sink, stream, { end: true }).catch(() => void sink.resume());
  return { sink, done };
}

function endOf(response: Duplex | undefined, exitCode: number | undefined): void {
  if (exitCode === undefined) response?.end();
  else response?.end(encodeExitRecord(exitCode));
}

function isConnectionLost(error: unknown): boolean {
  return TspackError.is(error) && error.code === "TPK5004";
}

/** Does a directory transfer, until the caller resets the stream that it may have named for that. */
async function transferDirectory(
  broker: Broker,
  { argument, signal }: { readonly argument: unknown; readonly signal: AbortSignal },
  transfer: (transfer: DirectoryTransfer) => Promise<void>,
): Promise<void> {
  const { Src, Dst, Exclude, CancelStreamId } = readFields(argument, "the argument of a directory transfer");
  const source = readText(Src, "Src");
  const destination = readText(Dst, "Dst");
  const id = readStreamId(CancelStreamId, "CancelStreamId");
  const stream = id === 0 ? undefined : (await broker.dial(id, signal)).resume();
  try {
    const ended = stream === undefined ? signal : AbortSignal.any([signal, givenUp(stream)]);
    await transfer({ source, destination, exclude: readTexts(Exclude, "Exclude"), signal: ended });
  } finally {
    stream?.end();
  }
}

/** Aborts when the caller resets the stream, or is gone. What a communicator does to a stream that it reads is something else. */
function givenUp(stream: Duplex): AbortSignal {
  const abort = new AbortController();
  stream.once("error", (error) => {
    if (PluginError.is(error)) abort.abort(new CancelledError("the caller has given it up", { cause: error }));
  });
  return abort.signal;
}

/** Sends our FIN, once. */
function closeHalf(stream: Duplex): void {
  if (!stream.writableEnded && !stream.destroyed) stream.end();
}
