// Objects of Google Cloud Storage, by its XML interface ("XML API reference", GET Object), which tells and sends parts as S3 does.
import { BuildError } from "../diagnostics/error.ts";
import { findGoogleToken, noGoogleCredentials } from "../google/token.ts";
import { urlInVariable, withoutSecrets } from "./ask-service.ts";
import { readRefusal } from "./bucket-refusal.ts";
import { encodedPath } from "./encoded-path.ts";
import type { GcsLocation } from "./gcs-location.ts";
import type { Environment } from "./proxy.ts";
import { type HttpRequest, type HttpResponse, sendRequest } from "./request.ts";
import { temporaryStatus } from "./retry.ts";
import type { Source } from "./source.ts";

/** An object of Google Cloud Storage, asked for with the token that `findGoogleToken` gives; without one as public buckets allow it. */
export function gcsSource(location: GcsLocation): Source {
  return new GcsSource(location);
}

class GcsSource implements Source {
  readonly url: URL;
  readonly #location: GcsLocation;
  #account: { readonly token: string | undefined } | undefined;

  constructor(location: GcsLocation) {
    this.#location = location;
    this.url = location.url;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    for (let isRenewed = false; ; isRenewed = true) {
      const isNew = this.#account === undefined;
      this.#account ??= { token: await findGoogleToken(request) };
      const { token } = this.#account;
      const headers = { ...request.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
      const url = addressOf(this.#location, request.environment);
      const { message, status } = await sendRequest(url, { ...request, headers, followRedirects: false });
      if ([200, 206, 304, 416].includes(status)) return { message, status, url: this.url };
      const { text } = await readRefusal(message);
      // Tokens hold for an hour, and a download may take longer.
      if (status === 401 && token !== undefined && !isNew && !isRenewed) {
        this.#account = undefined;
        continue;
      }
      const reason = withoutSecrets(`Google Cloud Storage answered ${status}${text === "" ? "" : `, ${text}`}`, [token ?? ""]);
      throw temporaryStatus(message, reason) ?? failure(this.url, reason, { status, isSigned: token !== undefined });
    }
  }
}

// --- internal ---

/** STORAGE_EMULATOR_HOST, which Google's own libraries read, is a host and port, or an address. */
function addressOf({ url, bucket, object }: GcsLocation, environment: Environment): URL {
  const text = environment.STORAGE_EMULATOR_HOST || undefined;
  if (text === undefined) return url;
  const base = urlInVariable(/^https?:\/\//i.test(text) ? text : `http://${text}`, "STORAGE_EMULATOR_HOST");
  return new URL(`${base.origin}${base.pathname.replace(/\/$/, "")}/${bucket}/${encodedPath(object)}`);
}

function failure(url: URL, reason: string, { status, isSigned }: { readonly status: number; readonly isSigned: boolean }): BuildError {
  const isRefusal = status === 401 || status === 403;
  const hint = isSigned
    ? "The account may not read it (storage.objects.get), or there is no such object and it may not list the bucket."
    : `It was asked for by nobody, as ${noGoogleCredentials}.`;
  return new BuildError(`could not download ${url.href}: ${reason}`, { code: "TPK7001", hint: isRefusal ? hint : undefined });
}
