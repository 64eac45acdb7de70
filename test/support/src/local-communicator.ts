export { localCommunicator } from "../../../packages/core/src/sdk/testing/local-communicator.ts";
