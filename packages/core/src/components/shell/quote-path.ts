/**
 * A path as one word of a POSIX shell. Quoted only where the shell would split it or read it otherwise, and not where it
 * begins with `~` or holds `$`, which users write to have them expanded.
 */
export function quotePath(path: string): string {
  if (path.startsWith("~") || path.includes("$") || !/[\s'"\\;&|<>()*?[\]#`!{}]/.test(path)) return path;
  return `'${path.replaceAll("'", `'"'"'`)}'`;
}
