import type { Version } from "../version.ts";
import type { PluginAddress } from "./address.ts";

/** Where releases of plugins come from. */
export interface ReleaseSource {
  /** For messages; without credentials. */
  readonly title: string;
  /** What has been published; undefined when the source does not know the plugin. Throws when it cannot be asked. */
  versions(address: PluginAddress): Promise<readonly PublishedVersion[] | undefined>;
  /** What a version consists of; undefined when it has no list of checksums. Throws when it cannot be asked. */
  release(address: PluginAddress, version: PublishedVersion): Promise<PublishedRelease | undefined>;
  /**
   * A zip archive with the documentation of a version, given without `v`; undefined when there is none. Nothing vouches for it. Throws when
   * the source cannot be asked. A source without this has no documentation.
   */
  documentation?(address: PluginAddress, version: string): Promise<Buffer | undefined>;
}

/** A version that has been published. */
export interface PublishedVersion {
  /** As its files name it, without `v`. */
  readonly text: string;
  readonly version: Version;
}

/** What a version consists of. */
export interface PublishedRelease {
  readonly archives: readonly PublishedArchive[];
  /** The list of checksums, as it was published: this is what is signed. */
  readonly sums: { readonly name: string; readonly text: string };
  /** The detached signature of the list, binary or armored; undefined when there is none. Throws when the source cannot be asked. */
  signature(): Promise<Buffer | undefined>;
}

/** How the file with the signature is called: the name of the list and one of these. The first one that is there counts. */
export const SIGNATURE_SUFFIXES = [".sig", ".asc"] as const;

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
