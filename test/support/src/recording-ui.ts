export { RecordingUi } from "../../../packages/core/src/sdk/testing/recording-ui.ts";
