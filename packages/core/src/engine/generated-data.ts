import type { GeneratedData } from "../sdk/hook.ts";

/** Names of generated data that exist whatever the builder (rows GEN-01..07). */
export const commonGeneratedNames: readonly string[] = [
  "ID",
  "Host",
  "Port",
  "User",
  "Password",
  "ConnType",
  "PackerRunUUID",
  "PackerHTTPIP",
  "PackerHTTPPort",
  "PackerHTTPAddr",
  "SSHPublicKey",
  "SSHPrivateKey",
  // Packer announces these two only once the machine runs (row GEN-07), so that referring to them fails. Here it does not.
  "SSHPrivateKeyFile",
  "SSHAgentAuth",
  "WinRMPassword",
];

/** Stand in for what a builder does not provide, with Packer's texts. They begin with `ERR_` and are not exported as environment. */
const missing: GeneratedData = {
  ID: "ERR_ID_NOT_IMPLEMENTED_BY_BUILDER",
  PackerHTTPIP: "ERR_HTTP_IP_NOT_IMPLEMENTED_BY_BUILDER",
  PackerHTTPPort: "ERR_HTTP_PORT_NOT_IMPLEMENTED_BY_BUILDER",
  PackerHTTPAddr: "ERR_HTTP_ADDR_NOT_IMPLEMENTED_BY_BUILDER",
};

/** What communicators announce; empty where there is none. */
const noConnection: GeneratedData = {
  Host: "",
  Port: 0,
  User: "",
  Password: "",
  ConnType: "",
  SSHPublicKey: "",
  SSHPrivateKey: "",
  SSHPrivateKeyFile: "",
  SSHAgentAuth: false,
  WinRMPassword: "",
};

/** A builder's data with everything that users may count on. */
export function completeGeneratedData(data: GeneratedData, runUuid: string): GeneratedData {
  return { ...noConnection, ...missing, PackerRunUUID: runUuid, ...data };
}
