import type { Readable, Writable } from "node:stream";

/** Exit code that stands for "the connection went away while the command ran" (row CON-06). */
export const DISCONNECT_EXIT_CODE = 2300218;

/** A command for the machine's shell. */
export interface RemoteCommand {
  /** As the remote shell reads it. */
  readonly command: string;
  /** Piped to the command; the communicator destroys it when the command ends first. */
  readonly stdin?: Readable | undefined;
  /** Receive the output as it comes, with back-pressure. The communicator does not end them; they belong to the caller. */
  readonly stdout?: Writable | undefined;
  readonly stderr?: Writable | undefined;
  /** Stops the command (as far as the machine lets us) and rejects with a cancellation. */
  readonly signal: AbortSignal;
}

/** A file to put on the machine. */
export interface Upload {
  /** Destination path. */
  readonly path: string;
  /** The local file's own name, where there is one: a path on Windows that ends in a separator takes it (row CON-12). */
  readonly name?: string | undefined;
  /** Streamed, never held whole; destroyed by the communicator on failure. */
  readonly content: Readable;
  /** Length, when it is known: scp needs it, others show progress with it. */
  readonly sizeBytes?: number | undefined;
  /** Permission bits; 0o644 unless given. */
  readonly mode?: number | undefined;
  readonly signal: AbortSignal;
}

/** A folder to transfer. rsync's rule (row FP-07): a source with a trailing slash means its contents, without one the folder itself. */
export interface DirectoryTransfer {
  readonly source: string;
  readonly destination: string;
  /** Paths to leave out, relative to the source. */
  readonly exclude?: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/**
 * The way into the machine that is being built.
 *
 * Contract: methods may be called one after another, and at the same time from concurrent tasks (implementations that cannot
 * run two things at once queue them). Every method rejects promptly when its `signal` aborts, and leaves no process and no
 * temporary file of its own on our side. Failures are `CommunicatorError`s (5xxx). A communicator is closed by whoever
 * connected it, not by those who are handed it.
 */
export interface Communicator {
  /** Runs a command to its end. A non-zero exit code is a result, not an error; a lost connection is `DISCONNECT_EXIT_CODE`. */
  execute(command: RemoteCommand): Promise<{ readonly exitCode: number }>;
  upload(file: Upload): Promise<void>;
  uploadDirectory(transfer: DirectoryTransfer): Promise<void>;
  /** Streams a remote file into `content`, which is ended when all of it has arrived. */
  download(file: { readonly path: string; readonly content: Writable; readonly signal: AbortSignal }): Promise<void>;
  /** `source` is remote, `destination` local and created when missing. */
  downloadDirectory(transfer: DirectoryTransfer): Promise<void>;
}
