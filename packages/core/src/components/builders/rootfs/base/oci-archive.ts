// Finds the layers of an image in an OCI archive: a tar file that holds an image layout (OCI image specification, "Image Layout").
import { open } from "node:fs/promises";
import * as z from "zod";
import { readTar } from "../../../../archive/tar-reader.ts";
import { BuildError } from "../../../../diagnostics/error.ts";
import type { FileSlice } from "../tree/node.ts";
import { type ArchiveOptions, unpacked } from "./unpacked.ts";

/** A layer's bytes, still compressed. */
export interface LayerSlice extends FileSlice {
  readonly start: number;
  /** Last byte, inclusive. */
  readonly end: number;
}

/** Manifests, indexes and configurations are small; a larger blob is a layer and is not read whole. */
const MOST_DOCUMENT_BYTES = 1024 * 1024;

/**
 * The layers of the (only, or first) image for this machine's architecture, lowest first; undefined when the file is no OCI
 * archive. Layers go to the spool. Throws TPK3107 for a layout without a usable image.
 */
export async function readOciLayers(file: string, options: ArchiveOptions): Promise<readonly LayerSlice[] | undefined> {
  if (!(await looksLikeLayout(file, options))) return undefined;
  const documents = new Map<string, Buffer>();
  const layers = new Map<string, LayerSlice>();
  for await (const member of readTar(unpacked(file, { start: 0 }, options))) {
    options.signal.throwIfAborted();
    const name = member.name.replace(/^\.\//, "");
    if (member.type !== "file") continue;
    const { content, sizeBytes } = await options.spool.add(member.content, options.signal);
    layers.set(name, { ...content, start: content.offset, end: content.offset + sizeBytes - 1 });
    if (sizeBytes <= MOST_DOCUMENT_BYTES) documents.set(name, await readSlice(content, sizeBytes));
  }
  const document = (name: string): Buffer => {
    const found = documents.get(name);
    if (found === undefined) throw broken(file, `${name} is missing`);
    return found;
  };
  const manifest = findManifest(file, document);
  return manifest.layers.map((layer) => {
    const slice = layers.get(blobName(layer.digest));
    if (slice === undefined) throw broken(file, `the layer ${layer.digest} is missing`);
    return slice;
  });
}

/** Ours start with `oci-layout`; others' have it, `index.json` or `blobs/` first. */
async function looksLikeLayout(file: string, options: ArchiveOptions): Promise<boolean> {
  for await (const member of readTar(unpacked(file, { start: 0 }, options))) {
    return /^(\.\/)?(oci-layout|index\.json|blobs(\/.*)?)$/.test(member.name);
  }
  return false;
}

function findManifest(file: string, document: (name: string) => Buffer) {
  const descriptor = z.object({
    mediaType: z.string().optional(),
    digest: z.string(),
    platform: z.object({ architecture: z.string(), os: z.string() }).optional(),
  });
  const indexSchema = z.object({ manifests: z.array(descriptor) });
  const manifestSchema = z.object({ layers: z.array(z.object({ digest: z.string() })) });
  const parse = <T>(schema: z.ZodType<T>, name: string): T => {
    try {
      return schema.parse(JSON.parse(document(name).toString("utf8")));
    } catch (cause) {
      if (cause instanceof BuildError) throw cause;
      throw broken(file, `${name} is malformed`);
    }
  };
  let index = parse(indexSchema, "index.json");
  // An image for several architectures is an index inside the index.
  for (let depth = 0; depth < 3; depth++) {
    const wanted = goArchitecture();
    const chosen = index.manifests.find((entry) => entry.platform?.architecture === wanted) ?? index.manifests[0];
    if (chosen === undefined) break;
    if (chosen.mediaType === undefined || !/index|manifest\.list/.test(chosen.mediaType))
      return parse(manifestSchema, blobName(chosen.digest));
    index = parse(indexSchema, blobName(chosen.digest));
  }
  throw broken(file, "it names no image");
}

/** This machine's architecture in the words of the OCI specification, which are Go's. */
export function goArchitecture(): string {
  const names: { readonly [arch: string]: string } = { x64: "amd64", ia32: "386", arm64: "arm64", arm: "arm", ppc64: "ppc64le" };
  return names[process.arch] ?? process.arch;
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

async function readSlice(slice: FileSlice, sizeBytes: number): Promise<Buffer> {
  const handle = await open(slice.file, "r");
  const bytes = Buffer.alloc(sizeBytes);
  await handle.read(bytes, 0, sizeBytes, slice.offset).finally(() => handle.close());
  return bytes;
}

function broken(file: string, reason: string): BuildError {
  return new BuildError(`${file} looks like an OCI archive, but ${reason}`, { code: "TPK3107" });
}
