// The caller's end of the Communicator service (plugin-protocol section 7.9): it wants something done on a machine that the other end
// is connected to. Bytes travel on streams whose numbers the caller allocates. The protocol has no call that cancels one of these: who
// gives up resets its streams, which the server takes for a cancellation. So our half of a stream stays open until it has done its work.
import { EventEmitter, once } from "node:events";
import type { Duplex, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CancelledError, CommunicatorError, isCancellation } from "../../diagnostics/error.ts";
import type { Communicator, DirectoryTransfer, RemoteCommand } from "../../sdk/communicator.ts";
import { decodeExitRecord } from "../gob/exit-record.ts";
import { RemoteError } from "../rpc/remote-error.ts";
import type { Broker, RpcClient } from "../transport.ts";
import type { RemoteEnd } from "./communicator-relay.ts";
import { encodeFileInfo } from "./file-info.ts";
import { readBasicError } from "./wire.ts";

/** The exit code of a command that ended without saying how, as Go's caller reports it. */
const UNKNOWN_EXIT_CODE = 123;
/** An exit record is some 50 bytes. */
const LONGEST_EXIT_RECORD = 4096;

/** Iterating would otherwise destroy a stream that was read to its end, with an error of its own for our half. */
const untilItsEnd = { destroyOnReturn: false };
/** Why streams are given up at the end. Without a reason every command would make an error with a stack. */
const isDone = new CancelledError("the call is over");

/** The communicator that is served at the other end of `rpc`. */
export function communicatorClient(rpc: RpcClient, broker: Broker): Communicator {
  const communicator: Communicator = {
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
          await pipeline(stream, content, { signal });
          closeHalf(stream);
        },
      });
    },
    uploadDirectory: (transfer) => transferDirectory(rpc, broker, "UploadDir", transfer),
    downloadDirectory: (transfer) => transferDirectory(rpc, broker, "DownloadDir", transfer),
  };
  ends.set(communicator, { rpc, broker });
  return communicator;
}

/** Where a communicator is served, if it is one of `communicatorClient`. */
export function remoteEndOf(communicator: Communicator): RemoteEnd | undefined {
  return ends.get(communicator);
}

// --- internal ---

const ends = new WeakMap<Communicator, RemoteEnd>();

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
    abandon.abort(isDone);
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
    abandon.abort(isDone);
  }
}

/** Sends all of `content` and our FIN. Resolves when the peer has taken it. */
async function pumpIn(content: Readable, stream: Duplex, signal: AbortSignal): Promise<void> {
  stream.resume();
  await pipeline(content, stream, { signal });
}

/** Copies what the peer sends, and leaves the sink open: it belongs to whoever wants the output. */
async function pumpOut(stream: Duplex, sink: Writable): Promise<void> {
  // A sink that is gone wants no more of it; the command goes on.
  const wake = new EventEmitter();
  const onReady = (): void => void wake.emit("ready");
  sink.on("drain", onReady).on("close", onReady).on("error", onReady);
  stream.on("close", onReady);
  try {
    for await (const chunk of stream.iterator(untilItsEnd)) {
      if (!sink.destroyed && !sink.write(chunk) && !stream.destroyed) await once(wake, "ready");
    }
    closeHalf(stream);
  } finally {
    sink.off("drain", onReady).off("close", onReady).off("error", onReady);
    stream.off("close", onReady);
  }
}

async function readExit(stream: Duplex): Promise<number> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream.iterator(untilItsEnd)) {
    length += chunk.length;
    if (length <= LONGEST_EXIT_RECORD) chunks.push(chunk);
  }
  closeHalf(stream);
  try {
    return decodeExitRecord(Buffer.concat(chunks));
  } catch {
    // Nothing, or nothing that can be read: the command ended, and nobody knows how.
    return UNKNOWN_EXIT_CODE;
  }
}

/**
 * A folder is read and written by the server itself, so no bytes travel and there is no stream to reset. We offer one for that alone,
 * in a field that Go's servers skip as every unknown one; theirs go on to the end, unseen.
 */
async function transferDirectory(
  rpc: RpcClient,
  broker: Broker,
  method: "UploadDir" | "DownloadDir",
  { source, destination, exclude, signal }: DirectoryTransfer,
): Promise<void> {
  if (signal.aborted) throw cancelled(signal);
  const abandon = new AbortController();
  const { id } = accept(broker, AbortSignal.any([signal, abandon.signal]));
  try {
    const argument = { Dst: destination, Src: source, Exclude: exclude, CancelStreamId: id };
    const failure = readBasicError(await rpc.call(`Communicator.${method}`, argument, signal), "the reply of a directory transfer");
    if (failure !== undefined) throw new CommunicatorError(failure, { code: "TPK5005" });
  } catch (error) {
    throw signal.aborted ? cancelled(signal) : asCommunicatorError(error, "TPK5005");
  } finally {
    abandon.abort(isDone);
  }
}

/** What the owner of the connection reports is a failure of the communicator; a lost plugin is one of the plugin. */
function asCommunicatorError(error: unknown, code: "TPK5004" | "TPK5005"): unknown {
  if (!(error instanceof RemoteError)) return error;
  return new CommunicatorError(error.message, { code: error.failure.code ?? code, cause: error.cause });
}

function cancelled(signal: AbortSignal): unknown {
  return isCancellation(signal.reason) ? signal.reason : new CancelledError("cancelled", { cause: signal.reason });
}

/** Sends our FIN, once. */
function closeHalf(stream: Duplex): void {
  if (!stream.writableEnded && !stream.destroyed) stream.end();
}

function isOver(stream: Duplex): boolean {
  return stream.destroyed || (stream.readableEnded && stream.writableFinished);
}
