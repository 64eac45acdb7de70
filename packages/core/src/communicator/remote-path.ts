/**
 * A path as one word for the machine's shell. A leading `~` keeps its meaning, as in Packer, which escapes spaces alone; other
 * than there, `$` has none. Windows paths are not quoted the POSIX way, since its shells would not understand it.
 */
export function quotePath(path: string, options: { readonly keepGlobs?: boolean } = {}): string {
  if (/^[A-Za-z]:[\\/]/.test(path)) return /\s/.test(path) ? `"${path}"` : path;
  const safe = path.startsWith("-") ? `./${path}` : path;
  const [, home = "", rest = ""] = /^(~[\w.-]*(?=\/|$))?(.*)$/s.exec(safe) ?? [];
  const quote = (text: string): string => (/^[\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const quoted = options.keepGlobs === true ? rest.replace(/[^*?[\]]+/g, quote) : quote(rest);
  return home + quoted === "" ? "''" : home + quoted;
}

/** True if the remote shell would expand it (row FP-08). */
export function hasGlob(path: string): boolean {
  return /[*?[]/.test(path);
}

/** The folder and name of a remote path; `/` and, on Windows, `\` separate. */
export function splitRemotePath(path: string): { readonly folder: string; readonly name: string } {
  const trimmed = path.length > 1 ? path.replace(/[\\/]+$/, "") : path;
  const isWindows = /^[A-Za-z]:[\\/]/.test(path);
  const cut = Math.max(trimmed.lastIndexOf("/"), isWindows ? trimmed.lastIndexOf("\\") : -1);
  if (cut < 0) return { folder: ".", name: trimmed };
  return { folder: cut === 0 ? "/" : trimmed.slice(0, cut), name: trimmed.slice(cut + 1) };
}

/** Joins a remote folder and a relative path. */
export function joinRemote(folder: string, path: string): string {
  if (path === "") return folder;
  return folder === "" ? path : `${folder.replace(/\/+$/, "")}/${path}`;
}

/**
 * rsync's rule (row FP-07): the name under which a folder arrives; empty when the source ends in a slash, and for `.`: then
 * only its contents do.
 */
export function arrivalName(source: string): string {
  const last = source.slice(Math.max(source.lastIndexOf("/"), /^[A-Za-z]:\\/.test(source) ? source.lastIndexOf("\\") : -1) + 1);
  return last === "." || last === ".." || last === "~" ? "" : last;
}
