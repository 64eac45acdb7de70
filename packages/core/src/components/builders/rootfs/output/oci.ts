// The output "oci-archive": a tar file with an OCI image layout of one image (OCI image specification 1.1), readable by
// `podman load`, `skopeo` and, through the `manifest.json` beside it, by `docker load` of any age.
import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { type TarEntry, writeTar } from "../../../../archive/tar-writer.ts";
import { compressor } from "../../../../compression/compressor.ts";
import { goArchitecture } from "../base/oci-archive.ts";
import { type LayerNodes, tarEntries } from "./tar.ts";

/** What an image says about itself, in the words of the OCI specification. */
export interface ImageSettings {
  readonly entrypoint?: readonly string[] | undefined;
  readonly cmd?: readonly string[] | undefined;
  readonly env?: { readonly [name: string]: string } | undefined;
  readonly labels?: { readonly [name: string]: string } | undefined;
  readonly annotations?: { readonly [name: string]: string } | undefined;
  readonly workdir?: string | undefined;
  readonly user?: string | undefined;
  readonly exposed_ports?: readonly string[] | undefined;
  readonly volumes?: readonly string[] | undefined;
  readonly stop_signal?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly architecture?: string | undefined;
  readonly compression_level?: number | undefined;
}

export interface OciOptions {
  readonly settings: ImageSettings;
  /** Where to write the archive. A file of this name with `.layer` behind is used on the way and removed. */
  readonly file: string;
  /** Time of the image; later file times are set to it. */
  readonly createdSeconds: number;
  readonly signal: AbortSignal;
}

interface Blob {
  readonly digest: string;
  readonly sizeBytes: number;
}

/** Go's PATH for containers without one: what docker and podman assume. */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Writes the archive and answers the image's manifest digest, `sha256:…`. */
export async function writeOciArchive(nodes: LayerNodes, options: OciOptions): Promise<string> {
  const layerFile = `${options.file}.layer`;
  try {
    const layer = await writeLayer(nodes, layerFile, options);
    const config = jsonBlob(imageConfig(options, layer.diffId));
    const manifest = jsonBlob({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: config.digest, size: config.sizeBytes },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: layer.digest, size: layer.sizeBytes }],
      ...given("annotations", sorted(options.settings.annotations)),
    });
    const index = indexDocument(options, manifest);
    const dockerManifest = [
      { Config: blobName(config.digest), RepoTags: (options.settings.tags ?? []).map(qualified), Layers: [blobName(layer.digest)] },
    ];
    const blobs: TarEntry[] = [
      { ...member(blobName(config.digest), options), content: config.bytes },
      { ...member(blobName(layer.digest), options), sizeBytes: layer.sizeBytes, content: () => createReadStream(layerFile) },
      { ...member(blobName(manifest.digest), options), content: manifest.bytes },
    ];
    const entries: TarEntry[] = [
      { ...member("oci-layout", options), content: Buffer.from(JSON.stringify({ imageLayoutVersion: "1.0.0" })) },
      { ...member("index.json", options), content: Buffer.from(JSON.stringify(index)) },
      { ...member("manifest.json", options), content: Buffer.from(JSON.stringify(dockerManifest)) },
      { name: "blobs", type: "directory", mode: 0o755, mtimeSeconds: options.createdSeconds },
      { name: "blobs/sha256", type: "directory", mode: 0o755, mtimeSeconds: options.createdSeconds },
      ...blobs.sort((a, b) => (a.name < b.name ? -1 : 1)),
    ];
    await pipeline(writeTar(entries), createWriteStream(options.file, { flags: "wx" }), { signal: options.signal });
    return manifest.digest;
  } finally {
    await rm(layerFile, { force: true });
  }
}

async function writeLayer(nodes: LayerNodes, file: string, options: OciOptions): Promise<Blob & { readonly diffId: string }> {
  const plain = createHash("sha256");
  const packed = createHash("sha256");
  let sizeBytes = 0;
  const tar = writeTar(tarEntries(nodes, { latestSeconds: options.createdSeconds, signal: options.signal }));
  await pipeline(
    tar,
    (source: AsyncIterable<Buffer>) => hashed(source, plain),
    compressor("gz", { level: options.settings.compression_level, signal: options.signal }),
    async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of hashed(source, packed)) {
        sizeBytes += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(file, { flags: "wx" }),
    { signal: options.signal },
  );
  return { digest: digestOf(packed), sizeBytes, diffId: digestOf(plain) };
}

function imageConfig({ settings, createdSeconds }: OciOptions, diffId: string) {
  const env = { PATH: DEFAULT_PATH, ...settings.env };
  const emptyObjects = (names: readonly string[] | undefined) =>
    names === undefined ? undefined : Object.fromEntries([...names].sort().map((name) => [name, {}]));
  const created = new Date(createdSeconds * 1000).toISOString().replace(".000Z", "Z");
  return {
    created,
    architecture: settings.architecture ?? goArchitecture(),
    os: "linux",
    config: {
      ...given("User", settings.user),
      ...given("ExposedPorts", emptyObjects(settings.exposed_ports?.map((port) => (port.includes("/") ? port : `${port}/tcp`)))),
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      ...given("Entrypoint", settings.entrypoint),
      ...given("Cmd", settings.cmd),
      ...given("Volumes", emptyObjects(settings.volumes)),
      ...given("WorkingDir", settings.workdir),
      ...given("Labels", sorted(settings.labels)),
      ...given("StopSignal", settings.stop_signal),
    },
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created, created_by: "tspack rootfs" }],
  };
}

/** One descriptor for each tag, all of the same manifest: that is how a layout names an image more than once. */
function indexDocument({ settings }: OciOptions, manifest: Blob) {
  const descriptor = {
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: manifest.digest,
    size: manifest.sizeBytes,
    platform: { architecture: settings.architecture ?? goArchitecture(), os: "linux" },
  };
  const tags = settings.tags ?? [];
  const named = tags.map((tag) => ({
    ...descriptor,
    annotations: { "io.containerd.image.name": qualified(tag), "org.opencontainers.image.ref.name": qualified(tag) },
  }));
  return { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: named.length === 0 ? [descriptor] : named };
}

/** `web` means `web:latest`, as everywhere. */
function qualified(tag: string): string {
  return /:[^/]*$/.test(tag) ? tag : `${tag}:latest`;
}

function member(name: string, options: OciOptions): TarEntry {
  return { name, type: "file", mode: 0o644, mtimeSeconds: options.createdSeconds };
}

function jsonBlob(document: unknown): Blob & { readonly bytes: Buffer } {
  const bytes = Buffer.from(JSON.stringify(document));
  return { bytes, digest: digestOf(createHash("sha256").update(bytes)), sizeBytes: bytes.length };
}

async function* hashed(source: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

function digestOf(hash: Hash): string {
  return `sha256:${hash.digest("hex")}`;
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function sorted(map: { readonly [name: string]: string } | undefined): { readonly [name: string]: string } | undefined {
  if (map === undefined) return undefined;
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A key only where there is a value: the specification has no nulls. */
function given<T>(key: string, value: T | undefined): { readonly [key: string]: T } {
  return value === undefined ? {} : { [key]: value };
}
