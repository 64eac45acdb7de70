// The Communicator service (plugin-protocol section 7.9): the caller wants something done on a machine, the server owns the
// connection to it. Bytes travel on streams whose numbers the caller allocates; the server dials them.
import { EventEmitter, once } from "node:events";
import { type Duplex, PassThrough, type Readable, type Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { CancelledError, CommunicatorError, isCancellation, TspackError } from "../../diagnostics/error.ts";
import { type Communicator, DISCONNECT_EXIT_CODE, type RemoteCommand } from "../../sdk/communicator.ts";
import { decodeExitRecord, encodeExitRecord } from "../gob/exit-record.ts";
import { RemoteError } from "../rpc/remote-error.ts";
import type { Broker, RpcClient, RpcService } from "../transport.ts";
import { decodeFileInfo, encodeFileInfo } from "./file-info.ts";
import { readBasicError, readFields, readStreamId, readText, readTexts } from "./wire.ts";

/** The exit code of a command that ended without saying how, as Go's caller reports it. */
const UNKNOWN_EXIT_CODE = 123;
/** An exit record is some 50 bytes. */
const LONGEST_EXIT_RECORD = 4096;
/** A command that has neither ended nor said anything after this time counts as started. */
const STARTED_AFTER_MS = 200;

/** The communicator that is served at the other end of `rpc`. */
export function communicatorClient(rpc: RpcClient, broker: Broker): Communicator {
  return {
    execute: (command) => execute(rpc, broker, command),
    async upload(file) {
      const { path, content, signal } = file;
      const transfer = (id: number): unknown => ({ Path: path, ReaderStreamId: id, FileInfo: encodeFileInfo(file) });
      try {
        await transferStream(rpc, broker, {
          method: "Upload",
          argument: transfer,
          signal,
          pump: (stream) => pumpIn(content, stream, signal),
        });
      } catch (error) {
        const cause = content.errored ?? error;
        content.destroy();
        throw cause;
      }
    },
    async download({ path, content, signal }) {
      const argument = (id: number): unknown => ({ Path: path, WriterStreamId: id });
      await transferStream(rpc, broker, {
        method: "Download",
        argument,
        signal,
        pump: async (stream) => {
          stream.end();
          await pipeline(stream, content, { signal });
        },
      });
    },
    uploadDirectory: ({ source, destination, exclude, signal }) =>
      failing(signal, () => rpc.call("Communicator.UploadDir", { Dst: destination, Src: source, Exclude: exclude }, signal)),
    downloadDirectory: ({ source, destination, exclude, signal }) =>
      failing(signal, () => rpc.call("Communicator.DownloadDir", { Dst: destination, Src: source, Exclude: exclude }, signal)),
  };
}

/** What a served communicator works with. */
export interface CommunicatorServiceOptions {
  readonly communicator: Communicator;
  readonly broker: Broker;
  /** Aborts whatever is going on. */
  readonly signal: AbortSignal;
}

/** Serves a communicator. */
export function communicatorService({ communicator, broker, signal }: CommunicatorServiceOptions): RpcService {
  return {
    Start: (argument, call) => start(communicator, { argument, broker, signal: AbortSignal.any([signal]), call: call.signal }),
    async Upload(argument, call) {
      const { Path, ReaderStreamId, FileInfo } = readFields(argument, "the argument of Communicator.Upload");
      const stream = await broker.dial(readStreamId(ReaderStreamId, "ReaderStreamId"), signal);
      try {
        const path = readText(Path, "Path");
        await communicator.upload({ path, content: stream, ...decodeFileInfo(FileInfo), signal: AbortSignal.any([signal, call.signal]) });
        closeHalf(stream);
      } catch (error) {
        stream.destroy();
        throw error;
      }
    },
    async Download(argument, call) {
      const { Path, WriterStreamId } = readFields(argument, "the argument of Communicator.Download");
      const stream = await broker.dial(readStreamId(WriterStreamId, "WriterStreamId"), signal);
      await sendDownload(communicator, { path: readText(Path, "Path"), stream, signal: AbortSignal.any([signal, call.signal]) });
    },
    UploadDir: async (argument, call) => communicator.uploadDirectory(readTransfer(argument, AbortSignal.any([signal, call.signal]))),
    DownloadDir: async (argument, call) => communicator.downloadDirectory(readTransfer(argument, AbortSignal.any([signal, call.signal]))),
  };
}

/** Serves a machine without a way into it: every call fails, saying so (row CON-16). */
export function noCommunicatorService(): RpcService {
  const refuse = (): never => {
    throw new CommunicatorError("this build has no communicator, so nothing can be run on its machine", { code: "TPK5006" });
  };
  return { Start: refuse, Upload: refuse, Download: refuse, UploadDir: refuse, DownloadDir: refuse };
}

// --- internal: the caller ---

async function execute(rpc: RpcClient, broker: Broker, request: RemoteCommand): Promise<{ readonly exitCode: number }> {
  const { command, stdin, stdout, stderr, signal } = request;
  if (signal.aborted) throw cancelled(signal);
  const abandon = new AbortController();
  const ended = AbortSignal.any([signal, abandon.signal]);
  const open = (isWanted: boolean): Accepted | undefined => (isWanted ? accept(broker, ended) : undefined);
  const streams = {
    stdin: open(stdin !== undefined),
    stdout: open(stdout !== undefined),
    stderr: open(stderr !== undefined),
    response: accept(broker, ended),
  };
  const outputs = [
    streams.stdout && stdout && streams.stdout.stream.then((stream) => pumpOut(stream, stdout)),
    streams.stderr && stderr && streams.stderr.stream.then((stream) => pumpOut(stream, stderr)),
  ];
  const input = streams.stdin && stdin && streams.stdin.stream.then((stream) => pumpIn(stdin, stream, ended));
  // A command need not read its input, and may end before all of it was sent.
  input?.catch(() => undefined);
  const exit = streams.response.stream.then((stream) => readExit(stream));
  const done = Promise.all([exit, ...outputs]);
  // Its failure is looked at below, when the call itself has not failed.
  done.catch(() => undefined);
  try {
    await rpc.call(
      "Communicator.Start",
      {
        Command: command,
        StdinStreamId: streams.stdin?.id ?? 0,
        StdoutStreamId: streams.stdout?.id ?? 0,
        StderrStreamId: streams.stderr?.id ?? 0,
        ResponseStreamId: streams.response.id,
      },
      signal,
    );
    const [exitCode] = await done;
    return { exitCode };
  } catch (error) {
    throw signal.aborted ? cancelled(signal) : asCommunicatorError(error, "TPK5004");
  } finally {
    abandon.abort();
    stdin?.destroy();
  }
}

interface Accepted {
  readonly id: number;
  readonly stream: Promise<Duplex>;
}

/** A stream that the peer is going to dial; given up when the signal aborts, before or after it came. */
function accept(broker: Broker, signal: AbortSignal): Accepted {
  const id = broker.nextId();
  const stream = broker.accept(id, signal).then((accepted) => {
    const giveUp = (): void => void (isOver(accepted) || accepted.destroy());
    signal.addEventListener("abort", giveUp, { once: true });
    accepted.once("close", () => signal.removeEventListener("abort", giveUp));
    return accepted;
  });
  stream.catch(() => undefined);
  return { id, stream };
}

/** One transfer: the stream and the call have both to succeed, and the first that fails ends the other. */
async function transferStream(
  rpc: RpcClient,
  broker: Broker,
  request: {
    readonly method: "Upload" | "Download";
    argument(id: number): unknown;
    readonly signal: AbortSignal;
    pump(stream: Duplex): Promise<void>;
  },
): Promise<void> {
  const { method, signal } = request;
  if (signal.aborted) throw cancelled(signal);
  const abandon = new AbortController();
  const { id, stream } = accept(broker, AbortSignal.any([signal, abandon.signal]));
  const pumped = stream.then(request.pump);
  pumped.catch(() => undefined);
  try {
    // What the server says went wrong is better than what happens to the bytes then.
    await Promise.all([rpc.call(`Communicator.${method}`, request.argument(id), signal), method === "Download" ? pumped : undefined]);
  } catch (error) {
    throw signal.aborted ? cancelled(signal) : asCommunicatorError(error, "TPK5005");
  } finally {
    abandon.abort();
  }
}

/** Sends all of `content` and our FIN. Resolves when the peer has taken it. */
async function pumpIn(content: Readable, stream: Duplex, signal: AbortSignal): Promise<void> {
  stream.resume();
  await pipeline(content, stream, { signal });
}

/** Copies what the peer sends, and leaves the sink open: it belongs to whoever wants the output. */
async function pumpOut(stream: Duplex, sink: Writable): Promise<void> {
  stream.end();
  // A sink that is gone wants no more of it; the command goes on.
  const wake = new EventEmitter();
  const onReady = (): void => void wake.emit("ready");
  sink.on("drain", onReady).on("close", onReady).on("error", onReady);
  stream.on("close", onReady);
  try {
    for await (const chunk of stream) {
      if (!sink.destroyed && !sink.write(chunk) && !stream.destroyed) await once(wake, "ready");
    }
  } finally {
    sink.off("drain", onReady).off("close", onReady).off("error", onReady);
    stream.off("close", onReady);
  }
}

async function readExit(stream: Duplex): Promise<number> {
  stream.end();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length <= LONGEST_EXIT_RECORD) chunks.push(chunk);
  }
  try {
    return decodeExitRecord(Buffer.concat(chunks));
  } catch {
    // Nothing, or nothing that can be read: the command ended, and nobody knows how.
    return UNKNOWN_EXIT_CODE;
  }
}

async function failing(signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  if (signal.aborted) throw cancelled(signal);
  try {
    const reply = await work();
    const failure = readBasicError(reply, "the reply of a directory transfer");
    if (failure !== undefined) throw new CommunicatorError(failure, { code: "TPK5005" });
  } catch (error) {
    throw signal.aborted ? cancelled(signal) : asCommunicatorError(error, "TPK5005");
  }
}

/** What the owner of the connection reports is a failure of the communicator; a lost plugin is one of the plugin. */
function asCommunicatorError(error: unknown, code: "TPK5004" | "TPK5005"): unknown {
  return error instanceof RemoteError ? new CommunicatorError(error.message, { code, cause: error.cause }) : error;
}

function cancelled(signal: AbortSignal): unknown {
  return isCancellation(signal.reason) ? signal.reason : new CancelledError("cancelled", { cause: signal.reason });
}

// --- internal: the server ---

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
  const streams: (Duplex | undefined)[] = [];
  try {
    for (const name of ["StdinStreamId", "StdoutStreamId", "StderrStreamId", "ResponseStreamId"]) streams.push(await dial(name));
  } catch (error) {
    for (const stream of streams) stream?.destroy();
    throw error;
  }
  const [stdin, stdout, stderr, response] = streams;
  const abort = new AbortController();
  // Nobody waits for the command any more: the caller has let go of its result, or is gone.
  const giveUp = (): void => abort.abort(new CancelledError("the caller of the command is gone"));
  response?.once("error", giveUp);
  call.addEventListener("abort", giveUp, { once: true });
  for (const stream of [stdout, stderr, response]) stream?.resume();
  const started = new AbortController();
  const outputs = [outputTo(stdout, started), outputTo(stderr, started)];
  const run = async (): Promise<number> => {
    try {
      const [stdoutSink, stderrSink] = outputs.map((output) => output?.sink);
      const ended = AbortSignal.any([signal, abort.signal]);
      const { exitCode } = await communicator.execute({ command, stdin, stdout: stdoutSink, stderr: stderrSink, signal: ended });
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
  const timer = setTimeout(() => started.abort(), STARTED_AFTER_MS);
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
  sink.once("data", () => started.abort());
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

function readTransfer(argument: unknown, signal: AbortSignal) {
  const { Src, Dst, Exclude } = readFields(argument, "the argument of a directory transfer");
  return { source: readText(Src, "Src"), destination: readText(Dst, "Dst"), exclude: readTexts(Exclude, "Exclude"), signal };
}

/** Sends our FIN, once. */
function closeHalf(stream: Duplex): void {
  if (!stream.writableEnded && !stream.destroyed) stream.end();
}

function isOver(stream: Duplex): boolean {
  return stream.destroyed || (stream.readableEnded && stream.writableFinished);
}
