export { packerVariables, prepare, prepareWell, runInfo } from "./component.ts";
export { type ConformanceMachine, communicatorConformance } from "./conformance/communicator.ts";
export { findLabProgram, type LabNeed, type LabProgram, lab } from "./lab.ts";
export { type Podman, podman } from "./podman.ts";
export { RecordingUi } from "./recording-ui.ts";
export { rejects } from "./rejects.ts";
export { freePort, makeSshKey, makeUser, type Sshd, type SshdOptions, type SshKey, startSshd, type ThrowAwayUser } from "./sshd.ts";
export { tmp } from "./tmp.ts";
export { within } from "./within.ts";
