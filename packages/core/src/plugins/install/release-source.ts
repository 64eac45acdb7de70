import type { Version } from "../version.ts";
import type { PluginAddress } from "./address.ts";

/** Where releases of plugins come from. */
export interface ReleaseSource {
  /** For messages; without credentials. */
  readonly title: string;
  /** What has been published; undefined when the source does not know the plugin. Throws when it cannot be asked. */
  versions(address: PluginAddress): Promise<readonly PublishedVersion[] | undefined>;
  /** What a version consists of; undefined when it has no list of checksums. Throws when it cannot be asked. */
  release(address: PluginAddress, version: PublishedVersion): Promise<readonly PublishedArchive[] | undefined>;
}

/** A version that has been published. */
export interface PublishedVersion {
  /** As its files name it, without `v`. */
  readonly text: string;
  readonly version: Version;
}

/** The archive of one platform. */
export interface PublishedArchive {
  /** `linux_amd64` */
  readonly platform: string;
  /** `x5.0` */
  readonly api: string;
  /** SHA-256 of the archive, in lower-case hexadecimal digits. */
  readonly sha256: string;
  /** URL or path. */
  readonly location: string;
}
