// What tests of plugins import: `@tspack/core/sdk/testing`. No plugin needs it when it runs.
export { localCommunicator } from "./local-communicator.ts";
export { type RecordedProgress, RecordingUi } from "./recording-ui.ts";
export {
  type BuilderRun,
  type BuilderRunOptions,
  type PluginTest,
  type PluginTestOptions,
  type PostProcessorRunOptions,
  type ProvisionerRunOptions,
  type TestedBuilder,
  type TestedComponent,
  type TestedDatasource,
  type TestedHook,
  type TestedPostProcessor,
  type TestedProvisioner,
  type TestedRunOptions,
  testPlugin,
} from "./test-plugin.ts";
export type { TestedPrepare } from "./tested-component.ts";
