// Uploads over WinRM (rows CON-12, CON-14): one PowerShell process reads a whole file or folder from its input.
import { resolve } from "node:path";
import { CommunicatorError } from "../../diagnostics/error.ts";
import type { DirectoryTransfer, Upload } from "../../sdk/communicator.ts";
import type { RunInfo } from "../../sdk/component.ts";
import { contentOf, walkLocalTree } from "../local-tree.ts";
import { arrivalName } from "../remote-path.ts";
import { fileLines, folderLine, inBlocks } from "./file-lines.ts";
import { receiveCommand } from "./scripts.ts";
import type { RemoteShells } from "./shells.ts";
import { runTransfer } from "./transfer.ts";

/** Uploads a file. A Windows machine has no permission bits, so the mode is not used. */
export async function upload(shells: RemoteShells, file: Upload): Promise<void> {
  const { content, signal } = file;
  const what = `could not upload to ${file.path}`;
  try {
    await send(shells, { lines: fileLines("", content), destination: destinationOf(file, what), files: () => 1, what, signal });
  } finally {
    content.destroy();
  }
}

/** Uploads a folder; rsync's rule says whether its name goes with it (row FP-07). */
export async function uploadDirectory(shells: RemoteShells, transfer: DirectoryTransfer, run: RunInfo): Promise<void> {
  const { source, destination, exclude = [], signal } = transfer;
  const entries = walkLocalTree({ source: resolve(run.workingDirectory, source), name: arrivalName(source), exclude, signal });
  const what = `could not upload ${source}`;
  let files = 0;
  const lines = async function* (): AsyncGenerator<string, void, undefined> {
    yield folderLine("");
    for await (const entry of entries) {
      requireWindowsPath(entry.path, what);
      if (entry.kind === "directory") {
        yield folderLine(entry.path);
        continue;
      }
      files += 1;
      const content = contentOf(entry);
      try {
        yield* fileLines(entry.path, content);
      } finally {
        content.destroy();
      }
    }
  };
  await send(shells, { lines: lines(), destination: destination === "" ? "." : destination, files: () => files, what, signal });
}

// --- internal ---

async function send(
  shells: RemoteShells,
  task: {
    readonly lines: AsyncIterable<string>;
    readonly destination: string;
    /** How many files there were, once all lines were read. */
    readonly files: () => number;
    readonly what: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { what, signal } = task;
  let answer = "";
  await runTransfer(shells, {
    command: receiveCommand(task.destination),
    input: inBlocks(task.lines),
    onOutput: async (bytes) => {
      if (answer.length < 1_000) answer += bytes.toString();
    },
    what,
    signal,
  });
  // A PowerShell that got nothing of the input ends well, too.
  if (answer.trim() !== `!${task.files()}`) {
    throw new CommunicatorError(`${what}: the machine did not confirm what it got`, {
      code: "TPK5005",
      hint: "Does PowerShell run there, and does a profile or policy print something when it starts?",
    });
  }
}

/** A path that ends in a separator takes the name of the local file, where it has one. */
function destinationOf({ path, name = "" }: Upload, what: string): string {
  if (path !== "" && !/[\\/]$/.test(path)) return path;
  const own = name.split(/[\\/]/).at(-1) ?? "";
  if (own !== "") return path + own;
  throw new CommunicatorError(`${what}: a path that ends in a separator names a folder`, {
    code: "TPK5005",
    hint: "Write the name of the file behind it.",
  });
}

function requireWindowsPath(path: string, what: string): void {
  if (!/[<>:"|?*\\\u0000-\u001f]/.test(path)) return;
  throw new CommunicatorError(`${what}: Windows has no file named ${JSON.stringify(path)}`, {
    code: "TPK5005",
    hint: 'Its names are without < > : " | ? * and \\. Rename the file, or leave it out.',
  });
}
