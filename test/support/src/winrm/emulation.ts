// The program that runs command lines on the emulated machine.
import { runCmd } from "./cmd.ts";
import type { WinrmMachine } from "./machine.ts";
import type { ShellSettings, WinrmProgram } from "./shell.ts";

/** Runs command lines of one shell. */
export function machineProgram(machine: WinrmMachine, settings: ShellSettings): WinrmProgram {
  return async ({ commandLine, stdin, stdout, stderr, signal }) => {
    const own = [...settings.environment].map(([name, value]): [string, string] => [name.toLowerCase(), value]);
    return await runCmd(commandLine, {
      machine,
      environment: new Map([...machine.variables, ...own]),
      stdin,
      signal,
      run: runCmd,
      out: (data) => stdout.write(data),
      err: (text) => stderr.write(text),
    });
  };
}
