import type { GeneratedData } from "../sdk/hook.ts";

/** What a template string can see. */
export interface TemplateContext {
  /** While preparing, `build` calls and unknown fields become late references that the run renders (row TPL-03). */
  readonly phase: "prepare" | "run";
  /** Values of `.Field` and of `build` (rows TPL-03, TPL-21). */
  readonly data?: GeneratedData | undefined;
  readonly buildName?: string | undefined;
  readonly buildType?: string | undefined;
  readonly coreVersion?: string | undefined;
  readonly userVariables?: { readonly [name: string]: string } | undefined;
  readonly templatePath?: string | undefined;
  readonly workingDirectory: string;
  readonly startedAtMs: number;
  /** The environment, where the `env` call is allowed: in the variables section of legacy JSON alone (row TPL-02). */
  readonly environment?: { readonly [name: string]: string | undefined } | undefined;
}

/** A template string that cannot be parsed or rendered. The message has no period and names the call and the place in the text. */
export class TemplateError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = "TemplateError";
    this.hint = hint;
  }
}
