import type { Config } from "@tspack/core";
import type { Name, ProvisionerConfig, Provisioners } from "./components.ts";
import { describe } from "./config.ts";
import { declare } from "./declaration.ts";
import type { Input } from "./ref-types.ts";
import { captureOrigin, report } from "./report.ts";
import { requireConfig, requireName } from "./require.ts";
import { type SourceName, takeArguments } from "./step-arguments.ts";

/** A step that changes the machine. Goes into the `provisioners` of builds, any number of them. */
export interface Provisioner {
  readonly kind: "provisioner";
  /** Name of the component: `shell`. */
  readonly type: string;
}

/** What every provisioner takes besides its own options `C` (rows META-01..07). */
export interface ProvisionerArguments<C> {
  /** A label for display. */
  readonly name?: string | undefined;
  /** Waits before each attempt: `"10s"`. */
  readonly pause_before?: Input<string> | undefined;
  /** Fails the step after this time: `"5m"`. Ignored where `pause_before` is set. */
  readonly timeout?: Input<string> | undefined;
  /** Extra attempts after a failure. */
  readonly max_retries?: Input<number> | undefined;
  /** A failure after all attempts becomes a warning. */
  readonly continue_on_error?: Input<boolean> | undefined;
  /** Runs for these sources alone. Not together with `except`. */
  readonly only?: readonly SourceName[] | undefined;
  /** Runs for all sources but these. */
  readonly except?: readonly SourceName[] | undefined;
  /** Other options for single sources, by source name: `{ [large.name]: { inline: [] } }`. */
  readonly override?: { readonly [source: string]: Partial<C> } | undefined;
}

const commonArguments = ["name", "pause_before", "timeout", "max_retries", "continue_on_error", "only", "except", "override"];

/**
 * A provisioner with its options and the common arguments side by side, as in Packer's templates.
 *
 * @example
 * provision("shell", { inline: ["apt-get update"], max_retries: 2 });
 */
export function provision<T extends Name<Provisioners>>(
  type: T,
  config: ProvisionerConfig<T> & ProvisionerArguments<ProvisionerConfig<T>>,
): Provisioner {
  requireName("provision", "type", type);
  const call = `provision(${JSON.stringify(type)})`;
  const given = requireConfig(call, config);
  const origin = captureOrigin();
  const { taken, config: own, only, except, name } = takeArguments(call, given, commonArguments, origin);
  const { pause_before, timeout, max_retries, continue_on_error } = taken;
  const override = taken.override ?? undefined;
  if (override !== undefined && !isOverride(override)) {
    report({
      code: "TPK1006",
      summary: "Invalid argument value",
      detail: `override is ${describe(override)}; it must be an object of options by source name.`,
      where: `in ${call}`,
      origin,
      path: ["override"],
    });
  }
  const common = { name, pause_before, timeout, max_retries, continue_on_error, only, except };
  return declare(
    "provisioner",
    { type, config: own, ...common, override: isOverride(override) ? override : undefined, origin },
    { kind: "provisioner", type },
  );
}

function isOverride(value: unknown): value is { readonly [source: string]: Config } {
  return describe(value) === "an object" && Object.values(value as object).every((options) => describe(options) === "an object");
}
