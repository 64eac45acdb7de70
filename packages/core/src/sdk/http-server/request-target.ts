import { posix } from "node:path";

/** What a request asks for. */
export interface RequestTarget {
  /** Decoded and clean: starts with a slash, without `.`, `..` and doubled slashes; ends in a slash where the request does. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
}

/** Reads the target of a request (RFC 9112 §3.2). Undefined for one that cannot be decoded. */
export function requestTarget(url: string): RequestTarget | undefined {
  const withoutOrigin = url.replace(/^https?:\/\/[^/?#]*/i, "");
  const [, path = "", query = ""] = /^([^?#]*)(\?[^#]*)?/.exec(withoutOrigin) ?? [];
  try {
    return { path: posix.normalize(`/${decodeURIComponent(path)}`), query };
  } catch {
    return undefined;
  }
}
