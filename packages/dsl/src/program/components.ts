// The interfaces that plugins add their components to, and what is looked up in them. Everything here is types.
// Plugins augment them through the package `tspack`, which re-exports them: `declare module "tspack" { interface Builders … }`.
import type { ObjectRef, UntypedRef } from "./ref-types.ts";

/** Builders with known options, by name. Plugins add `qemu: QemuConfig`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by plugins
export interface Builders {}

/** Provisioners with known options, by name. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by plugins
export interface Provisioners {}

/** Post-processors with known options, by name. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by plugins
export interface PostProcessors {}

/** Data sources by name. Plugins add `http: { config: HttpConfig; output: HttpOutput }`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by plugins
export interface Datasources {}

/** Fields of a builder's artifact besides `id` and `files`, by builder name. Needs run-time code that reads them. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by plugins
export interface Artifacts {}

/** Values a builder announces for `build.…` besides the common ones, by builder name. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by plugins
export interface GeneratedData {}

/** A component's name: known ones complete, any other is allowed. */
export type Name<Known> = (keyof Known & string) | (string & {});

/** Options of a component without types: any record. */
export interface AnyConfig {
  readonly [option: string]: unknown;
}

/** Options of a builder: `const shared = { … } satisfies BuilderConfig<"qemu">`. */
export type BuilderConfig<T> = T extends keyof Builders ? Builders[T] : AnyConfig;

/** Options of a provisioner, without the common arguments. */
export type ProvisionerConfig<T> = T extends keyof Provisioners ? Provisioners[T] : AnyConfig;

/** Options of a post-processor, without the common arguments. */
export type PostProcessorConfig<T> = T extends keyof PostProcessors ? PostProcessors[T] : AnyConfig;

/** Options of a data source. */
export type DatasourceConfig<T> = T extends keyof Datasources ? (Datasources[T] extends { config: infer C } ? C : AnyConfig) : AnyConfig;

/** What a data source answers. */
export type DatasourceOutput<T> = T extends keyof Datasources
  ? Datasources[T] extends { output: infer O }
    ? ObjectRef<O>
    : UntypedRef
  : UntypedRef;
