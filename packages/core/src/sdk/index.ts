// What a plugin author imports: `@tspack/core/sdk`.
export { type Connection, type ConnectRequest, connect } from "../communicator/connect.ts";
export { type CommunicatorCheck, type CommunicatorConfig, checkCommunicator, communicatorOptions } from "../communicator/options.ts";
export { clearAuthorizedKeys } from "../communicator/ssh/clear-authorized-keys.ts";
export { givenPublicKey } from "../communicator/ssh/given-public-key.ts";
export { makeTemporaryKeyPair, type TemporaryKeyPair } from "../communicator/ssh/temporary-key.ts";
export { winrmPort } from "../communicator/winrm/port.ts";
export type { Diagnostic } from "../diagnostics/diagnostic.ts";
export {
  BuildError,
  CancelledError,
  CommunicatorError,
  ConfigError,
  errorText,
  isCancellation,
  PluginError,
  TspackError,
} from "../diagnostics/error.ts";
export { cacheDirectory } from "../download/cache-directory.ts";
export { eventSchema } from "../events/schema.ts";
export type { Config } from "../program/program.ts";
export { type TemplateContext, TemplateError } from "../template/context.ts";
export { checkTemplate, renderRepeatedly, renderTemplate } from "../template/render.ts";
export type { Artifact } from "./artifact.ts";
export type { BootAction, BootProblem, KeyAction, PauseAction, ScreenAction, Stretch, TextSource } from "./boot/action.ts";
export { type BootCommandCheck, checkBootCommand } from "./boot/check.ts";
export {
  type BootKey,
  findSpecialKey,
  type HardwareKey,
  hardwareKeyOf,
  keysymOf,
  needsShift,
  qcodeOf,
  type SpecialKey,
  scancodesOf,
  specialKeyNames,
  usageOf,
} from "./boot/key.ts";
export type { Keyboard, KeyEvent, ScreenWaits } from "./boot/keyboard.ts";
export {
  type BootCommandConfig,
  type BootTiming,
  bootCommandOptions,
  bootStepsOptions,
  bootTiming,
  vncBootOptions,
} from "./boot/options.ts";
export { type ParseBootOptions, type ParsedBootCommand, parseBootCommand } from "./boot/parse.ts";
export { type QmpExecute, qmpKeyboard } from "./boot/qmp-keyboard.ts";
export { type RenderBootOptions, renderBootCommand } from "./boot/render.ts";
export { type ScancodeOptions, scancodeKeyboard } from "./boot/scancode-keyboard.ts";
export { requireFields } from "./boot/template-places.ts";
export { createTypist, type TypeBootOptions, type Typist, typeBootCommand } from "./boot/type.ts";
export { type UsbReport, usbKeyboard } from "./boot/usb-keyboard.ts";
export { connectVnc, type VncKeyboard, type VncOptions } from "./boot/vnc.ts";
export { VNC_PASSWORD_LENGTH } from "./boot/vnc-password.ts";
export type { Builder, BuilderContext } from "./builder.ts";
export { type Communicator, DISCONNECT_EXIT_CODE, type DirectoryTransfer, type RemoteCommand, type Upload } from "./communicator.ts";
export type {
  BuildOutput,
  Component,
  ComponentFactory,
  ComponentKind,
  OnError,
  PackerVariables,
  PrepareRequest,
  PrepareResult,
  RunInfo,
} from "./component.ts";
export { decodeConfig, placeholderFor } from "./config/decode.ts";
export {
  type BuilderDefinition,
  type Check,
  type DatasourceDefinition,
  type DefinedFactory,
  defineBuilder,
  defineDatasource,
  definePostProcessor,
  defineProvisioner,
  type PostProcessorDefinition,
  type Prepared,
  type ProvisionerDefinition,
} from "./config/define.ts";
export { formatDuration, parseDuration } from "./config/duration.ts";
export { duration, port, textList, textMap, unlessEmpty } from "./config/options.ts";
export type { ConfigSpec, OptionSpec, SpecType } from "./config/spec.ts";
export type { Datasource } from "./datasource.ts";
export { type FileArtifactOptions, fileArtifact } from "./file-artifact.ts";
export {
  type GeneratedData,
  HOOK_CLEANUP_PROVISION,
  HOOK_POST_BUILD,
  HOOK_PRE_BUILD,
  HOOK_PROVISION,
  type Hook,
  type HookContext,
} from "./hook.ts";
export { checkHttp, type HttpCheck, type HttpConfig, httpOptions } from "./http-server/options.ts";
export { httpAddressKey, httpAskedKey, httpPortKey, httpServerStep } from "./http-server/step.ts";
export { LineWriter, LONGEST_LINE } from "./line-writer.ts";
export { type LocalCommandOptions, runLocal } from "./local-command.ts";
export { type CdConfig, cdOptions, checkCd } from "./media/cd-options.ts";
export { cdPathKey, cdStep } from "./media/cd-step.ts";
export { checkFloppy, type FloppyConfig, floppyOptions } from "./media/floppy-options.ts";
export { floppyPathKey, floppyStep } from "./media/floppy-step.ts";
export { checkAdditionalIsos, checkIso, type IsoCheck } from "./media/iso-check.ts";
export { additionalIsoOptions, type IsoConfig, isoLocations, isoOptions } from "./media/iso-options.ts";
export { additionalIsoPathsKey, additionalIsosStep, isoPathKey, isoStep, sourceImageUrlKey } from "./media/iso-step.ts";
export type { MediaCheck } from "./media/media-check.ts";
export { remoteIsoStep } from "./media/remote-iso-step.ts";
export { definePlugin, type Plugin } from "./plugin/define-plugin.ts";
export type { NamedComponent, PluginDefinition } from "./plugin/definition.ts";
export type { PostProcessContext, PostProcessor, PostProcessResult } from "./post-processor.ts";
export type { ProvisionContext, Provisioner } from "./provisioner.ts";
export { type RunCommandOptions, runWithUi } from "./run-command.ts";
export { type ShutdownConfig, shutdownOptions } from "./shutdown.ts";
export { type CleanUpTemporaryKeysOptions, cleanUpTemporaryKeysStep } from "./steps/clean-up-temporary-keys.ts";
export { type ConnectStepOptions, connectionKey, connectStep } from "./steps/connect.ts";
export { checkOutputDirectory, type OutputDirectoryStepOptions, outputDirectoryStep } from "./steps/output-directory.ts";
export { type ProvisionStepOptions, provisionStep } from "./steps/provision.ts";
export { type RunStepsOptions, runSteps } from "./steps/runner.ts";
export { createState } from "./steps/state.ts";
export { type StateBag, type StateKey, type Step, type StepCleanupContext, type StepContext, stateKey } from "./steps/step.ts";
export { beginTemporaryKeyStep, temporaryKeyKey, temporaryKeyStep } from "./steps/temporary-key.ts";
export type { Progress, Ui } from "./ui.ts";
