// A loopback server that plays GitHub, its API and HashiCorp's site of releases.
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { writeZip } from "../../../src/archive/zip-writer.ts";
import { currentPlatform } from "../../../src/plugins/file-name.ts";
import { type TestServer, testServer } from "../../download/test-server.ts";
import { fakePlugin } from "./fake-plugin.ts";

/** A release, and what is unusual about it. */
export interface FakeRelease {
  /** `acme/acme` */
  readonly repository: string;
  readonly version: string;
  readonly layout?: "github" | "hashicorp";
  readonly api?: string;
  /** What the executable says instead. */
  readonly says?: string;
  /** Name of the file in the archive, instead of the right one. */
  readonly entry?: string;
  readonly platforms?: readonly string[];
  readonly remark?: string;
}

export type Responder = (request: IncomingMessage, response: ServerResponse) => void;

export interface ReleaseServer extends TestServer {
  /** What is served, by path. */
  readonly files: Map<string, Buffer>;
  /** Stand in for a file; in turn, and the file itself when they are used up. */
  readonly answers: Map<string, Responder[]>;
  /** The Authorization header of each request, in order. */
  readonly tokens: (string | undefined)[];
  add(release: FakeRelease): Promise<void>;
}

/** This system, as archives name it. */
export const platform = `${currentPlatform().os}_${currentPlatform().architecture}`;

export function sha256(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A zip archive with a file, beside another. */
export async function zipOf(name: string, text: string): Promise<Buffer> {
  const content = Buffer.from(text);
  const entry = { name, mode: 0o755, sizeBytes: content.length, content: () => Readable.from([content]) };
  const readme = { name: "README.md", mode: 0o644, sizeBytes: 2, content: () => Readable.from([Buffer.from("hi")]) };
  const pieces: Buffer[] = [];
  for await (const piece of writeZip([readme, entry], { level: -1 })) pieces.push(piece);
  return Buffer.concat(pieces);
}

export async function releaseServer(...releases: readonly FakeRelease[]): Promise<ReleaseServer> {
  const files = new Map<string, Buffer>();
  const answers = new Map<string, Responder[]>();
  const tokens: (string | undefined)[] = [];
  const server = await testServer((request, response) => {
    tokens.push(request.headers.authorization);
    const path = request.url ?? "";
    const answer = answers.get(path)?.shift();
    if (answer !== undefined) return answer(request, response);
    const file = files.get(path);
    if (file === undefined) return void response.writeHead(404).end("nothing here");
    const etag = `"${sha256(file).slice(0, 16)}"`;
    if (request.headers["if-none-match"] === etag) return void response.writeHead(304).end();
    response.writeHead(200, { etag, "content-length": file.length }).end(file);
  });
  const made: ReleaseServer = {
    ...server,
    requests: server.requests,
    files,
    answers,
    tokens,
    add: (release) => addRelease(files, release),
  };
  for (const release of releases) await made.add(release);
  return made;
}

async function addRelease(files: Map<string, Buffer>, release: FakeRelease): Promise<void> {
  const { repository, version, layout = "github", api = "x5.0", platforms = [platform, "plan9_mips"], remark } = release;
  const [owner = "", name = ""] = repository.split("/");
  const isGitHub = layout === "github";
  const folder = isGitHub ? `/${owner}/packer-plugin-${name}/releases/download/v${version}` : `/packer-plugin-${name}/${version}`;
  const stem = isGitHub ? `packer-plugin-${name}_v${version}` : `packer-plugin-${name}_${version}`;
  const sums = [`${sha256("{}")}  ${stem}_manifest.json`];
  for (const one of platforms) {
    const entry = release.entry ?? `packer-plugin-${name}_v${version}_${api}_${one}`;
    const archive = await zipOf(entry, fakePlugin({ version: release.says ?? version, api, remark: `${one} ${remark ?? ""}` }));
    const file = isGitHub ? `${stem}_${api}_${one}.zip` : `${stem}_${one}.zip`;
    files.set(`${folder}/${file}`, archive);
    sums.push(`${sha256(archive)}  ${file}`);
  }
  files.set(`${folder}/${stem}_SHA256SUMS`, Buffer.from(`${sums.join("\n")}\n`));
  if (isGitHub) {
    const path = `/repos/${owner}/packer-plugin-${name}/git/matching-refs/tags`;
    const before: { ref: string }[] = JSON.parse(files.get(path)?.toString() ?? "[]");
    files.set(path, Buffer.from(JSON.stringify([...before, { ref: `refs/tags/v${version}` }])));
    return;
  }
  files.set(`${folder}/${stem}_manifest.json`, Buffer.from(JSON.stringify({ metadata: { protocol_version: api.slice(1) } })));
  const path = `/packer-plugin-${name}/index.json`;
  const before: { versions: object } = JSON.parse(files.get(path)?.toString() ?? '{"versions":{}}');
  files.set(path, Buffer.from(JSON.stringify({ versions: { ...before.versions, [version]: {} } })));
}
