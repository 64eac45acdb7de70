export {
  type BuildResult,
  type Diagnostic,
  type ExplicitPlugin,
  explicitPlugin,
  hasErrors,
  LoadError,
  type PluginCatalog,
  type PluginCatalogOptions,
  type Program,
  pluginCatalog,
  type Run,
  type RunEvent,
  type RunResult,
  renderDiagnostics,
  TspackError,
} from "@tspack/core";
export type { ConsoleAnswer, ConsoleSession } from "./console/session.ts";
export type { Conversion, ConversionReport, ConvertedFile } from "./convert/conversion.ts";
export { type ConvertOptions, convert } from "./convert/convert.ts";
export {
  type ConvertIntoOptions,
  convertInto,
  type MergedConversion,
  type MergedTemplate,
  type MergeReport,
} from "./convert/merge/convert-into.ts";
export { templateProblems } from "./convert/template-problems.ts";
export type { Difference } from "./convert/verify/differences.ts";
export { type Verification, verifyConversion } from "./convert/verify/verify.ts";
export { outdatedFiles, type WriteOptions, type Written, writeFiles } from "./convert/write.ts";
export { fn } from "./functions/fn.ts";
export type { Converted, DateParts, Fn, Textual } from "./functions/fn-types.ts";
export { formatHcl } from "./hcl/format/format.ts";
export { type FormattedFile, formatHclFile } from "./hcl/format/format-file.ts";
export type { FileUpgrade, FileUpgradeOptions } from "./json/upgrade/upgrade-file.ts";
export { openConsole } from "./library/console.ts";
export { fixTemplate, listFixers } from "./library/fix.ts";
export { inspect, type Runnable, run, type ScriptOptions, validate } from "./library/library.ts";
export { upgradeToHcl } from "./library/upgrade.ts";
export { load } from "./load/load.ts";
export type { Loaded, LoadOptions } from "./load/options.ts";
export { type ProcessWatcher, watchProcess } from "./load/process-watch.ts";
export { all, type Known } from "./program/all.ts";
export type { ArtifactFields, ArtifactRef } from "./program/artifact.ts";
export { type At, at } from "./program/at.ts";
export {
  type BootDuration,
  type BootKeyName,
  keys,
  press,
  typeText,
  type WaitLimit,
  wait,
  waitForScreenChange,
  waitForStillScreen,
  waitForText,
} from "./program/boot.ts";
export {
  type Build,
  type BuildOptions,
  build,
  type Chains,
  declarationOf,
  type Maybe,
  type Runtime,
} from "./program/build.ts";
export type { BuildData, BuildRefs } from "./program/build-refs.ts";
export { type Collected, programFrom } from "./program/collect.ts";
export type {
  AnyConfig,
  Artifacts,
  BuilderConfig,
  Builders,
  DatasourceConfig,
  DatasourceOutput,
  Datasources,
  GeneratedData,
  PostProcessorConfig,
  PostProcessors,
  ProvisionerConfig,
  Provisioners,
} from "./program/components.ts";
export { data } from "./program/data.ts";
export { entries } from "./program/entries.ts";
export { type Axes, matrix } from "./program/matrix.ts";
export { type PackerSettings, packer } from "./program/packer.ts";
export { packerVersion } from "./program/packer-version.ts";
export { path } from "./program/path.ts";
export { type PostProcessor, type PostProcessorArguments, postProcess } from "./program/post-process.ts";
export { type Provisioner, type ProvisionerArguments, provision } from "./program/provision.ts";
export { isRef } from "./program/ref.ts";
export type { Dict, Input, List, ObjectRef, Ref, RefBase, RefOf, Refs, Secret, UntypedRef } from "./program/ref-types.ts";
export { type Registry, type RegistryConfig, registry } from "./program/registry.ts";
export { resolved } from "./program/resolved.ts";
export type { Schema, SchemaIssue, SchemaProperties, SchemaResult } from "./program/schema.ts";
export { secret } from "./program/secret.ts";
export { type Source, source } from "./program/source.ts";
export type { SourceName } from "./program/step-arguments.ts";
export { t } from "./program/text.ts";
export { type VariableOptions, variable } from "./program/variable.ts";
export { type AskPluginsOptions, askPlugins, type PluginAnswers, pluginTitle } from "./typegen/ask-plugins.ts";
export { documentSpec } from "./typegen/documentation/document-spec.ts";
export { type DocumentationFiles, findPage, type PageOwner } from "./typegen/documentation/pages.ts";
export { LARGEST_TYPES_BYTES, type PrintedTypes, printFitting } from "./typegen/fit-size.ts";
export { printModule, type TypedComponent } from "./typegen/print-module.ts";
export { type PluginTypes, type TypeFiles, typeFileName, typeFiles } from "./typegen/type-files.ts";
export { TYPES_FOLDER, type WrittenTypes, writeChanged, writeTypes } from "./typegen/write-types.ts";
