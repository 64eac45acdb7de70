import { coreVersion } from "@tspack/core";

/** Version of the running tspack, as HCL's `packer.version`. */
export const packerVersion: string = coreVersion;

/** The release of Packer whose behaviour this version has: what `required_version` and `min_packer_version` are compared with. */
export const packerReference = "1.16.0";
