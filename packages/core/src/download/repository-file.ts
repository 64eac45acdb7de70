// One file out of a repository, fetched by Git or Mercurial themselves: their credentials, certificates and proxies are what users have set up.
import { createWriteStream } from "node:fs";
import { chmod, mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { BuildError, TspackError } from "../diagnostics/error.ts";
import type { Progress } from "../sdk/ui.ts";
import { gitEnvironment } from "./git-environment.ts";
import type { Environment } from "./proxy.ts";
import type { RepositoryLocation } from "./repository-location.ts";
import { type Fetcher, runFetcher } from "./run-fetcher.ts";

/** What fetching from a repository works with, and whom it tells. */
export interface RepositoryOptions {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly idleTimeoutMs: number;
  /** Called when bytes begin to move; how many there are is not known. */
  readonly progress?: (() => Progress) | undefined;
}

/**
 * Writes a file of a repository to `destination`, which is replaced; whoever calls is alone with it. No more is fetched than the one commit, and
 * where the server can do that, no other file. Throws `BuildError` (TPK7001, TPK6008) with what Git or Mercurial say.
 */
export async function fetchRepositoryFile(location: RepositoryLocation, destination: string, options: RepositoryOptions): Promise<void> {
  const folder = `${destination}.clone`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    if (location.tool === "git") await fetchWithGit(location, folder, destination, options);
    else await fetchWithHg(location, folder, destination, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// --- internal ---

async function fetchWithGit(location: RepositoryLocation, folder: string, destination: string, options: RepositoryOptions): Promise<void> {
  const { login, file, revision, depth, sshKey } = location;
  const tree = join(folder, "tree");
  await mkdir(tree);
  const keyFile = sshKey === undefined ? undefined : join(folder, "key");
  if (keyFile !== undefined && sshKey !== undefined) await writeFile(keyFile, Buffer.from(sshKey, "base64"), { mode: 0o600 });
  const environment = gitEnvironment(location, { ...options, keyFile });
  const secrets = [login?.password ?? "", login?.password === "" ? login.user : "", sshKey ?? ""];
  const fetcher: Fetcher = { program: "git", cwd: tree, environment, signal: options.signal, secrets };
  const git = (...args: readonly string[]): Promise<string> => runFetcher(args, fetcher);
  const watched = watchedBytes(options);
  const fetching = { ...fetcher, idleTimeoutMs: options.idleTimeoutMs, onProgress: watched.onProgress };
  try {
    await git("init", "--quiet", "--template=");
    let fetched = "FETCH_HEAD";
    const fetch = ["fetch", "--progress", "--no-tags", "--filter=blob:none"];
    try {
      await runFetcher([...fetch, `--depth=${depth ?? 1}`, "origin", revision ?? "HEAD"], fetching);
    } catch (error) {
      // Servers know commits by their whole name only, and some not even so: then all of the history tells.
      if (revision === undefined || !/^[0-9a-f]{4,64}$/i.test(revision) || !TspackError.is(error) || error.code !== "TPK7001") throw error;
      await runFetcher(["fetch", "--progress", "--tags", "--filter=blob:none", "origin", "+refs/heads/*:refs/remotes/origin/*"], fetching);
      fetched = revision;
    }
    const commit = (await git("rev-parse", "--verify", `${fetched}^{commit}`)).trim();
    const blob = blobIn(await git("ls-tree", "-z", "--full-tree", commit, "--", file), location);
    // By itself, the checkout would fetch it without a word. Where the server gives no single objects it is there, or the checkout fails.
    await runFetcher([...fetch, "--no-write-fetch-head", "origin", blob], fetching).catch((error: unknown) => {
      if (!TspackError.is(error) || error.code !== "TPK7001") throw error;
    });
    await git("checkout", "--quiet", "--force", commit, "--", file);
  } finally {
    watched.finish();
  }
  const path = join(tree, file);
  await refuseLfsPointer(path, location);
  await chmod(path, 0o644);
  await rename(path, destination);
}

/** The object that a listing of one path names, which has to be a file: links are refused, as by Packer. */
function blobIn(listing: string, location: RepositoryLocation): string {
  const [, mode = "", type, hash] = /^(\d+) (\w+) ([0-9a-f]+)\t[^\0]*\0$/.exec(listing) ?? [];
  if (hash === undefined) throw notThere(location);
  if (type === "blob" && mode !== "120000") return hash;
  const kind = mode === "120000" ? "a symbolic link" : type === "tree" ? "a folder" : "a repository of its own";
  throw new BuildError(`${location.file} in ${location.remote} is ${kind}, and no file`, { code: "TPK7001" });
}

async function refuseLfsPointer(path: string, { file, remote }: RepositoryLocation): Promise<void> {
  const start = Buffer.alloc(64);
  const handle = await open(path);
  await handle.read(start, 0, start.length, 0).finally(() => handle.close());
  if (!start.toString().startsWith("version https://git-lfs.github.com/spec/")) return;
  throw new BuildError(`${file} in ${remote} is kept by Git LFS, which is not set up here`, {
    code: "TPK6008",
    hint: "Install it (on Debian it is in the package git-lfs), and run: git lfs install",
  });
}

async function fetchWithHg(location: RepositoryLocation, folder: string, destination: string, options: RepositoryOptions): Promise<void> {
  const { remote, login, file, revision = "default" } = location;
  const environment = { ...options.environment, HGPLAIN: "1" };
  const secrets = [login?.password ?? "", login?.password === "" ? login.user : ""];
  const fetcher: Fetcher = { program: "hg", cwd: folder, environment, signal: options.signal, secrets };
  const hg = (args: readonly string[], more: Partial<Fetcher> = {}): Promise<string> =>
    runFetcher([...args.slice(0, 1), "--noninteractive", ...args.slice(1)], { ...fetcher, ...more });
  await hg(["init"]);
  // Not as an argument, which every user of the machine may see.
  const url = new URL(remote);
  url.username = encodeURIComponent(login?.user ?? decodeURIComponent(url.username));
  url.password = encodeURIComponent(login?.password ?? decodeURIComponent(url.password));
  await writeFile(join(folder, ".hg", "hgrc"), `[paths]\ndefault = ${url.href}\n`, { mode: 0o600 });
  await hg(["pull", "--quiet"]);
  const at = `--rev=${revision}`;
  const listing = await hg(["files", at, "--template={path}\\0{flags}\\0", "--", `path:${file}`]).catch((error: unknown) => {
    // Its exit code 1 says that there is no such file.
    if (TspackError.is(error) && error.message.includes("exit code 1:")) throw notThere(location);
    throw error;
  });
  const [path, flags] = listing.split("\0");
  if (path !== file) throw notThere(location);
  if (flags?.includes("l")) throw new BuildError(`${file} in ${remote} is a symbolic link, and no file`, { code: "TPK7001" });
  const onOutput = (bytes: AsyncIterable<Buffer>): Promise<void> => pipeline(bytes, createWriteStream(destination));
  await hg(["cat", at, "--", `path:${file}`], { onOutput });
}

function notThere({ tool, file, remote, revision }: RepositoryLocation): BuildError {
  const parameter = tool === "git" ? "ref" : "rev";
  const at = revision === undefined ? "" : ` at ${revision}`;
  return new BuildError(`there is no file ${file} in ${remote}${at}`, {
    code: "TPK7001",
    hint: `Behind // stands its path in the repository; the parameter ${parameter} names a branch, tag or commit.`,
  });
}

/** Git's own progress as bytes: `Receiving objects:  50% (2/4), 12.50 MiB | 3.00 MiB/s`. */
function watchedBytes(options: RepositoryOptions): { onProgress(text: string): void; finish(): void } {
  const units: { readonly [unit: string]: number } = { bytes: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
  let progress: Progress | undefined;
  let done = 0;
  let line = "";
  return {
    onProgress(text) {
      const pieces = (line + text).split(/[\r\n]/);
      line = (pieces.pop() ?? "").slice(-500);
      for (const piece of pieces) {
        const [, amount, unit = ""] = /^Receiving objects: .*, ([\d.]+) (bytes|KiB|MiB|GiB)\b/.exec(piece) ?? [];
        if (amount === undefined) continue;
        progress ??= options.progress?.();
        const bytes = Math.round(Number(amount) * (units[unit] ?? 1));
        if (bytes <= done) continue;
        progress?.advance(bytes - done);
        done = bytes;
      }
    },
    finish: () => progress?.finish(),
  };
}
