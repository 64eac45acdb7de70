// From a place in the bundle to the place in the user's file. The source map is parsed when the first place is asked for.
import { SourceMap } from "node:module";
import { dirname, resolve } from "node:path";

/** A place in a file of the user, as a stack names it; line and column count from 1. */
export interface UserFrame {
  /** Absolute. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Maps stacks of one bundle to the user's files. */
export interface StackMapper {
  /** The frames of a stack that lie in the user's files, innermost first. Frames of ours, of packages and of Node are left out. */
  frames(stack: string): UserFrame[];
  /** True if the stack passes through the bundle. */
  mentions(stack: string): boolean;
}

/** A mapper for the bundle that is named `scriptName` in stacks and was made of the program in `file`. */
export function stackMapper({ scriptName, file, map }: { scriptName: string; file: string; map: () => string | undefined }): StackMapper {
  let parsed: SourceMap | undefined;
  const find = (line: number, column: number): UserFrame | undefined => {
    if (parsed === undefined) {
      const text = map();
      if (text === undefined) return undefined;
      parsed = new SourceMap(JSON.parse(text));
    }
    const entry = parsed.findEntry(line - 1, column - 1);
    if (!("originalSource" in entry) || entry.originalSource === undefined || entry.originalSource.startsWith("tspack-")) return undefined;
    return { file: resolve(dirname(file), entry.originalSource), line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  };
  return {
    mentions: (stack) => stack.includes(`${scriptName}:`),
    frames: (stack) => {
      const frames: UserFrame[] = [];
      for (const text of stack.split("\n")) {
        const start = text.indexOf(`${scriptName}:`);
        if (start < 0 || !/^\s+at /.test(text)) continue;
        const place = /^:(\d+):(\d+)/.exec(text.slice(start + scriptName.length));
        const frame = place === null ? undefined : find(Number(place[1]), Number(place[2]));
        if (frame !== undefined) frames.push(frame);
      }
      return frames;
    },
  };
}

/** Frames kept per call: enough to get through our own functions and some of the user's. */
const keptFrames = 24;

/** The stack of the call that is being made, as text that is made only when asked for. `above` and what it calls are left out. */
export function captureStack(above: (...values: never[]) => unknown): () => string {
  const holder: { stack?: unknown } = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = keptFrames;
  Error.captureStackTrace(holder, above);
  Error.stackTraceLimit = limit;
  return () => (typeof holder.stack === "string" ? holder.stack : "");
}
