// The part of yazl 3.3 that we use; it comes without types.
declare module "yazl" {
  export interface EntryOptions {
    readonly mtime?: Date;
    readonly mode?: number;
    readonly size?: number;
    readonly compressionLevel?: number;
    readonly forceDosTimestamp?: boolean;
  }
  export class ZipFile {
    readonly outputStream: import("node:stream").Readable;
    addReadStreamLazy(
      name: string,
      options: EntryOptions,
      open: (done: (error: Error | null, content: import("node:stream").Readable) => void) => void,
    ): void;
    end(): void;
    on(event: "error", listener: (error: Error) => void): this;
  }
}
