// Passwords for downloads from the user's `.netrc`, which curl, Git and Go's getter read as well (row ISO-10; GNU inetutils manual, "The .netrc file").
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "./proxy.ts";

/** Far more than such a file has. */
const LARGEST_BYTES = 1024 * 1024;

/** The URL with the user and password that the user's `.netrc` has for its host. One that has them already stays as it is. */
export async function withNetrc(url: URL, environment: Environment): Promise<URL> {
  if (url.username !== "" || url.password !== "") return url;
  const entry = findInNetrc(await readNetrc(environment), url.hostname);
  if (entry === undefined) return url;
  const known = new URL(url);
  known.username = encodeURIComponent(entry.login);
  known.password = encodeURIComponent(entry.password);
  return known;
}

/** The entry for a host, or else the one that is the default. */
export function findInNetrc(text: string, host: string): { readonly login: string; readonly password: string } | undefined {
  const words = withoutMacros(text).match(/"(?:\\.|[^"\\])*"|\S+/g) ?? [];
  let current: { host: string | undefined; login: string; password: string } | undefined;
  const entries: NonNullable<typeof current>[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word === "default" || word === "machine") {
      current = { host: word === "machine" ? unquoted(words[++index] ?? "") : undefined, login: "", password: "" };
      entries.push(current);
    } else if (word === "login" || word === "password" || word === "account") {
      const value = unquoted(words[++index] ?? "");
      if (current !== undefined && word !== "account") current[word] = value;
    }
  }
  const found = entries.find((entry) => entry.host === undefined || entry.host.toLowerCase() === host.toLowerCase());
  return found === undefined || (found.login === "" && found.password === "") ? undefined : found;
}

// --- internal ---

async function readNetrc(environment: Environment): Promise<string> {
  const home = environment.HOME || environment.USERPROFILE;
  const path = environment.NETRC || (home ? join(home, process.platform === "win32" ? "_netrc" : ".netrc") : undefined);
  if (path === undefined) return "";
  // Most users have none, and what cannot be read is as good as none, as with curl.
  const text = await readFile(path, "utf8").catch(() => "");
  return text.length > LARGEST_BYTES ? "" : text;
}

/** Macros reach to the next empty line, and may hold anything. Comments are lines of their own. */
function withoutMacros(text: string): string {
  return text.replace(/^[ \t]*macdef[^\n]*\n(?:[^\n]*\S[^\n]*\n)*/gm, "").replace(/^[ \t]*#.*$/gm, "");
}

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, "$1") : word;
}
