// What provisioners and post-processors have in common: arguments that core takes, written among the component's options.
import type { Origin, PathSegment } from "@tspack/core";
import { type Complain, copyConfig, describe } from "./config.ts";
import { kindOf } from "./declaration.ts";
import { report } from "./report.ts";
import type { Source } from "./source.ts";

/** A source, or its name as text: `qemu.debian`. */
export type SourceName = Source | string;

/** A configuration taken apart: `taken` holds the named common arguments, `config` the component's own options. */
export interface StepParts {
  readonly taken: { readonly [argument: string]: unknown };
  readonly config: { readonly [option: string]: unknown };
  readonly only: readonly string[] | undefined;
  readonly except: readonly string[] | undefined;
  readonly name: string | undefined;
}

/** Splits the common arguments off and checks the ones that every step has. */
export function takeArguments(
  call: string,
  given: { readonly [option: string]: unknown },
  names: readonly string[],
  origin: Origin,
): StepParts {
  const complain = complainAt(call, origin);
  const own = Object.entries(given).filter(([option]) => !names.includes(option));
  const taken = Object.entries(given).filter(([option]) => names.includes(option) && !["only", "except", "name"].includes(option));
  return {
    config: copyConfig(Object.fromEntries(own), complain),
    taken: copyConfig(Object.fromEntries(taken), complain),
    only: sourceNames("only", given.only, complain),
    except: sourceNames("except", given.except, complain),
    name: optionalText("name", given.name, complain),
  };
}

function complainAt(call: string, origin: Origin): Complain {
  return (path: readonly PathSegment[], detail: string, hint?: string) =>
    report({ code: "TPK1006", summary: "Invalid argument value", detail, hint, where: `in ${call}`, origin, path });
}

/** `type.name` of each source (rows META-06, SEL-05). */
function sourceNames(option: string, value: unknown, complain: Complain): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) {
    complain([option], `${option} is ${describe(value)}, not a list of sources.`, `Write ${option}: [...].`);
    return undefined;
  }
  return value.flatMap((item: unknown, index) => {
    if (typeof item === "string") return [item];
    if (kindOf(item) === "source") return [`${(item as Source).type}.${(item as Source).name}`];
    complain([option, index], `${option}[${index}] is ${describe(item)}, not a source or the name of one.`);
    return [];
  });
}

function optionalText(option: string, value: unknown, complain: Complain): string | undefined {
  if (value === undefined || value === null || typeof value === "string") return value ?? undefined;
  complain([option], `${option} is ${describe(value)}, not text.`);
  return undefined;
}
