// Go's net/rpc in msgpack (plugin-protocol section 5.1): a message is a header and a body, back to back.
import type { Duplex } from "node:stream";
import { PluginError } from "../../diagnostics/error.ts";
import { ValueDecoder } from "../msgpack/decode.ts";

/** A call or its answer. */
export interface Message {
  readonly method: string;
  readonly sequence: number;
  /** The text of a failure; empty in requests and in replies to calls that went well. */
  readonly error: string;
  readonly body: unknown;
}

/**
 * Reads the messages of a stream as they come. `onMessage` gets each; `onEnd` is called once: with nothing after the stream's last
 * byte, or with why it failed. A stream on which something else comes is destroyed.
 */
export function readMessages(stream: Duplex, onMessage: (message: Message) => void, onEnd: (error?: Error) => void): void {
  const decoder = new ValueDecoder();
  let header: Omit<Message, "body"> | undefined;
  let isOver = false;
  const end = (error?: Error): void => {
    if (isOver) return;
    isOver = true;
    if (error !== undefined) stream.destroy(error);
    onEnd(error);
  };
  stream.on("data", (bytes: Buffer) => {
    if (isOver) return;
    try {
      for (const value of decoder.push(bytes)) {
        if (header === undefined) header = parseHeader(value);
        else {
          const message = { ...header, body: value };
          header = undefined;
          if (!isOver) onMessage(message);
        }
      }
    } catch (error) {
      end(error instanceof Error ? error : new PluginError(String(error)));
    }
  });
  stream.on("end", () => {
    const isCut = decoder.isInsideValue || header !== undefined;
    end(isCut ? new PluginError("the stream ended in the middle of a message", { code: "TPK4003" }) : undefined);
  });
  stream.on("error", (error) => end(error));
  stream.on("close", () => end(new PluginError("the stream was given up", { code: "TPK4003" })));
}

// --- internal ---

/** Fields that are missing are zero values, as everywhere in this protocol. */
function parseHeader(value: unknown): Omit<Message, "body"> {
  if (isMap(value)) {
    const { ServiceMethod: method = "", Seq: sequence = 0, Error: error = "" } = value;
    if (typeof method === "string" && typeof sequence === "number" && typeof error === "string") return { method, sequence, error };
  }
  throw new PluginError("a plugin sent a message without a proper header");
}

function isMap(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
