/**
 * The files of a machine, by path. Windows does not tell cases apart, so keys are lower case, absolute, with backslashes:
 * `c:\windows\temp\a.txt`. Every method takes any spelling: `/`, capitals, quotes, `..`, `%TEMP%`, `$env:TEMP`, or a path relative to
 * the home folder. `keys()` gives the keys.
 */
export class WindowsFiles extends Map<string, Uint8Array> {
  readonly #variables: ReadonlyMap<string, string>;

  /** `variables` by name in lower case. */
  constructor(variables: ReadonlyMap<string, string>) {
    super();
    this.#variables = variables;
  }

  override get(path: string): Uint8Array | undefined {
    return super.get(this.normal(path));
  }

  override set(path: string, data: Uint8Array): this {
    return super.set(this.normal(path), data);
  }

  override has(path: string): boolean {
    return super.has(this.normal(path));
  }

  override delete(path: string): boolean {
    return super.delete(this.normal(path));
  }

  /** Whether files lie below it. */
  hasFolder(path: string): boolean {
    const start = `${this.normal(path)}\\`;
    return [...this.keys()].some((key) => key.startsWith(start));
  }

  /** The key of a path. */
  normal(path: string): string {
    const plain = expandVariables(path.trim().replace(/^(["'])(.*)\1$/, "$2"), this.#variables);
    const home = this.#variables.get("userprofile") ?? "C:\\";
    const absolute = /^[a-z]:[\\/]/i.test(plain) ? plain : /^[\\/]/.test(plain) ? `C:${plain}` : `${home}\\${plain}`;
    const parts: string[] = [];
    for (const part of absolute.toLowerCase().split(/[\\/]+/)) {
      if (part === ".." && parts.length > 1) parts.pop();
      else if (part !== "." && part !== "..") parts.push(part);
    }
    return parts.join("\\").replace(/(?<=.)\\$/, "");
  }
}

/** Puts values in for `%NAME%`, `$env:NAME` and `${env:NAME}`; what is not known is left as it is. */
export function expandVariables(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/%(\w+)%|\$env:(\w+)|\$\{env:(\w+)\}/gi, (whole, ...names: (string | undefined)[]) => {
    const name = names.slice(0, 3).find((found) => found !== undefined) ?? "";
    return variables.get(name.toLowerCase()) ?? whole;
  });
}

/** What every process of the machine finds in its environment; names in lower case. */
export function machineVariables(user: string): Map<string, string> {
  const home = `C:\\Users\\${user}`;
  return new Map([
    ["temp", `${home}\\AppData\\Local\\Temp`],
    ["tmp", `${home}\\AppData\\Local\\Temp`],
    ["userprofile", home],
    ["username", user],
    ["systemroot", "C:\\Windows"],
    ["windir", "C:\\Windows"],
    ["systemdrive", "C:"],
    ["programdata", "C:\\ProgramData"],
    ["programfiles", "C:\\Program Files"],
    ["computername", "WINRM-DOUBLE"],
    ["comspec", "C:\\Windows\\system32\\cmd.exe"],
  ]);
}
