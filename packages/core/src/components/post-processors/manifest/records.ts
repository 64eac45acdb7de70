// The content of a manifest file, in Packer's form (row PP-17), byte for byte.
import * as z from "zod";

/** What is recorded of one build. Its fields stand in the file in this order. */
export interface BuildRecord {
  readonly name: string;
  readonly builder_type: string;
  /** Seconds since 1970; left out with `strip_time`. */
  readonly build_time?: number;
  readonly files: readonly { readonly name: string; readonly size: number }[] | null;
  readonly artifact_id: string;
  readonly packer_run_uuid: string;
  readonly custom_data: { readonly [name: string]: string } | null;
}

/** A manifest as it is read: records of earlier runs are kept as they are, whoever wrote them. */
export interface Manifest {
  readonly builds: readonly object[];
  readonly last_run_uuid: string;
}

/** Reads a manifest file's text; an empty one has no records. Throws when it is not a manifest. */
export function parseManifest(text: string): Manifest {
  if (text.trim() === "") return { builds: [], last_run_uuid: "" };
  const schema = z.object({ builds: z.array(z.looseObject({})).nullish(), last_run_uuid: z.string().nullish() });
  const parsed = schema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error("it does not hold a list of builds");
  return { builds: parsed.data.builds ?? [], last_run_uuid: parsed.data.last_run_uuid ?? "" };
}

/** The text of a manifest file, as Go's encoding/json writes it: two spaces, no line end, `<`, `>` and `&` escaped. */
export function formatManifest(manifest: Manifest): string {
  const { builds, last_run_uuid } = manifest;
  return JSON.stringify({ builds, last_run_uuid }, undefined, 2).replace(/[<>&\u2028\u2029]|\\./g, (found) => {
    if (found === "\\b") return "\\u0008";
    if (found === "\\f") return "\\u000c";
    return found.startsWith("\\") ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
