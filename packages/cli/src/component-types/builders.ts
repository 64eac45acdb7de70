// Option types of the built-in components. Printed from their schemas by `npm run typegen`; do not edit.
import type { Dict, Input, List } from "tspack";

/**
 * Options of the builder rootfs. Builds a root file system or container image, with no daemon and no virtual
 * machine.
 */
export interface RootfsConfig {
  /** What the root file system starts from. */
  base: Input<"scratch" | "host" | (string & {})> | RootfsBaseHostFiles | RootfsBaseHost | RootfsBaseArchive | RootfsBaseDebootstrap;
  /** Files to put in before provisioning, by their absolute path in the image. Nothing is executed for them. */
  files?: { readonly [key: string]: Input<string> | RootfsFilesSource | RootfsFilesContent | RootfsFilesSymlink | RootfsFilesDirectory } | undefined;
  /**
   * Take over who owns the files of a folder used as base; else everything in it belongs to root. Default:
   * `false`.
   */
  keep_ownership?: Input<boolean> | undefined;
  /** Environment of commands that provisioners run. */
  environment?: Dict<string> | undefined;
  /** What to write; several at once are fine. */
  output: readonly RootfsOutput[];
}

/** Programs of this machine with all they need to run. */
export interface RootfsBaseHostFiles {
  /**
   * Programs by name or path, files and folders of this machine; programs bring the libraries, loader and
   * interpreter they need.
   */
  host_files: List<string>;
}

/** The running system. */
export interface RootfsBaseHost {
  /** Whether outputs hold what changed, or the whole running system with its secrets. */
  host: Input<"changes" | "whole" | (string & {})>;
}

/** A root file system archive, checked. */
export interface RootfsBaseArchive {
  /** Path or http(s) URL of a root file system archive or OCI archive. */
  archive: Input<string>;
  /** Checksum of the archive, such as "sha256:…"; required for a URL, where "none" turns the check off. */
  checksum?: Input<string> | undefined;
}

/** A fresh Debian or Ubuntu, made by mmdebstrap or debootstrap, whichever is installed. */
export interface RootfsBaseDebootstrap {
  debootstrap: RootfsBaseDebootstrapDebootstrap;
}

export interface RootfsBaseDebootstrapDebootstrap {
  /** Debian or Ubuntu release, such as "bookworm". */
  suite: Input<string>;
  /** URL of the package mirror; the program's own default unless given. */
  mirror?: Input<string> | undefined;
  /** Packages to install beside the minimal set. */
  include?: List<string> | undefined;
  /** Archive components, such as "main"; the program's own default unless given. */
  components?: List<string> | undefined;
  /** Set of packages to start from. Default: `"minbase"`. */
  variant?: Input<string> | undefined;
}

/** A file or folder with owner or permissions of its own. */
export interface RootfsFilesSource {
  /** Path of a file or folder on this machine. */
  source: Input<string>;
  /** Permissions, as text in octal: "0755". */
  mode?: Input<string | number> | undefined;
  /** Numeric owner and group, such as "1000:1000"; root unless given. */
  owner?: Input<string> | undefined;
}

/** A file made from text. */
export interface RootfsFilesContent {
  /** The file's text. */
  content: Input<string>;
  /** Permissions, as text in octal: "0755". */
  mode?: Input<string | number> | undefined;
  /** Numeric owner and group, such as "1000:1000"; root unless given. */
  owner?: Input<string> | undefined;
}

/** A symbolic link. */
export interface RootfsFilesSymlink {
  /** What the link points to, as seen in the image. */
  symlink: Input<string>;
}

/** An empty folder. */
export interface RootfsFilesDirectory {
  /** Always true. */
  directory: Input<boolean>;
  /** Permissions, as text in octal: "0755". */
  mode?: Input<string | number> | undefined;
  /** Numeric owner and group, such as "1000:1000"; root unless given. */
  owner?: Input<string> | undefined;
}

export interface RootfsOutput {
  /** What to write. */
  format: Input<"oci-archive" | "tar" | "tar.gz" | "tar.zst" | "ext4" | "directory" | (string & {})>;
  /** Where to write it. */
  path: Input<string>;
  /**
   * Write only what differs from the base, as an image layer with whiteouts; for oci-archive and tar formats.
   * Default: `false`.
   */
  layer_only?: Input<boolean> | undefined;
  /** 0 to 9 for gzip (and oci-archive), 1 to 19 for zstd; the format's default unless given. */
  compression_level?: Input<number> | undefined;
  /** oci-archive: the command that containers run. */
  entrypoint?: List<string> | undefined;
  /** oci-archive: default arguments of the entrypoint, or the command when there is none. */
  cmd?: List<string> | undefined;
  /** oci-archive: environment of the container; PATH has the usual value unless given. */
  env?: Dict<string> | undefined;
  /** oci-archive: labels of the image. */
  labels?: Dict<string> | undefined;
  /** oci-archive: annotations of the image's manifest. */
  annotations?: Dict<string> | undefined;
  /** oci-archive: working folder of the container. */
  workdir?: Input<string> | undefined;
  /** oci-archive: user, and optionally group, that the command runs as. */
  user?: Input<string> | undefined;
  /** oci-archive: ports the container listens on, such as "8080" or "53/udp". */
  exposed_ports?: List<string> | undefined;
  /** oci-archive: folders that hold data of the container's own. */
  volumes?: List<string> | undefined;
  /** oci-archive: signal that stops the container. */
  stop_signal?: Input<string> | undefined;
  /** oci-archive: names of the image, such as "web:1.0". */
  tags?: List<string> | undefined;
  /** oci-archive: architecture in Go's words; this machine's unless given. */
  architecture?: Input<string> | undefined;
  /** ext4: size of the image, such as "512M" or "2G"; chosen to fit unless given. */
  size?: Input<string> | undefined;
  /** ext4: volume label, at most 16 characters. */
  label?: Input<string> | undefined;
}

declare module "tspack" {
  interface Builders {
    rootfs: RootfsConfig;
  }
}
