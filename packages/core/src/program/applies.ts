// What of a source's provisioners and post-processors applies to it: `only`, `except` and `override` (rows META-06, META-07).
import type { Config, PostProcessorDeclaration, ProvisionerDeclaration, SourceDeclaration } from "./program.ts";

/** True if `only` and `except` let it run for this source (rows META-06, MISS-06: exact names, no build name in front). */
export function appliesTo(declaration: ProvisionerDeclaration | PostProcessorDeclaration, source: SourceDeclaration): boolean {
  const name = `${source.type}.${source.name}`;
  if (declaration.only !== undefined && declaration.only.length > 0) return declaration.only.includes(name);
  return declaration.except === undefined || !declaration.except.includes(name);
}

/** The provisioners that run for a source, in order. */
export function applicableProvisioners(source: SourceDeclaration): readonly ProvisionerDeclaration[] {
  return source.provisioners.filter((one) => appliesTo(one, source));
}

/** The error-cleanup provisioner, if it runs for this source (row META-11). */
export function applicableErrorCleanup(source: SourceDeclaration): ProvisionerDeclaration | undefined {
  return source.errorCleanup !== undefined && appliesTo(source.errorCleanup, source) ? source.errorCleanup : undefined;
}

/** The chains of a source without post-processors meant for others; empty ones are left out. */
export function applicableChains(source: SourceDeclaration): readonly (readonly PostProcessorDeclaration[])[] {
  return source.postProcessors.map((chain) => chain.filter((one) => appliesTo(one, source))).filter((chain) => chain.length > 0);
}

/** A provisioner's options for one source: `override` applied last. */
export function configFor(declaration: ProvisionerDeclaration, source: SourceDeclaration): Config {
  const override = declaration.override;
  if (override === undefined) return declaration.config;
  return { ...declaration.config, ...override[source.name], ...override[`${source.type}.${source.name}`] };
}
