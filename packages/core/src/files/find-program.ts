import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

/** Folders that every container engine has in its default PATH. */
export const commandFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/**
 * Finds a program the way a shell does; `searchPath` is as the environment variable PATH has it. Folders that every system has are looked
 * into as well, unless `further` says otherwise.
 */
export async function findProgram(
  name: string,
  searchPath: string,
  further: readonly string[] = commandFolders,
): Promise<string | undefined> {
  const isWindows = process.platform === "win32";
  const folders = [...searchPath.split(delimiter).filter((folder) => isAbsolute(folder)), ...(isWindows ? [] : further)];
  for (const folder of folders) {
    const path = join(folder, isWindows ? `${name}.exe` : name);
    try {
      await access(path, constants.X_OK);
      if ((await stat(path)).isFile()) return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
