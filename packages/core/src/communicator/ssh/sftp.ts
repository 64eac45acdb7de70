// SFTP version 3 (draft-ietf-secsh-filexfer-02) with many requests under way at once: one at a time costs a round trip each,
// which is why Packer's SFTP is slow.
import type { FileEntryWithStats, SFTPWrapper, Stats } from "ssh2";
import { CommunicatorError, errorText, isCancellation, TspackError } from "../../diagnostics/error.ts";
import { orAborted } from "../abort.ts";
import { printable } from "../printable.ts";
import type { SshSession } from "./session.ts";
import { sftpLimits } from "./ssh2-internals.ts";

/**
 * Bytes of one write and one read, where the server takes that many. It is what OpenSSH's takes, and twice as fast as 64 KiB,
 * since a server works on one request at a time.
 */
const LARGEST_REQUEST_BYTES = 255 * 1024;
/** Data under way at once; more than the channel's window, so that the window is what limits. */
const BYTES_UNDER_WAY = 4 * 1024 * 1024;
/** A file that is read starts with so many requests, which is enough for most, and gets more as it turns out to be long. */
const FIRST_READS = 2;

const NO_SUCH_FILE = 2;
const END_OF_FILE = 1;

/** Runs `body` with an SFTP session of its own. What goes wrong becomes a `CommunicatorError` that starts with `what`. */
export async function withSftp<T>(
  session: SshSession,
  task: { readonly what: string; readonly signal: AbortSignal },
  body: (sftp: Sftp) => Promise<T>,
): Promise<T> {
  let sftp: Sftp | undefined;
  try {
    sftp = await session.sftp((raw) => new Sftp(raw), task.signal);
    return await orAborted(body(sftp), task.signal);
  } catch (error) {
    if (isCancellation(error)) throw error;
    if (sftp === undefined && TspackError.is(error) && error.code === "TPK5006") {
      throw new CommunicatorError(`${task.what}: the machine has no SFTP server`, {
        code: "TPK5005",
        hint: 'Enable the sftp subsystem of its sshd, or set ssh_file_transfer_method to "scp".',
        cause: error,
      });
    }
    const code = TspackError.is(error) && error.code === "TPK5004" ? "TPK5004" : "TPK5005";
    throw new CommunicatorError(`${task.what}: ${errorText(error)}`, { code, cause: error });
  } finally {
    sftp?.end();
  }
}

/** One SFTP session. Paths as SFTP has them: relative ones start in the home folder; `~/` is taken off. */
export class Sftp {
  readonly #raw: SFTPWrapper;
  readonly #readBytes: number;
  readonly #writeBytes: number;
  #isGone = false;

  constructor(raw: SFTPWrapper) {
    this.#raw = raw;
    const limits = sftpLimits(raw);
    this.#readBytes = Math.min(limits.readBytes, LARGEST_REQUEST_BYTES);
    this.#writeBytes = Math.min(limits.writeBytes, LARGEST_REQUEST_BYTES);
    raw.once("close", () => {
      this.#isGone = true;
    });
  }

  /** Creates or replaces a file. Reads `content` with back-pressure. */
  async write(path: string, content: AsyncIterable<Buffer>, mode: number): Promise<void> {
    const raw = this.#raw;
    const handle = await this.#call<Buffer>(path, (done) => raw.open(toSftpPath(path), "w", mode, done));
    try {
      const window = new RequestWindow(requestsOf(this.#writeBytes));
      let position = 0;
      for await (const bytes of content) {
        for (let start = 0; start < bytes.length; start += this.#writeBytes) {
          const part = bytes.subarray(start, start + this.#writeBytes);
          const at = position;
          await window.add(() => this.#call<void>(path, (done) => raw.write(handle, part, 0, part.length, at, done)));
          position += part.length;
        }
      }
      await window.drain();
      // The mode given to open is subject to the umask, and an existing file keeps its own.
      await this.#call<void>(path, (done) => raw.fchmod(handle, mode & 0o7777, done));
    } finally {
      await this.#call<void>(path, (done) => raw.close(handle, done)).catch(() => {});
    }
  }

  /** The bytes of a file, in order. */
  async *read(path: string): AsyncGenerator<Buffer, void, undefined> {
    const raw = this.#raw;
    const handle = await this.#call<Buffer>(path, (done) => raw.open(toSftpPath(path), "r", done));
    const readAt = (position: number, length: number): Promise<Buffer> => {
      const buffer = Buffer.allocUnsafe(length);
      const bytes = new Promise<Buffer>((resolve, reject) => {
        raw.read(handle, buffer, 0, length, position, (error, count) => {
          if (error !== undefined && error !== null && statusOf(error) !== END_OF_FILE) reject(explained(path, error));
          else resolve(buffer.subarray(0, error === undefined || error === null ? count : 0));
        });
      });
      // Awaited later, or never when reading stops early.
      bytes.catch(() => {});
      return bytes;
    };
    const ahead: Promise<Buffer>[] = [];
    const size = this.#readBytes;
    try {
      let next = 0;
      for (let count = FIRST_READS; ; count = Math.min(2 * count, requestsOf(size))) {
        while (ahead.length < count) {
          ahead.push(readAt(next, size));
          next += size;
        }
        const bytes = await ahead.shift();
        if (bytes === undefined || bytes.length === 0) return;
        yield bytes;
        // A server may give less than was asked for in the middle of a file.
        let missing = size - bytes.length;
        while (missing > 0) {
          const rest = await readAt(next - ahead.length * size - missing, missing);
          if (rest.length === 0) return;
          yield rest;
          missing -= rest.length;
        }
      }
    } finally {
      await this.#call<void>(path, (done) => raw.close(handle, done)).catch(() => {});
    }
  }

  end(): void {
    this.#raw.end();
  }

  async stat(path: string): Promise<Stats> {
    return this.#call<Stats>(path, (done) => this.#raw.stat(toSftpPath(path), done));
  }

  async list(path: string): Promise<readonly FileEntryWithStats[]> {
    return this.#call<FileEntryWithStats[]>(path, (done) => this.#raw.readdir(toSftpPath(path), done));
  }

  async chmod(path: string, mode: number): Promise<void> {
    await this.#call<void>(path, (done) => this.#raw.chmod(toSftpPath(path), mode & 0o7777, done));
  }

  /** Makes a folder and those above it; ones that exist are fine. */
  async makeFolder(path: string): Promise<void> {
    const plain = toSftpPath(path);
    try {
      if ((await this.stat(plain)).isDirectory()) return;
    } catch (error) {
      if (!(error instanceof SftpError) || error.status !== NO_SUCH_FILE) throw error;
    }
    const parent = plain.replace(/\/*[^/]*\/*$/, "");
    if (parent !== "" && parent !== plain) await this.makeFolder(parent);
    try {
      await this.#call<void>(path, (done) => this.#raw.mkdir(plain, done));
    } catch (error) {
      // SFTP says no more than "failure" when it exists: somebody else may have made it meanwhile.
      if (!(await this.stat(plain)).isDirectory()) throw error;
    }
  }

  async #call<T>(path: string, start: (done: (error: Error | null | undefined, value: T) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // ssh2 never answers a request that is made on a closed session.
      if (this.#isGone) throw connectionLost();
      start((error, value) => {
        if (error === undefined || error === null) resolve(value);
        else reject(explained(path, error));
      });
    });
  }
}

/** Runs tasks side by side, so many at a time. The first failure surfaces at the next call. */
export class RequestWindow {
  readonly #limit: number;
  readonly #underWay = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Starts a task as soon as there is room for it; resolves when it has started. */
  async add(task: () => Promise<void>): Promise<void> {
    while (this.#underWay.size >= this.#limit) await Promise.race(this.#underWay);
    this.#throwFailure();
    const running = task()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(running));
    this.#underWay.add(running);
  }

  /** Waits for all tasks. */
  async drain(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

// --- internal ---

function requestsOf(bytes: number): number {
  return Math.max(FIRST_READS, Math.ceil(BYTES_UNDER_WAY / bytes));
}

class SftpError extends Error {
  readonly status: number | undefined;
  constructor(message: string, status: number | undefined, cause: unknown) {
    super(message, { cause });
    this.name = "SftpError";
    this.status = status;
  }
}

function explained(path: string, error: Error): Error {
  const status = statusOf(error);
  if (/No response from server/.test(error.message))
    return new CommunicatorError("the connection was lost", { code: "TPK5004", cause: error });
  const reason = status === NO_SUCH_FILE ? "no such file or folder" : printable(error.message.toLowerCase());
  return new SftpError(`${path}: ${reason}`, status, undefined);
}

function connectionLost(): CommunicatorError {
  return new CommunicatorError("the connection was lost", { code: "TPK5004" });
}

function statusOf(error: Error): number | undefined {
  return "code" in error && typeof error.code === "number" ? error.code : undefined;
}

function toSftpPath(path: string): string {
  const plain = path.replace(/^~(\/+|$)/, "");
  return plain === "" ? "." : plain;
}
