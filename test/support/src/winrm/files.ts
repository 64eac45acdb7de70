/**
 * The files of a machine, by path. Windows does not tell cases apart, so keys are lower case, absolute, with backslashes:
 * `c:\windows\temp\a.txt`. Every method takes any spelling: `/`, capitals, quotes, `..`, `%TEMP%` or `$env:TEMP` at the
 * beginning, or a path relative to the home folder. `keys()` gives the keys; how a name was written first is kept beside.
 */
export class WindowsFiles extends Map<string, Uint8Array> {
  readonly #variables: ReadonlyMap<string, string>;
  readonly #folders = new Set<string>();
  readonly #names = new Map<string, string>();

  /** `variables` by name in lower case. */
  constructor(variables: ReadonlyMap<string, string>) {
    super();
    this.#variables = variables;
  }

  override get(path: string): Uint8Array | undefined {
    return super.get(this.normal(path));
  }

  /** Makes the folders around it too. */
  override set(path: string, data: Uint8Array): this {
    const absolute = this.#absolute(path);
    this.#remember(absolute);
    return super.set(absolute.toLowerCase(), data);
  }

  override has(path: string): boolean {
    return super.has(this.normal(path));
  }

  override delete(path: string): boolean {
    return super.delete(this.normal(path));
  }

  /** Makes a folder, and those around it. */
  addFolder(path: string): void {
    const absolute = this.#absolute(path);
    this.#remember(`${absolute}\\`);
    this.#folders.add(absolute.toLowerCase());
  }

  hasFolder(path: string): boolean {
    const key = this.normal(path);
    return this.#folders.has(key) || /^[a-z]:$/.test(key);
  }

  /** Removes a folder with all that lies in it, or a file. False when it was not there. */
  remove(path: string): boolean {
    const key = this.normal(path);
    const was = this.#folders.delete(key);
    for (const below of [...this.keys(), ...this.#folders]) {
      if (!below.startsWith(`${key}\\`)) continue;
      super.delete(below);
      this.#folders.delete(below);
    }
    return super.delete(key) || was;
  }

  /** The keys of the files and folders right in a folder, sorted. */
  children(folder: string): readonly string[] {
    const start = `${this.normal(folder)}\\`;
    return [...this.keys(), ...this.#folders].filter((key) => key.startsWith(start) && !key.slice(start.length).includes("\\")).sort();
  }

  /** The last part of a path, as it was written first. */
  nameOf(path: string): string {
    const key = this.normal(path);
    return this.#names.get(key) ?? key.slice(key.lastIndexOf("\\") + 1);
  }

  /** The key of a path. */
  normal(path: string): string {
    return this.#absolute(path).toLowerCase();
  }

  #absolute(path: string): string {
    const unquoted = path.trim().replace(/^(["'])(.*)\1$/, "$2");
    const plain = unquoted.replace(/^(?:%\w+%|\$env:\w+|\$\{env:\w+\})/i, (name) =>
      expandForPowershell(expandForCmd(name, this.#variables), this.#variables),
    );
    const home = this.#variables.get("userprofile") ?? "C:";
    const absolute = /^[a-z]:/i.test(plain) ? plain : /^[\\/]/.test(plain) ? `C:${plain}` : `${home}\\${plain}`;
    const parts: string[] = [];
    for (const part of absolute.split(/[\\/]+/)) {
      if (part === ".." && parts.length > 1) parts.pop();
      else if (part !== "." && part !== ".." && part !== "") parts.push(part);
    }
    return parts.join("\\");
  }

  #remember(absolute: string): void {
    const parts = absolute.split("\\");
    for (const [index, part] of parts.entries()) {
      if (part === "") continue;
      const key = parts
        .slice(0, index + 1)
        .join("\\")
        .toLowerCase();
      if (!this.#names.has(key)) this.#names.set(key, part);
      if (index > 0 && index < parts.length - 1) this.#folders.add(key);
    }
  }
}

/** Puts values in for `%NAME%`, as cmd.exe does on a command line; what is not set is left as it is. */
export function expandForCmd(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/%(\w+)%/g, (whole, name: string) => variables.get(name.toLowerCase()) ?? whole);
}

/** Puts values in for `$env:NAME` and `${env:NAME}`, as PowerShell does between double quotes; what is not set is empty. */
export function expandForPowershell(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$env:(\w+)|\$\{env:(\w+)\}/gi, (_whole, plain?: string, braced?: string) => {
    return variables.get((plain ?? braced ?? "").toLowerCase()) ?? "";
  });
}

/** What PowerShell takes a path to be: `%TEMP%` is the name of a folder there. */
export function powershellPath(text: string, variables: ReadonlyMap<string, string>): string {
  return expandForPowershell(text, variables).replace(/^%/, ".\\%");
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
