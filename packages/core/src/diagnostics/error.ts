import type { ErrorCode } from "./codes.ts";
import type { Diagnostic } from "./diagnostic.ts";

const brand = Symbol.for("tspack.error");

/** What an error may carry besides its message. */
export interface TspackErrorOptions {
  readonly code?: ErrorCode;
  readonly diagnostics?: readonly Diagnostic[];
  /** The next thing the user can do. */
  readonly hint?: string | undefined;
  /** The option of the component that it is about: the place in the user's file that is shown. */
  readonly option?: string | undefined;
  readonly cause?: unknown;
}

/**
 * Something that happened and could not be dealt with. Recognise one with `TspackError.is`, not `instanceof`:
 * two copies of the library do meet (a plugin's and ours).
 */
export class TspackError extends Error {
  readonly code: ErrorCode;
  readonly diagnostics: readonly Diagnostic[];
  readonly hint: string | undefined;
  readonly option: string | undefined;

  constructor(message: string, options: TspackErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code ?? "TPK6001";
    this.diagnostics = options.diagnostics ?? [];
    this.hint = options.hint;
    this.option = options.option;
    Object.defineProperty(this, brand, { value: true });
  }

  static is(value: unknown): value is TspackError {
    return typeof value === "object" && value !== null && brand in value;
  }
}

/** The program could not be read, bundled or evaluated. */
export class LoadError extends TspackError {}

/** What the user wrote cannot be run; `diagnostics` says why, all at once. */
export class ConfigError extends TspackError {
  constructor(message: string, options: TspackErrorOptions = {}) {
    super(message, { code: "TPK3105", ...options });
  }
}

/** A plugin could not be started, broke its protocol, was lost, or reported a failure. */
export class PluginError extends TspackError {
  constructor(message: string, options: TspackErrorOptions = {}) {
    super(message, { code: "TPK4002", ...options });
  }
}

/** The communicator could not connect, authenticate or transfer. */
export class CommunicatorError extends TspackError {
  constructor(message: string, options: TspackErrorOptions = {}) {
    super(message, { code: "TPK5004", ...options });
  }
}

/** A step of a build went wrong. */
export class BuildError extends TspackError {}

/** The user, or a time limit of the run, asked to stop. */
export class CancelledError extends TspackError {
  constructor(message = "cancelled", options: TspackErrorOptions = {}) {
    super(message, { code: "TPK6009", ...options });
  }
}

/** A fault of ours. Its stack is shown and a report is asked for. */
export class InternalError extends TspackError {
  constructor(message: string, options: TspackErrorOptions = {}) {
    super(message, { code: "TPK9001", ...options });
  }
}

/** True for our own cancellation and for Node's AbortError. */
export function isCancellation(error: unknown): boolean {
  if (TspackError.is(error)) return error.code === "TPK6009";
  return error instanceof Error && error.name === "AbortError";
}

/** The text of an error and its causes, one sentence each, without repeating what a cause's text already says. */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError) {
    const parts = error.errors.map(errorText);
    return error.message === "" ? parts.join("; ") : `${error.message}: ${parts.join("; ")}`;
  }
  if (!(error instanceof Error)) return String(error);
  const text = error.message === "" ? error.name : error.message;
  if (error.cause === undefined) return text;
  const cause = errorText(error.cause);
  return text.includes(cause) ? text : `${text}: ${cause}`;
}
