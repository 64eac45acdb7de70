import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { errorText } from "../../diagnostics/error.ts";
import type { AskedFor } from "./asked.ts";
import { type ListenOptions, listenInRange } from "./listen.ts";
import { requestTarget } from "./request-target.ts";
import { respondWithText } from "./respond.ts";
import { serveContent } from "./serve-content.ts";
import { serveDirectory } from "./serve-directory.ts";

/** What is served to a guest, and where. */
export interface HttpServerOptions extends ListenOptions {
  /** Absolute path of a folder, or texts by path. */
  readonly served: { readonly directory: string } | { readonly content: { readonly [path: string]: string } };
  /** Told of each request, and of what went wrong with one. */
  readonly log: (text: string) => void;
  /** Is told of each request that was answered. */
  readonly asked?: AskedFor | undefined;
}

/** A server that listens, until it is closed. */
export interface RunningHttpServer {
  readonly port: number;
  /** Stops listening and ends all connections, also those with an answer under way. */
  close(): Promise<void>;
}

/** A guest opens a handful of connections; one that opens more than this is broken. */
const MOST_CONNECTIONS = 1000;
/** Of what a guest asked for, so much is logged. */
const LOGGED_CHARACTERS = 500;

/** Starts a server for a guest. Whoever got it closes it. Throws as `listenInRange` does. */
export async function startHttpServer(options: HttpServerOptions): Promise<RunningHttpServer> {
  const server = createServer((request, response) => {
    const asked = `${request.socket.remoteAddress ?? "local"} ${request.method} ${request.url?.slice(0, LOGGED_CHARACTERS)}`;
    response.once("close", () => {
      options.log(`HTTP: ${asked} ${response.statusCode}${response.writableFinished ? "" : " (connection lost)"}`);
      options.asked?.note(request.url ?? "/", response.statusCode);
    });
    // Nothing is expected in the body, but the next request of the connection comes behind it.
    request.resume();
    answer(request, response, options).catch((error: unknown) => {
      options.log(`HTTP: ${asked} failed: ${errorText(error)}`);
      response.destroy();
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  const port = await listenInRange(server, options);
  server.on("error", (error) => options.log(`HTTP server: ${errorText(error)}`));
  return {
    port,
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

// --- internal ---

async function answer(request: IncomingMessage, response: ServerResponse, { served }: HttpServerOptions): Promise<void> {
  const target = requestTarget(request.url ?? "/");
  if (target === undefined) return respondWithText(request, response, 400, "400 Bad Request");
  return "directory" in served
    ? serveDirectory(served.directory, target, request, response)
    : serveContent(served.content, target, request, response);
}
