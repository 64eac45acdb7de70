// Values that come from other builds or from data sources are not known while a template is checked; placeholders stand for them.
import type { Diagnostic } from "@tspack/core/sdk";
import type { QemuOptions } from "./options.ts";

/** Looks at some options, and says what is wrong with them. */
export type Rule = (config: QemuOptions) => readonly Diagnostic[];

/** The options, and which of them are not known yet. A `Check` is one. */
export interface Judged {
  readonly config: QemuOptions;
  isUnknown(option: string): boolean;
}

/** What the rules find. One that reads an option that is not known yet says nothing: its answer may be another when the build runs. */
export function judge({ config, isUnknown }: Judged, rules: readonly Rule[]): Diagnostic[] {
  return rules.flatMap((rule) => {
    let isSure = true;
    const watched = new Proxy(config, {
      get(target, option, receiver) {
        if (typeof option === "string" && isUnknown(option)) isSure = false;
        return Reflect.get(target, option, receiver);
      },
    });
    const found = rule(watched);
    return isSure ? found : [];
  });
}
