import type { GcsLocation } from "./gcs-location.ts";
import { withNetrc } from "./netrc.ts";
import type { Environment } from "./proxy.ts";
import { type HttpRequest, type HttpResponse, sendRequest } from "./request.ts";
import type { S3Location } from "./s3-location.ts";

/** What a server gives: over plain HTTP, or out of a bucket. */
export type ServedLocation = { readonly kind: "http"; readonly url: URL } | S3Location | GcsLocation;

/** Asks the server of a location for it, with whatever proves who asks. */
export interface Source {
  /** Says which file it is, in this process and in later ones. May hold a password: for messages only with `redactLocation`. */
  readonly url: URL;
  /**
   * As `sendRequest`. A bucket's refusals are errors: an `Interruption` when it makes sense to try again, else `BuildError` (TPK7001) with
   * what the store says.
   */
  send(request: HttpRequest): Promise<HttpResponse>;
}

/** Makes a location ready to be asked for. Credentials are looked up when the first request needs them. */
export async function openSource(location: ServedLocation, environment: Environment): Promise<Source> {
  switch (location.kind) {
    case "http": {
      const url = await withNetrc(location.url, environment);
      return { url, send: (request) => sendRequest(url, request) };
    }
    case "s3": {
      const { s3Source } = await import("./s3-source.ts");
      return s3Source(location);
    }
    case "gcs": {
      const { gcsSource } = await import("./gcs-source.ts");
      return gcsSource(location);
    }
  }
}
