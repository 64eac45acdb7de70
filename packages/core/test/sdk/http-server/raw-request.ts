import { request } from "node:http";

export interface RawAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
  readonly body: string;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
}

/** Asks for a path exactly as it is written: `fetch` would clean it first. Redirects are answers. */
export function rawRequest(port: number, path: string, { method = "GET", headers = {} }: RawRequest = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString("latin1") }),
      );
    });
    outgoing.once("error", reject);
    outgoing.end();
  });
}
