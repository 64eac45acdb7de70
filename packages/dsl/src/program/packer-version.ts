import { coreVersion } from "@tspack/core";

/** Version of the running tspack, as HCL's `packer.version`. */
export const packerVersion: string = coreVersion;
