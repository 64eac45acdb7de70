// Option types of the components that come with tspack. Printed from their schemas by `npm run typegen`; do not edit.
import type { Dict, Input, List } from "tspack";

/** Options of the post-processor artifice. Replaces the artifact's list of files by the files that patterns find. */
export interface ArtificeConfig {
  /**
   * Paths or patterns (`*`, `?`, `[a-z]`) of the files that the artifact shall consist of. A pattern that finds
   * nothing is no error.
   */
  files: List<string>;
}

/**
 * Options of the post-processor checksum. Writes checksums of the artifact's files into files, which become part
 * of the artifact.
 */
export interface ChecksumConfig {
  /** Kinds of checksum to make: md5, sha1, sha224, sha256, sha384, sha512. Default: `["md5"]`. */
  checksum_types?: List<string> | undefined;
  /**
   * Path of the file to write; `{{.BuildName}}`, `{{.BuilderType}}` and `{{.ChecksumType}}` are filled in. Lines
   * are added to a file that is there. Default:
   * `"packer_{{.BuildName}}_{{.BuilderType}}_{{.ChecksumType}}.checksum"`.
   */
  output?: Input<string> | undefined;
}

/**
 * Options of the post-processor compress. Packs the artifact's files into one archive or compressed file, and
 * removes them.
 */
export interface CompressConfig {
  /**
   * Path of the file to write; `{{.BuildName}}` and `{{.BuilderType}}` are filled in. Its extension is the format:
   * zip, tar, gz, bgzf, lz4, xz, bzip2, zst, or tar and one of these, as in .tar.gz; tar.gz for any other.
   * Default: `"packer_{{.BuildName}}_{{.BuilderType}}"`.
   */
  output?: Input<string> | undefined;
  /** Format in place of the one that the extension of `output` says, such as tar.gz. */
  format?: Input<string> | undefined;
  /** From 1 (fast) to 9 (small). -1 and 0 mean the format's default, more than 9 means 9. Default: `-1`. */
  compression_level?: Input<number> | undefined;
}

/**
 * Options of the post-processor manifest. Records the build and its artifact in a JSON file, beside those of
 * earlier builds.
 */
export interface ManifestConfig {
  /** Path of the file; records are added to one that is there. Default: `"packer-manifest.json"`. */
  output?: Input<string> | undefined;
  /** Record the names of files without their folders. Default: `false`. */
  strip_path?: Input<boolean> | undefined;
  /** Leave out the time of the build. Default: `false`. */
  strip_time?: Input<boolean> | undefined;
  /** Texts of your own to record; values of the build can be filled in. */
  custom_data?: Dict<string> | undefined;
}

/**
 * Options of the post-processor shell-local. Runs shell scripts on the machine that tspack runs on, and passes
 * the artifact on.
 */
export interface ShellLocalConfig {
  /** Lines of a script to run. */
  inline?: List<string> | undefined;
  /** Path of a script on this machine to run. */
  script?: Input<string> | undefined;
  /** Paths of scripts on this machine to run, in this order. */
  scripts?: List<string> | undefined;
  /** Exit codes of a script that count as success. An empty list means 0 alone. Default: `[0]`. */
  valid_exit_codes?: List<number> | undefined;
  /** Environment variables for the scripts, each as "NAME=value". */
  environment_vars?: List<string> | undefined;
  /** Environment variables for the scripts, by name. They win over `environment_vars`. */
  env?: Dict<string> | undefined;
  /**
   * One command to run. Use `inline` instead.
   * @deprecated
   */
  command?: Input<string> | undefined;
  /**
   * Program and arguments that run a script; may use `{{.Vars}}` and `{{.Script}}`. Unless given, `/bin/sh` runs
   * the script with the variables in its environment, on Windows `["cmd", "/V", "/C", "{{.Vars}}", "call",
   * "{{.Script}}"]` does.
   */
  execute_command?: List<string> | undefined;
  /** First line of the inline script, without `#!`. `/bin/sh -e` unless given, on Windows none. */
  inline_shebang?: Input<string> | undefined;
  /**
   * Run only on these operating systems: `darwin`, `freebsd`, `linux`, `openbsd`, `solaris`, `windows`. Elsewhere
   * nothing is done.
   */
  only_on?: List<string> | undefined;
  /** Extension of the temporary file that holds the inline script; `.cmd` on Windows. */
  tempfile_extension?: Input<string> | undefined;
  /** On Windows, pass script paths in the form of the Windows Subsystem for Linux. Default: `false`. */
  use_linux_pathing?: Input<boolean> | undefined;
  /**
   * Form of one variable in `{{.Vars}}`, with `%s` for name and value. `%s='%s' ` unless given, on Windows `set
   * %s=%s && `.
   */
  env_var_format?: Input<string> | undefined;
}

declare module "tspack" {
  interface PostProcessors {
    artifice: ArtificeConfig;
    checksum: ChecksumConfig;
    compress: CompressConfig;
    manifest: ManifestConfig;
    "shell-local": ShellLocalConfig;
  }
}
