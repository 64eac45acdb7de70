import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findLabProgram, tmp } from "@tspack/test-support";
import { buildProgram, program } from "./tspack.ts";

/** A real terminal with the program in it. Close it in `finally`. */
export interface Terminal {
  /** What is on the screen now, and what has scrolled out of it, without trailing blanks. */
  screen(): string;
  /** Presses keys, by tmux's names: `Enter`, `C-c`. */
  press(...keys: readonly string[]): void;
  /** Waits until the screen matches; rejects with the screen after three minutes. */
  shows(pattern: RegExp): Promise<string>;
  close(): void;
}

interface TerminalOptions {
  readonly cwd: string;
  readonly columns?: number;
  readonly rows?: number;
}

/** Opens a terminal and runs `tspack` with these words; `EXIT n` is printed at its end. */
export function openTerminal(words: readonly string[], options: TerminalOptions): Terminal {
  buildProgram();
  const command = [process.execPath, program, ...words].map((word) => `'${word}'`).join(" ");
  return openCommand(`stty -echoctl; ${command}; echo EXIT $?; sleep 600`, options);
}

/** Opens a terminal and runs a command of the shell in it. */
export function openCommand(command: string, options: TerminalOptions): Terminal {
  const socket = join(tmp("tmux"), "socket");
  const tmux = (...args: readonly string[]): string =>
    execFileSync(findLabProgram("tmux") ?? "tmux", ["-S", socket, ...args], { encoding: "utf8", cwd: options.cwd });
  const size = ["-x", String(options.columns ?? 80), "-y", String(options.rows ?? 24)];
  const env = ["-e", "CI=", "-e", "NO_COLOR=", "-e", "PACKER_NO_COLOR="];
  tmux("-f", "/dev/null", "new-session", "-d", ...size, ...env, command);
  const screen = (): string => tmux("capture-pane", "-p", "-S", "-500").replace(/[ \t]+$/gm, "");
  return {
    screen,
    press: (...keys) => void tmux("send-keys", ...keys),
    async shows(pattern) {
      const limit = Date.now() + 180_000;
      for (let text = screen(); ; text = screen()) {
        if (pattern.test(text)) return text;
        if (Date.now() > limit) throw new Error(`${pattern} is not on the screen:\n${text}`);
        await pause(30);
      }
    },
    close: () => void tmux("kill-server"),
  };
}
