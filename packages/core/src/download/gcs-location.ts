// Addresses of objects in Google Cloud Storage (row ISO-10), in the forms that Packer's users have.
import { BuildError } from "../diagnostics/error.ts";
import { decoded } from "./decoded.ts";
import { encodedPath } from "./encoded-path.ts";

/** An object of a bucket. */
export interface GcsLocation {
  readonly kind: "gcs";
  /** The object's address in the storage's XML interface. */
  readonly url: URL;
  readonly bucket: string;
  /** The object's name, which may have slashes. */
  readonly object: string;
}

const forms = "Write it like gcs::https://www.googleapis.com/storage/v1/BUCKET/OBJECT, or gs://BUCKET/OBJECT.";

/** True for `www.googleapis.com/storage/v1/bucket/object`, which needs no `gcs::` in front. */
export function isGcsShorthand(text: string): boolean {
  return /^www\.googleapis\.com\/storage\//i.test(text);
}

/**
 * Reads what stands behind `gcs::`, or the forms without it: `gs://BUCKET/OBJECT` as in Google's own tools, and the host without a scheme. Throws
 * `BuildError` (TPK7001).
 */
export function parseGcsLocation(text: string, shown: string): GcsLocation {
  const [, rest = "", query = ""] = /^([^?#]*)(\?[^#]*)?/.exec(text) ?? [];
  const [, bucket = "", object = ""] =
    /^(?:gs:\/\/|(?:https:\/\/)?www\.googleapis\.com\/storage\/v\d+\/|https:\/\/storage\.(?:googleapis|cloud\.google)\.com\/)([^/]+)\/(.+)$/i.exec(
      rest,
    ) ?? [];
  if (bucket === "" || object === "") throw refused(shown, "it is no address of an object in Google Cloud Storage", forms);
  // The path of the JSON interface (b/BUCKET/o/OBJECT) would name a bucket "b".
  if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucket)) throw refused(shown, `${JSON.stringify(bucket)} is no name of a bucket`, forms);
  if (query !== "") throw refused(shown, "Google Cloud Storage takes no parameters", "An address that is signed already is an https URL.");
  const name = decoded(object);
  return { kind: "gcs", url: new URL(`https://storage.googleapis.com/${bucket}/${encodedPath(name)}`), bucket, object: name };
}

// --- internal ---

function refused(shown: string, reason: string, hint: string): BuildError {
  return new BuildError(`${shown} cannot be downloaded: ${reason}`, { code: "TPK7001", hint });
}
