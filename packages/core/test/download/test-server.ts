import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** `METHOD URL`, and the Range where there was one, in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** An HTTP server on loopback that does what the test says. */
export async function testServer(handle: RequestListener, server: Server = createServer()): Promise<TestServer> {
  const requests: string[] = [];
  server.on("request", (request, response) => {
    requests.push([request.method, request.url, request.headers.range].filter((part) => part !== undefined).join(" "));
    handle(request, response);
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

export interface FileBehaviour {
  readonly etag?: string;
  readonly lastModified?: string;
  /** Breaks the connection after so many bytes of the body; by request, from the first. */
  readonly dropAfter?: readonly (number | undefined)[];
  readonly ranges?: boolean;
}

/** Serves one content, with or without ranges, validators and accidents. */
export function serveFile(content: Buffer, behaviour: FileBehaviour = {}): RequestListener {
  let count = 0;
  return (request: IncomingMessage, response: ServerResponse) => {
    const drop = behaviour.dropAfter?.[count++];
    if (behaviour.etag !== undefined) response.setHeader("etag", behaviour.etag);
    if (behaviour.lastModified !== undefined) response.setHeader("last-modified", behaviour.lastModified);
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
    const validator = request.headers["if-range"];
    const same = validator === undefined || validator === behaviour.etag || validator === behaviour.lastModified;
    const start = range !== null && behaviour.ranges !== false && same ? Number(range[1]) : 0;
    if (start > 0 && start >= content.length) {
      response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
      return;
    }
    const body = content.subarray(start);
    const headers = {
      "content-length": body.length,
      ...(start > 0 ? { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
    };
    response.writeHead(start > 0 ? 206 : 200, headers);
    if (drop === undefined) response.end(body);
    else response.write(body.subarray(0, drop), () => setImmediate(() => response.destroy()));
  };
}
