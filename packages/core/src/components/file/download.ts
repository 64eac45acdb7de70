import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { splitRemotePath } from "../../communicator/remote-path.ts";
import { writeWholeFile } from "../whole-file.ts";
import type { Transfer } from "./upload.ts";

/**
 * Downloads files one after another, with mode 644 (row FP-08). A source that ends with a slash (a backslash behind a drive) or holds `*`, `?` or `[` is a
 * folder; as in Packer the sources behind it are skipped.
 */
export async function downloadAll(
  { communicator, ui, signal, run }: Transfer,
  sources: readonly string[],
  destination: string,
): Promise<void> {
  for (const [index, source] of sources.entries()) {
    const isFolder = /\/$|^[A-Za-z]:.*\\$|[*?[]/s.test(source);
    const intoFolder = destination.endsWith("/");
    const shown = intoFolder && !isFolder ? join(destination, splitRemotePath(source).name) : destination;
    ui.say(`Downloading ${source} => ${shown}`);
    const to = resolve(run.workingDirectory, shown);
    if (isFolder) {
      await mkdir(intoFolder ? to : dirname(to), { recursive: true });
      await communicator.downloadDirectory({ source, destination: to, signal });
      const skipped = sources.slice(index + 1);
      if (skipped.length > 0) ui.say(`Skipping ${skipped.join(", ")}: a folder is the last thing that is downloaded`);
      return;
    }
    await writeWholeFile(to, (path) => communicator.download({ path: source, content: createWriteStream(path, { mode: 0o644 }), signal }));
  }
}
