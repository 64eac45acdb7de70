import { UsageError } from "../argv.ts";
import { command, type Host } from "../command.ts";
import type { Shell } from "../completion/install.ts";

const shells: readonly Shell[] = ["bash", "zsh", "fish"];

/** Row INV-08. `-autocomplete-install` and `-autocomplete-uninstall`, Packer's words for it, come here too. */
export const completionCommand = command(
  {
    name: "completion",
    summary: "print or install completion for a shell",
    about:
      "Prints a script that completes commands, flags, values of flags and programs. " +
      "-install has it loaded by every new shell: it adds one line to ~/.bashrc and ~/.zshrc, where these are, and writes a file for fish. " +
      "-uninstall removes what -install has added.",
    usage: "[bash|zsh|fish] | -install | -uninstall",
    examples: [
      { command: "tspack completion -install", does: "has every new shell complete tspack" },
      { command: 'eval "$(tspack completion bash)"', does: "completes tspack in this shell alone" },
    ],
    maxPositionals: 1,
    words: shells,
    flags: {
      install: { kind: "switch", group: "Flags", summary: "Adds it to the start-up files of your shells." },
      uninstall: { kind: "switch", group: "Flags", summary: "Takes it out of them again." },
    },
  },
  async ({ flags, positionals: [word], host }) => {
    if (flags.install === true || flags.uninstall === true) return edit(host, flags.uninstall === true ? "uninstall" : "install");
    const infos = await host.commands.list();
    switch (word) {
      case "bash":
        host.stdout.write((await import("../completion/bash.ts")).bashCompletion(infos));
        return 0;
      case "zsh":
        host.stdout.write((await import("../completion/zsh.ts")).zshCompletion(infos));
        return 0;
      case "fish":
        host.stdout.write((await import("../completion/fish.ts")).fishCompletion(infos));
        return 0;
      default:
        throw new UsageError(word === undefined ? "which shell?" : `there is no completion for "${word}"`, {
          ...(word === undefined ? {} : { unknown: { word, candidates: shells } }),
          hint: "There is completion for bash, zsh and fish: tspack completion bash.",
        });
    }
  },
);

/** Goes through all start-up files, whatever becomes of one of them, and tells what was done. */
async function edit(host: Host, action: "install" | "uninstall"): Promise<number> {
  const startup = await import("../completion/install.ts");
  const files = startup.startupFiles(host.environment);
  if (files.length === 0) {
    throw new UsageError("neither bash nor zsh nor fish has a start-up file here", {
      hint: "`tspack completion bash` prints the script; load it where your shell starts.",
    });
  }
  let exitCode = 0;
  for (const file of files) {
    try {
      const isChanged = action === "install" ? startup.install(file) : startup.uninstall(file);
      host.stdout.line(`${file.shell}: ${outcome(action, isChanged)} ${file.path}`);
    } catch (error) {
      host.stderr.line(`${file.shell}: ${error instanceof Error ? error.message : String(error)}`);
      exitCode = 1;
    }
  }
  if (action === "install" && exitCode === 0) host.stdout.line("New shells complete tspack where it is on the PATH.");
  return exitCode;
}

function outcome(action: "install" | "uninstall", isChanged: boolean): string {
  if (action === "install") return isChanged ? "added one line to" : "there is nothing to add to";
  return isChanged ? "removed one line from" : "there is nothing to remove from";
}
