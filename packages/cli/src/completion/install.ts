// Edits the files that shells read when they start. Only lines of exactly our own text are ever added or removed.
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";

export type Shell = "bash" | "zsh" | "fish";

/** A shell's start-up file. */
export interface StartupFile {
  readonly shell: Shell;
  readonly path: string;
}

type Environment = { readonly [name: string]: string | undefined };

/** Asks the program that is found then, so that the completion is always that of the installed version. */
const lines: { readonly [shell in Shell]: string } = {
  bash: 'command -v tspack > /dev/null && eval "$(tspack completion bash)" # completion of tspack',
  zsh: 'command -v tspack > /dev/null && eval "$(tspack completion zsh)" # completion of tspack',
  fish: "command -v tspack > /dev/null; and tspack completion fish | source # completion of tspack",
};

/**
 * The start-up files of the shells that this user has: those whose file is there already, and that of `$SHELL`. Fish has a file
 * for the completion of each program, which it reads when that is first asked for.
 */
export function startupFiles(environment: Environment): StartupFile[] {
  // An empty variable is as good as none, as the XDG specification has it.
  const home = environment.HOME || homedir();
  const fishFolder = join(environment.XDG_CONFIG_HOME || join(home, ".config"), "fish");
  const bashFiles = [".bashrc", ".bash_profile"].map((name) => join(home, name));
  const all: StartupFile[] = [
    { shell: "bash", path: bashFiles.find((path) => existsSync(path)) ?? join(home, ".bashrc") },
    { shell: "zsh", path: join(environment.ZDOTDIR || home, ".zshrc") },
    { shell: "fish", path: join(fishFolder, "completions", "tspack.fish") },
  ];
  const own = basename(environment.SHELL ?? "");
  return all.filter(({ shell, path }) => shell === own || existsSync(shell === "fish" ? fishFolder : path));
}

/** Adds our line where it is missing. True when the file was changed. Throws what the file system throws. */
export function install({ shell, path }: StartupFile): boolean {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (text.split("\n").includes(lines[shell])) return false;
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${text === "" || text.endsWith("\n") ? "" : "\n"}${lines[shell]}\n`);
  return true;
}

/** Removes our line, and a file that holds nothing else. True when there was one. Throws what the file system throws. */
export function uninstall({ shell, path }: StartupFile): boolean {
  if (!existsSync(path)) return false;
  const before = readFileSync(path, "utf8").split("\n");
  const after = before.filter((line) => line !== lines[shell]);
  if (after.length === before.length) return false;
  if (after.join("") === "") rmSync(path);
  else replace(realpathSync(path), after.join("\n"));
  return true;
}

/** In one step: a full disk must not cost anybody their start-up file. */
function replace(path: string, text: string): void {
  const temporary = `${path}.tspack-${process.pid}`;
  try {
    writeFileSync(temporary, text, { flag: "wx" });
    chmodSync(temporary, statSync(path).mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
