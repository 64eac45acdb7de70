// `@tspack/core`: the engine, for the DSL, the CLI and scripts. Plugin authors import `@tspack/core/sdk`.

export { type AwsAccount, type AwsAccountOptions, awsEndpoint, findAwsAccount, noAwsCredentials } from "./aws/credentials.ts";
export { type AwsCredentials, type AwsRequest, signAwsRequest } from "./aws/signature.ts";
export { builtInCatalog } from "./components/built-in.ts";
export type { CatalogUse, ComponentCatalog, OpenCatalog } from "./components/catalog.ts";
export { briefReason } from "./diagnostics/brief-reason.ts";
export { type ErrorCode, errorCodes } from "./diagnostics/codes.ts";
export { type Diagnostic, hasErrors } from "./diagnostics/diagnostic.ts";
export {
  BuildError,
  CancelledError,
  CommunicatorError,
  ConfigError,
  errorText,
  InternalError,
  isCancellation,
  LoadError,
  PluginError,
  TspackError,
} from "./diagnostics/error.ts";
export { withExcerpt } from "./diagnostics/excerpt.ts";
export { visitGraphemes } from "./diagnostics/graphemes.ts";
export { formatPath, type PathSegment, type SourcePosition, type SourceRange } from "./diagnostics/range.ts";
export { type RenderOptions, renderDiagnostics } from "./diagnostics/render.ts";
export { didYouMean, suggest } from "./diagnostics/suggest.ts";
export { askService, fieldOf, type ServiceAnswer, type ServiceQuestion, urlInVariable, withoutSecrets } from "./download/ask-service.ts";
export type { HttpRequest, TlsSettings } from "./download/request.ts";
export { sendRequest } from "./download/request.ts";
export type { Answerer, BuildResult, Question, Run, RunOptions, RunResult } from "./engine/run-options.ts";
export { runProgram } from "./engine/run-program.ts";
export { validateProgram } from "./engine/validate-program.ts";
export type {
  ArtifactSummary,
  EventBody,
  EventComponent,
  EventHeader,
  EventKind,
  EventListener,
  Outcome,
  Phase,
  RunEvent,
  Timing,
} from "./events/event.ts";
export { type LogOptions, LogPrinter } from "./events/log.ts";
export { MachineReadablePrinter, machineReadableLine } from "./events/machine-readable.ts";
export { ndjsonLine } from "./events/ndjson.ts";
export { type PlainOptions, PlainPrinter } from "./events/plain.ts";
export { Redactor } from "./events/redact.ts";
export { redactDiagnostics } from "./events/redact-diagnostics.ts";
export { shortSize } from "./events/short-size.ts";
export { fileTrouble } from "./files/file-trouble.ts";
export { writeFinishedFile } from "./files/finished-file.ts";
export { compileGoPattern } from "./paths/go-match.ts";
export { type PluginCatalog, type PluginCatalogOptions, pluginCatalog } from "./plugins/catalog.ts";
export { type ExplicitPlugin, explicitPlugin } from "./plugins/explicit.ts";
export {
  type InspectedComponent,
  type InspectionProblem,
  type InspectOptions,
  inspectPlugin,
  type PluginInspection,
} from "./plugins/inspect-plugin.ts";
export { parsePluginAddress } from "./plugins/install/address.ts";
export { checkInstalled } from "./plugins/install/check-installed.ts";
export { requireConstraint } from "./plugins/install/constraint.ts";
export { type DocumentationOptions, type DocumentedPlugin, pluginDocumentation } from "./plugins/install/documentation.ts";
export { initPlugins } from "./plugins/install/init-plugins.ts";
export { installLocalPlugin } from "./plugins/install/install-local.ts";
export type { InstalledPlugin, InstallOptions } from "./plugins/install/install-options.ts";
export { installPlugin } from "./plugins/install/install-plugin.ts";
export { type InstalledBinary, type InstalledQuery, installedPlugins, removePlugins } from "./plugins/install/installed.ts";
export { LOCK_FILE_NAME, readLockFile } from "./plugins/install/lock-file.ts";
export { findMissingPackages, type MissingPackage } from "./plugins/install/missing-packages.ts";
export { type KeyFile, readTrustedKeys, type TrustedKey } from "./plugins/install/trusted-keys.ts";
export { type VendorRequest, vendorPlugins } from "./plugins/install/vendor.ts";
export { findPackages } from "./plugins/packages.ts";
export type { ExplicitComponent, FoundPlugin } from "./plugins/registry.ts";
export { type ServeProblem, serveBuiltIn } from "./plugins/serve-built-in.ts";
export { askForSpecs, type ToldComponent } from "./plugins/told-specs.ts";
export {
  compareVersions,
  parseConstraint,
  parseVersion,
  satisfies,
  type Version,
  type VersionCondition,
} from "./plugins/version.ts";
export { canonicalProgram } from "./program/canonical.ts";
export { type Deferred, type Dependency, deferredKey, deferredOf, dependencyName, type Scope, UnknownValue } from "./program/deferred.ts";
export {
  type BuildDeclaration,
  buildName,
  type Config,
  type DatasourceDeclaration,
  type Origin,
  type PostProcessorDeclaration,
  type Program,
  type ProvisionerDeclaration,
  type Requirements,
  type SourceDeclaration,
  type VariableDeclaration,
} from "./program/program.ts";
export { findSpecialKey, type SpecialKey, specialKeyNames } from "./sdk/boot/key.ts";
export { parseBootCommand } from "./sdk/boot/parse.ts";
export type { ComponentFactory, ComponentKind } from "./sdk/component.ts";
export { parseDuration } from "./sdk/config/duration.ts";
export type { ConfigSpec, OptionSpec, SpecType } from "./sdk/config/spec.ts";
export type { Call as TemplateCall } from "./template/builtins.ts";
export { callsFor as templateCalls } from "./template/calls.ts";
export { type TemplateContext, TemplateError } from "./template/context.ts";
export { LateValue } from "./template/evaluate.ts";
export { formatGoTime, RFC3339 } from "./template/go-time.ts";
export { parseTemplate as parseGoTemplate } from "./template/parser.ts";
export { pureCalls, renderKnown } from "./template/partial.ts";
export { type Literal as TemplateLiteral, type TemplatePart, templateParts } from "./template/parts.ts";
export { strftime } from "./template/strftime.ts";
export type {
  Body as TemplateBody,
  Command as TemplateCommand,
  Operand as TemplateOperand,
  Pipeline as TemplatePipeline,
} from "./template/tree.ts";
export { coreVersion } from "./version.ts";
