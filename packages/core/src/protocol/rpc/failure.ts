// A failure on the wire: its text, with what to do about it, and between two programs of ours its code and the option that it is about.
// These travel in the body of an answer that reports a failure, which is empty in Packer's protocol and skipped by Go's programs.
import { type ErrorCode, errorCodes } from "../../diagnostics/codes.ts";
import { errorText, isCancellation, TspackError } from "../../diagnostics/error.ts";

/** The field of a reply that holds it. */
export const FAILURE_FIELD = "TspackFailure";

/** What was told of a failure besides its text. */
export interface ToldFailure {
  readonly code?: ErrorCode | undefined;
  /** Name of the component's option. */
  readonly option?: string | undefined;
}

/** What a failure is reported as: an empty text would mean success, and cancelled work is known to Go peers by these words. */
export function failureText(error: unknown): string {
  if (isCancellation(error)) return "context canceled";
  const text = errorText(error) || "unknown error";
  const hint = TspackError.is(error) ? error.hint : undefined;
  // Only text survives the wire: what to do is part of it.
  if (hint === undefined || hint === "" || text.includes(hint)) return text;
  return `${text.replace(/\.$/, "")}. ${hint.charAt(0).toUpperCase()}${hint.slice(1)}`;
}

/** The fields that tell it: none where the error says no more than that something failed. */
export function sentFailure(error: unknown): { readonly [field: string]: object } {
  const known = causes(error);
  const code = known.find((part) => !plain.has(part.code))?.code;
  const option = known.find((part) => part.option !== undefined)?.option;
  if (code === undefined && option === undefined) return {};
  return { [FAILURE_FIELD]: { code: code ?? "", option: option ?? "" } };
}

/** Reads it from a reply. The peer may send anything: what is not understood is nothing. */
export function readFailure(reply: unknown): ToldFailure {
  const fields = mapOf(mapOf(reply)?.[FAILURE_FIELD]);
  if (fields === undefined) return {};
  const { code, option } = fields;
  return {
    code: typeof code === "string" && isCode(code) ? code : undefined,
    option: typeof option === "string" && option !== "" && option.length <= LONGEST ? option : undefined,
  };
}

// --- internal ---

/** No option has a longer name. */
const LONGEST = 200;

/** Codes that say nothing about the cause: what is not known better, and that somebody else reported the failure. */
const plain: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["TPK6001", "TPK6009", "TPK4005"]);

/** The error and its causes, as far as they are ours. */
function causes(error: unknown): readonly TspackError[] {
  const found: TspackError[] = [];
  for (let part = error; part instanceof Error; part = part.cause) if (TspackError.is(part)) found.push(part);
  return found;
}

function isCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}

function mapOf(value: unknown): { readonly [field: string]: unknown } | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
