/** The version of this library, of which components are told as `packer_core_version` (row PKV-03). Equal to package.json's. */
export const coreVersion = "0.1.0";
