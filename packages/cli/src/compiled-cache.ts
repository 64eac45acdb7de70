// Keeps the program as V8 compiled it between starts, which Node itself does from 22.8 on: without it a third of a small `validate`
// is compiling. One file per file of the program and version of V8 in `tspack/compiled` of the user's cache folder. Whatever is wrong
// with one makes it a miss; whatever keeps one from being written is no error.
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { constants, Script } from "node:vm";
import { crc32 } from "node:zlib";

/** The last line of a file of the program: its digest. V8 compares no more than the length of the text that it is given. */
const digestLine = /\/\/ sha256:([0-9a-f]{64})\n$/;
/** Entries are removed when they are so old. */
const MAX_AGE_MS = 7 * 24 * 60 * 60 * 1000;
/** What all entries may take, those of plugins too: far more than some versions of the program and its plugins do. */
const MAX_BYTES = 100_000_000;
const MAX_ENTRIES = 100;
/** Versions of one file: more than one, since a project may have another version of the program than its user, and both are started in turn. */
const MAX_VERSIONS = 2;
const CHECKSUM_BYTES = 4;
/** Less is compiled as quickly as it is read. */
const LEAST_BYTES = 200_000;

type Environment = { readonly [name: string]: string | undefined };
type Wrapper = (exports: unknown, require: NodeJS.Require, module: Module, filename: string, dirname: string) => void;

/**
 * Loads a file of the program as `require` does, and all that it requires beside itself. What had to be compiled is written when the
 * process ends. Files without a digest at their end are not kept.
 */
export function requireCompiled(file: string, environment: Environment): unknown {
  const known = require.cache[file];
  if (known !== undefined) return known.exports;
  // The line that names the interpreter is none of JavaScript; places in the file stay as they are.
  const text = readFileSync(file, "latin1").replace(/^#!/, "//");
  const digest = digestLine.exec(text.slice(-100))?.[1];
  const plain = createRequire(file);
  if (digest === undefined) return plain(file);
  const kept = text.length < LEAST_BYTES ? undefined : entryPath(file, digest, environment);
  const cachedData = kept === undefined ? undefined : readEntry(kept);
  // A function around the text, as Node makes it; V8 is told where the text begins, so that places in stacks are right.
  const [head, tail] = Module.wrap("\0").split("\0");
  const script = new Script(`${head}${text}${tail}`, {
    filename: file,
    columnOffset: -(head ?? "").length,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const module = new Module(file);
  module.filename = file;
  module.paths = plain.resolve.paths("x") ?? [];
  require.cache[file] = module;
  // At the end the functions that were called are compiled too.
  if (kept !== undefined && (cachedData === undefined || script.cachedDataRejected))
    process.once("exit", () => writeEntry(kept, script.createCachedData()));
  try {
    const run: Wrapper = script.runInThisContext();
    run.call(module.exports, module.exports, withCompiled(plain, dirname(file), environment), module, file, dirname(file));
  } catch (error) {
    delete require.cache[file];
    throw error;
  }
  module.loaded = true;
  return module.exports;
}

// --- internal ---

/** A `require` that takes files beside the requiring one from here. */
function withCompiled(plain: NodeJS.Require, folder: string, environment: Environment): NodeJS.Require {
  const own = (path: string): unknown =>
    /^\.\/[\w-]+\.cjs$/.test(path) ? requireCompiled(join(folder, path.slice(2)), environment) : plain(path);
  return Object.assign(own, { resolve: plain.resolve, cache: plain.cache, extensions: plain.extensions, main: plain.main });
}

/** V8 refuses what another version, processor or set of flags has compiled: each has an entry of its own, as far as one can tell. */
function entryPath(file: string, digest: string, environment: Environment): string {
  const cache = environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), ".cache");
  const flags = crc32([...process.execArgv, environment.NODE_OPTIONS ?? ""].join(" ")).toString(16);
  const compiler = `${process.version}-${process.arch}-${flags}`;
  return join(cache, "tspack", "compiled", `${basename(file, ".cjs")}-${digest.slice(0, 32)}-${compiler}`);
}

/** Machine code of a kind: it is used only when nobody else can have written it. */
function readEntry(path: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const { uid, mode } = fstatSync(descriptor);
    if (process.geteuid !== undefined && (uid !== process.geteuid() || (mode & 0o022) !== 0)) return undefined;
    const entry = readFileSync(descriptor);
    // V8 does not look, and a damaged file would end the process.
    const content = entry.subarray(0, -CHECKSUM_BYTES);
    return entry.length > CHECKSUM_BYTES && crc32(content) === entry.readUInt32LE(content.length) ? content : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function writeEntry(path: string, content: Buffer): void {
  const temporary = `${path}.${process.pid}.${Date.now()}`;
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt32LE(crc32(content));
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, Buffer.concat([content, checksum]), { mode: 0o600, flag: "wx" });
    renameSync(temporary, path);
    removeOthers(path);
  } catch {
    // A folder that cannot be written, a full disk: the next start compiles again.
    removeQuietly(temporary);
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Then it was never written.
  }
}

/** Removes what is old, and the oldest of what is more than there may be, but not `written`. Nobody waits for it: it runs when the process ends. */
function removeOthers(written: string): void {
  const folder = dirname(written);
  const entries = readdirSync(folder).flatMap((name) => {
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    return found === undefined ? [] : [{ name, sizeBytes: found.size, writtenAt: found.mtimeMs }];
  });
  const newestFirst = entries.sort(
    (a, b) => Number(b.name === basename(written)) - Number(a.name === basename(written)) || b.writtenAt - a.writtenAt,
  );
  const versions = new Map<string, number>();
  let sizeBytes = 0;
  for (const [index, entry] of newestFirst.entries()) {
    // All but the digest: the file, and what it was compiled for.
    const file = entry.name.replace(/-[0-9a-f]{32}-/, "--");
    const version = (versions.get(file) ?? 0) + 1;
    versions.set(file, version);
    sizeBytes += entry.sizeBytes;
    const isTooMuch = index >= MAX_ENTRIES || sizeBytes > MAX_BYTES || version > MAX_VERSIONS;
    if (index > 0 && (isTooMuch || Date.now() - entry.writtenAt > MAX_AGE_MS)) removeQuietly(join(folder, entry.name));
  }
}
