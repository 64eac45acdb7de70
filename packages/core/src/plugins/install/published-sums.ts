// The list of checksums of a release (plugin-protocol section 13.6).
import type { PublishedVersion } from "./release-source.ts";

/** The archive of one platform, as the list names it. */
export interface ListedArchive {
  readonly file: string;
  readonly platform: string;
  /** `x5.0`; undefined where names do not say it, as in HashiCorp's layout. */
  readonly api: string | undefined;
  readonly sha256: string;
}

/**
 * The archives of a version in a list of checksums. A line is a digest and a name, ended by a newline: one that is not may have been cut
 * off, and does not count. All other lines, and files of other plugins and versions, are left alone.
 */
export function parsePublishedSums(text: string, plugin: string, { text: version }: PublishedVersion): readonly ListedArchive[] {
  const archives: ListedArchive[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    const [sha256 = "", name = "", more] = line.trim().split(/\s+/);
    if (more !== undefined || !/^[0-9a-fA-F]{64}$/.test(sha256)) continue;
    const file = name.replace(/^\*/, "");
    const stem = [`packer-plugin-${plugin}_v${version}_`, `packer-plugin-${plugin}_${version}_`].find((start) => file.startsWith(start));
    const [, api, platform] = /^(?:(x\d+\.\d+)_)?([0-9a-z]+_[0-9a-z]+)\.zip$/.exec(file.slice(stem?.length ?? 0)) ?? [];
    if (stem !== undefined && platform !== undefined) archives.push({ file, platform, api, sha256: sha256.toLowerCase() });
  }
  return archives;
}
