// How PowerShell is started, and the scripts around those of the user (rows PS-03..07, PS-11, PS-14).
import { taskOutput } from "./elevated-task.ts";
import { quoteArgument, quoteLiteral, quotePath, quotePathInCommand, scriptText } from "./quoting.ts";

/** Names of execution policies in the order of their numbers (row PS-06). `none` starts no interpreter: the machine's shell is one. */
export const executionPolicies = [
  "bypass",
  "allsigned",
  "default",
  "remotesigned",
  "restricted",
  "undefined",
  "unrestricted",
  "none",
] as const;

/** One of `executionPolicies`. */
export type ExecutionPolicy = (typeof executionPolicies)[number];

/** The PowerShell that runs scripts. */
export interface Interpreter {
  readonly policy: ExecutionPolicy;
  /** PowerShell 7, whose program has another name (row PS-07). */
  readonly isCore: boolean;
  /** The machine's own shell is PowerShell: it runs the scripts, and none is started. */
  readonly isShell: boolean;
  /** Level of `Set-PSDebug -Trace`; 0 is none. */
  readonly trace: number;
}

/** The standard command for inline scripts (row PS-04). */
export function fileCommand(interpreter: Interpreter): string {
  return interpreter.isShell ? "& {{.Path}}; exit $LASTEXITCODE" : `${program(interpreter)} -file {{.Path}}`;
}

/**
 * The standard command for the user's script files (row PS-05). It holds no `$`, so that it means the same whether the machine's shell is
 * cmd or, as OpenSSH can have it, PowerShell.
 */
export function scriptCommand(interpreter: Interpreter): string {
  const trace = interpreter.trace === 0 ? "" : `Set-PSDebug -Trace ${interpreter.trace}; `;
  const silence = "Set-Variable ProgressPreference SilentlyContinue -Scope Global";
  const exit = "exit (Get-Variable LASTEXITCODE -ValueOnly -Scope Global -ErrorAction SilentlyContinue)";
  const block = `& { ${silence}; . {{.Vars}}; ${trace}& {{.Path}}; ${exit} }`;
  return interpreter.isShell ? block : `${program(interpreter)} -command "${block}"`;
}

/** How a path is written in the standard commands, and in one of the user's own, where quoting is the user's business. */
export function shownPath(path: string, form: "file" | "script" | "custom", { isShell }: Interpreter): string {
  if (form === "custom") return path;
  return form === "file" && !isShell ? quoteArgument(path) : quotePathInCommand(path);
}

/**
 * The file of an inline script (row PS-04): quiet, with the variables, ended with 1 by an error that nothing handles, and otherwise with
 * the code of the last program that ran. The user's lines stand at the beginning of lines, where the end of a here-string has to be, and
 * in a block of their own, so that `return` leaves them alone. The exit code is set first, since strict mode allows no unset variables.
 */
export function inlineScript(lines: readonly string[], variablesPath: string, { trace }: Pick<Interpreter, "trace">): string {
  return scriptText(`${SILENCE}
$global:LASTEXITCODE = 0
. ${quotePath(variablesPath)}
${trace === 0 ? "" : `Set-PSDebug -Trace ${trace}\n`}try {
. {
${lines.map((line) => `${line}\n`).join("")}}
} catch {
Write-Error -ErrorRecord $_ -ErrorAction Continue
exit 1
}
exit $LASTEXITCODE
`);
}

/** A script that removes files, and before that ends tasks that may still run; their output is removed too. */
export function removalScript(paths: readonly string[], tasks: readonly string[]): string {
  const ended = tasks.map(
    (task) => `schtasks.exe /End /TN ${quoteLiteral(task)} 2>$null\nschtasks.exe /Delete /TN ${quoteLiteral(task)} /F 2>$null\n`,
  );
  const removed = [...tasks.map(taskOutput), ...paths].map(
    (path) => `if (Test-Path -LiteralPath ${quotePath(path)}) { Remove-Item -LiteralPath ${quotePath(path)} -Force }\n`,
  );
  return scriptText(`${SILENCE}\n${ended.join("")}${removed.join("")}exit 0\n`);
}

// --- internal ---

/** Progress would come over the wire as text that nobody reads. */
const SILENCE = "$global:ProgressPreference = 'SilentlyContinue'";

function program({ policy, isCore }: Interpreter): string {
  return `${isCore ? "pwsh" : "powershell"}${policy === "none" ? "" : ` -executionpolicy ${policy}`}`;
}
