import type { Origin, PathSegment, SourceRange } from "@tspack/core";
import { displayPath, readSource } from "./display-path.ts";
import { locateOption } from "./locate-option.ts";
import { captureStack, type StackMapper, type UserFrame } from "./stack.ts";

/** Makes `Origin`s for the calls of one program. */
export interface OriginFactory {
  /** The place of the call that is being made. Cheap: keeps the raw stack. */
  capture(): Origin;
}

/** Origins whose stacks go through `mapper`; paths are told relative to `workingDirectory`. */
export function originFactory(mapper: StackMapper, workingDirectory: string): OriginFactory {
  const capture = (): Origin => {
    const stack = captureStack(capture);
    return { locate: (path) => locate(mapper.frames(stack()), path, workingDirectory) };
  };
  return { capture };
}

/**
 * The place of an option in a call. A configuration may have been handed through functions of the user: then the call that has
 * the option in its arguments is found further down the stack. If it is nowhere, the nearest thing in the innermost call is marked.
 */
function locate(frames: readonly UserFrame[], path: readonly PathSegment[], workingDirectory: string): SourceRange | undefined {
  let nearest: SourceRange | undefined;
  for (const frame of frames) {
    const text = readSource(frame.file);
    const found = text === undefined ? undefined : locateOption(text, frame, path);
    const range: SourceRange = {
      file: displayPath(frame.file, workingDirectory),
      start: found?.start ?? { line: frame.line, column: frame.column },
      end: found?.end ?? { line: frame.line, column: frame.column + 1 },
    };
    if (found?.exact === true) return range;
    nearest ??= range;
  }
  return nearest;
}
