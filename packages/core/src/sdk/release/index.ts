// What scripts that release plugins import: `@tspack/core/sdk/release`. No plugin needs it when it runs.
export { type PluginIdentity, pluginFileName, pluginPlatforms } from "./plugin-file-name.ts";
export { type ReleaseOptions, releasePlugin } from "./release-plugin.ts";
export type { Signing } from "./sign.ts";
