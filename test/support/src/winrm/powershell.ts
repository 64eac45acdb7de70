// PowerShell as far as clients and provisioners use it: whole scripts that are known, else one simple statement after the other.
import type { MachineProcess, WinrmHandler } from "./machine.ts";
import { powershellScripts } from "./powershell-scripts.ts";
import { powershellStatements } from "./powershell-statements.ts";

/** Runs a script. Returns its exit code. What the machine does not know ends it with 1 and a message that says so. */
export async function runPowershell(script: string, process: MachineProcess): Promise<number> {
  const scope: Scope = { process, last: 0, failed: false };
  // Without an `exit` it is only told whether the last statement failed.
  return (await runScript(script, scope)) ?? (scope.failed ? 1 : 0);
}

// --- internal ---

interface Scope {
  readonly process: MachineProcess;
  /** `$LastExitCode`. */
  last: number;
  /** Whether the last statement failed. */
  failed: boolean;
}

/** Runs a script; its exit code when it ended itself. */
async function runScript(script: string, scope: Scope): Promise<number | undefined> {
  const { process } = scope;
  // Clients put this before their scripts, to be spared the progress records.
  const whole = script.trim().replace(/^\$ProgressPreference\s*=\s*['"]SilentlyContinue['"]\s*;?\s*/i, "");
  const known = find([...process.machine.handlers, ...powershellScripts], whole);
  return known === undefined ? await runStatements(script, scope) : await known(process);
}

/** Runs statements; the exit code when one of them ended the script. */
async function runStatements(script: string, scope: Scope): Promise<number | undefined> {
  for (const statement of splitStatements(script)) {
    if (scope.process.signal.aborted) return 1;
    const code = await runStatement(statement, scope);
    if (code !== undefined) return code;
  }
  return undefined;
}

async function runStatement(statement: string, scope: Scope): Promise<number | undefined> {
  const { process } = scope;
  const exit = /^exit(?:\s+(\$LastExitCode|\(Get-Variable LASTEXITCODE [^)]*\)|-?\d+))?$/i.exec(statement);
  if (exit !== null) return /LASTEXITCODE/i.test(exit[1] ?? "") ? scope.last : Number(exit[1] ?? 0);
  // Nothing throws here.
  const tried = /^try\s*\{([\s\S]*)\}\s*catch\s*\{[\s\S]*\}$/i.exec(statement)?.[1];
  if (tried !== undefined) return await runStatements(tried, scope);
  const block = /^[&.]\s*\{([\s\S]*)\}$/.exec(statement)?.[1];
  if (block !== undefined) return await runStatements(block, scope);
  const test = /^if\s*\(\s*(!?)\s*\(?Test-Path\s+(?:-\w+\s+)*("[^"]+"|'[^']+'|[^\s)]+)\s*\)?\)\s*\{([\s\S]*)\}$/i.exec(statement);
  if (test !== null && !/^variable:/i.test(test[2] ?? "")) {
    const path = test[2] ?? "";
    const there = process.machine.files.has(path) || process.machine.files.hasFolder(path);
    return there === (test[1] === "") ? await runStatements(test[3] ?? "", scope) : undefined;
  }
  const file = /^(?:[&.]\s*)?(?:'([^']+\.ps1)'|"([^"]+\.ps1)"|(\S+\.ps1))$/i.exec(statement);
  if (file !== null) return await runFile(file[1] ?? file[2] ?? file[3] ?? "", scope);
  const reset = /^\$(?:global:)?LASTEXITCODE\s*=\s*(-?\d+)$/i.exec(statement)?.[1];
  if (reset !== undefined) {
    scope.last = Number(reset);
    return undefined;
  }
  const text = statement.replace(/\$LASTEXITCODE\b/gi, String(scope.last));
  const [taught, known] = [find(process.machine.handlers, text), find(powershellStatements, text)];
  const external = /^(?:&\s*)?((?:cmd|shutdown|schtasks|hostname|whoami|powershell)(?:\.exe)?\b[\s\S]*)$/i.exec(statement)?.[1];
  // Programs leave their exit code, and so does what a test has taught; a cmdlet leaves none.
  if (taught !== undefined) scope.last = await taught(process);
  else if (external !== undefined) scope.last = await runProgram(external, process);
  else if (known !== undefined) {
    scope.failed = (await known(process)) !== 0;
    return undefined;
  } else {
    process.err(`the emulated machine does not know this PowerShell: ${statement}\r\n`);
    return 1;
  }
  scope.failed = scope.last !== 0;
  return undefined;
}

/** A program, with its errors thrown away where the statement says so. */
async function runProgram(statement: string, process: MachineProcess): Promise<number> {
  const line = statement.replace(/\s+2>\s*\$null\s*$/i, "");
  return await process.run(line, line === statement ? process : { ...process, err: () => {} });
}

/** The first handler that knows a script or statement, ready to run. */
function find(handlers: readonly WinrmHandler[], text: string): ((process: MachineProcess) => Promise<number>) | undefined {
  for (const handler of handlers) {
    const match = handler.language === "powershell" ? handler.matches.exec(text) : null;
    if (match !== null) return async (process) => await handler.run(process, match);
  }
  return undefined;
}

/** A script's own `exit` ends the script alone; the caller sees its code. */
async function runFile(path: string, scope: Scope): Promise<number | undefined> {
  const { process } = scope;
  const data = process.machine.files.get(path);
  if (data === undefined) {
    process.err(`The term '${path}' is not recognized as the name of a cmdlet, function, script file, or operable program.\r\n`);
    return 1;
  }
  const inner: Scope = { process, last: scope.last, failed: false };
  const script = Buffer.from(data).toString();
  scope.last = (await runScript(script.replace(/^\ufeff/, ""), inner)) ?? inner.last;
  scope.failed = false;
  return undefined;
}

/** Splits at line ends and `;` outside of quotes, braces and parentheses; comments are dropped. */
function splitStatements(script: string): readonly string[] {
  const statements: string[] = [];
  let [statement, quote, depth] = ["", "", 0];
  for (let at = 0; at < script.length; at += 1) {
    const char = script[at] ?? "";
    if (quote !== "") {
      if (char === "`" && quote === '"') statement += char + (script[++at] ?? "");
      else {
        statement += char;
        if (char === quote) quote = "";
      }
    } else if (char === "#") {
      while (at + 1 < script.length && script[at + 1] !== "\n") at += 1;
    } else if (depth === 0 && (char === ";" || char === "\n")) {
      statements.push(statement);
      statement = "";
    } else {
      if (char === '"' || char === "'") quote = char;
      if (char === "{" || char === "(") depth += 1;
      if (char === "}" || char === ")") depth -= 1;
      statement += char;
    }
  }
  return [...statements, statement].map((part) => part.trim()).filter((part) => part !== "");
}
