// A plugin that does no more than describe itself.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface FakePlugin {
  readonly version: string;
  /** `x5.0` unless given. */
  readonly api?: string;
  /** Makes files of the same version differ. */
  readonly remark?: string;
}

/** The text of an executable that answers `describe`. */
export function fakePlugin({ version, api = "x5.0", remark = "" }: FakePlugin): string {
  const description = {
    version,
    sdk_version: "0.6.0",
    api_version: api,
    // None that somebody could ask for its options.
    builders: [],
    datasources: [],
    protocol_version: "v2",
  };
  return `#!/bin/sh\n# ${remark}\n[ "$1" = describe ] || exit 1\ncat << 'end'\n${JSON.stringify(description)}\nend\n`;
}

/** Writes such an executable into a folder; answers its path. */
export function writeFakePlugin(folder: string, plugin: FakePlugin, name = "packer-plugin-acme"): string {
  const file = join(folder, name);
  writeFileSync(file, fakePlugin(plugin));
  chmodSync(file, 0o755);
  return file;
}
