import { types } from "node:util";
import { type Config, formatPath, type PathSegment } from "@tspack/core";
import { kindOf } from "./declaration.ts";
import { isPlainObject } from "./plain-object.ts";
import { isRef } from "./ref.ts";

/** Called with the place of a value that cannot stand in a configuration, and a sentence about it. */
export type Complain = (path: readonly PathSegment[], detail: string, hint?: string) => void;

/**
 * Copies a configuration, so that later changes to the user's objects are not seen. Refs stay as they are, `undefined`
 * entries are dropped. What is not data (a source, a function, a Date) is complained about and left out.
 */
export function copyConfig(config: { readonly [option: string]: unknown }, complain: Complain): Config {
  return copyRecord(config, [], [], complain);
}

function copyRecord(record: object, path: readonly PathSegment[], around: readonly object[], complain: Complain): Config {
  const copy: { [option: string]: unknown } = {};
  for (const [key, value] of Object.entries(record)) {
    if (value === undefined) continue;
    const copied = copyValue(value, [...path, key], [...around, record], complain);
    // Defined rather than set: an option may be called `__proto__`.
    if (copied !== undefined) Object.defineProperty(copy, key, { value: copied, enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

function copyValue(value: unknown, path: readonly PathSegment[], around: readonly object[], complain: Complain): unknown {
  if (value === null || isRef(value)) return value;
  switch (typeof value) {
    case "string":
      // What JavaScript makes of a promise in a text. No program means it.
      if (value.includes("[object Promise]")) {
        complain(path, `${formatPath(path)} is a text with a promise in it.`, "Await the promise before it goes into the text.");
      }
      return value;
    case "number":
    case "boolean":
    case "bigint":
      return value;
    case "object":
      break;
    default:
      complain(
        path,
        `${formatPath(path)} is ${typeof value === "undefined" ? "undefined" : `a ${typeof value}`}, not a value of an option.`,
      );
      return undefined;
  }
  if (around.includes(value)) {
    complain(path, `${formatPath(path)} contains itself.`);
    return undefined;
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => copyValue(item, [...path, index], [...around, value], complain));
  }
  if (isPlainObject(value) && kindOf(value) === undefined) return copyRecord(value, path, around, complain);
  complain(path, `${formatPath(path)} is ${describe(value)}, not a value of an option.`, hintFor(value));
  return undefined;
}

/** What a value is, in words for a message: `a source`, `text`, `a list`. Shows nothing of the value. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (isRef(value)) return "a value that is known only later";
  const kind = kindOf(value);
  if (kind !== undefined) return kind === "artifact" ? "an artifact" : `a ${kind}`;
  if (Array.isArray(value)) return "a list";
  if (types.isDate(value)) return "a Date";
  if (types.isPromise(value)) return "a promise";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? "text" : `a ${typeof value}`;
}

function hintFor(value: object): string | undefined {
  if (kindOf(value) === "artifact") return "Use a part of it: artifact.file(/pattern/) or artifact.id.";
  if (kindOf(value) === "build") return "Use a part of an artifact of it: build.artifact(source).file(/pattern/).";
  if (types.isDate(value)) return "Write it as text: date.toISOString().";
  if (types.isPromise(value)) return "Await it first.";
  return undefined;
}
