// Files in repositories of Git and Mercurial (row ISO-10).
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { BuildError } from "../diagnostics/error.ts";
import { decoded } from "./decoded.ts";

/** A file in a repository. */
export interface RepositoryLocation {
  readonly kind: "repository";
  readonly tool: "git" | "hg";
  /** For names and comparing: the file's path behind the repository's, without user and password. */
  readonly url: URL;
  /** What Git or Mercurial fetch from, without user and password where `login` has them. */
  readonly remote: string;
  /** For HTTP: user and password, or a token alone. */
  readonly login: { readonly user: string; readonly password: string } | undefined;
  /** The file's path in the repository. */
  readonly file: string;
  /** Branch, tag or commit; what the repository's default is unless given. */
  readonly revision: string | undefined;
  /** How many commits to fetch; one is enough, and is what is fetched unless given. */
  readonly depth: number | undefined;
  /** A private SSH key, in Base64. */
  readonly sshKey: string | undefined;
}

const schemes = { git: ["https", "http", "ssh", "git", "file"], hg: ["https", "http", "ssh", "file"] } as const;
const parameters = { git: ["ref", "sshkey", "depth"], hg: ["rev"] } as const;

/** `git@host:path`, with any user where Git is asked for by name. */
const scpForm = /^(?:[\w.-]+@)?[a-z0-9][\w.-]*:(?!\/\/)[^-:].*$/i;

/** What would stand behind `git::`, for the places that are Git's without it: `github.com/OWNER/NAME/FILE`, `git@host:path`, `ssh://…`. */
export function gitShorthand(text: string): string | undefined {
  const [, host, path, file = ""] = /^((?:github|gitlab)\.com|bitbucket\.org)\/([^/?]+\/[^/?]+?)(?:\.git)?(?:\/+(.*))?$/i.exec(text) ?? [];
  if (host !== undefined) return `https://${host}/${path}.git//${file}`;
  return /^(ssh|git):\/\//i.test(text) || /^git@[^/]*:(?!\/\/)/i.test(text) ? text : undefined;
}

/**
 * Reads what stands behind `git::` or `hg::`: a URL, `git@host:path` or a path, then `//` and the file's path in the repository (without `//`,
 * what follows `.git`, or the last part), then parameters. Throws `BuildError` (TPK7001).
 */
export function parseRepository(tool: "git" | "hg", text: string, shown: string, workingDirectory: string): RepositoryLocation {
  const [, address = "", query = ""] = /^([^?]*)(?:\?(.*))?$/s.exec(text) ?? [];
  const options = optionsOf(tool, new URLSearchParams(query), shown);
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(address)?.[1]?.toLowerCase();
  const [repository, inside] = splitFile(address, scheme === undefined ? 0 : scheme.length + 3);
  const file = scheme === undefined ? inside : decoded(inside);
  if (repository === "" || file === "" || file.split("/").some((part) => part === "" || part === "." || part === "..")) {
    throw refused(
      shown,
      "it names no file of a repository",
      `Write it like ${tool}::https://HOST/REPOSITORY${tool === "git" ? ".git" : ""}//PATH/OF/FILE.`,
    );
  }
  const { remote, login } = remoteOf(tool, repository, scheme, { shown, workingDirectory });
  const base = scpForm.test(remote) && scheme === undefined ? `ssh://${remote.replace(":", "/")}` : remote;
  const url = new URL(`${base}/${file.split("/").map(encodeURIComponent).join("/")}`);
  return { kind: "repository", tool, url, remote, login, file, ...options };
}

// --- internal ---

function splitFile(address: string, offset: number): readonly [repository: string, file: string] {
  const double = address.indexOf("//", offset);
  if (double !== -1) return [address.slice(0, double), address.slice(double + 2)];
  const ending = address.indexOf(".git/", offset);
  if (ending !== -1) return [address.slice(0, ending + 4), address.slice(ending + 5)];
  // A repository without a file: the last part would be a strange one.
  if (address.endsWith(".git")) return [address, ""];
  const last = Math.max(address.lastIndexOf("/"), offset);
  return [address.slice(0, last), address.slice(last + 1)];
}

function remoteOf(
  tool: "git" | "hg",
  repository: string,
  scheme: string | undefined,
  { shown, workingDirectory }: { readonly shown: string; readonly workingDirectory: string },
): Pick<RepositoryLocation, "remote" | "login"> {
  if (scheme === undefined) {
    if (tool === "git" && scpForm.test(repository) && !isAbsolute(repository)) return { remote: repository, login: undefined };
    return { remote: pathToFileURL(resolve(workingDirectory, repository)).href, login: undefined };
  }
  const allowed: readonly string[] = schemes[tool];
  if (!allowed.includes(scheme)) throw refused(shown, `${tool} is used with ${allowed.join(", ")} only, not with ${scheme}`);
  if (!URL.canParse(repository)) throw refused(shown, "it is not a valid URL");
  const url = new URL(repository);
  // Programs would take it for an option.
  if (url.hostname.startsWith("-") || url.username.startsWith("-")) throw refused(shown, "a host does not begin with a dash");
  if (!scheme.startsWith("http") && url.password !== "") {
    throw refused(shown, `${scheme} takes no password in an address`, "Use a key, of the SSH agent or of the parameter sshkey.");
  }
  if (!scheme.startsWith("http") || (url.username === "" && url.password === "")) return { remote: repository, login: undefined };
  const login = { user: decoded(url.username), password: decoded(url.password) };
  url.username = "";
  url.password = "";
  return { remote: url.href, login };
}

function optionsOf(tool: "git" | "hg", query: URLSearchParams, shown: string): Pick<RepositoryLocation, "revision" | "depth" | "sshKey"> {
  const names: readonly string[] = parameters[tool];
  const unknown = [...query.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) throw refused(shown, `${tool} has no parameter ${JSON.stringify(unknown)}`, `It has ${names.join(", ")}.`);
  const given = (name: string): string | undefined => query.get(name) || undefined;
  const revision = given("ref") ?? given("rev");
  // What Git would take for an option or for a pattern is no name of anything.
  if (revision !== undefined && (/^[-+]/.test(revision) || (tool === "git" && /[\s:*?[\\^~\p{Cc}]|\.\.|@\{/u.test(revision)))) {
    throw refused(shown, `${JSON.stringify(revision)} is no name of a branch, tag or commit`);
  }
  const depth = given("depth");
  if (depth !== undefined && !/^[1-9]\d{0,8}$/.test(depth)) throw refused(shown, "depth is a number of commits, at least 1");
  const sshKey = given("sshkey")?.replaceAll(" ", "+");
  if (sshKey !== undefined && !/^[A-Za-z0-9+/]+=*$/.test(sshKey)) throw refused(shown, "sshkey is not Base64");
  return { revision, depth: depth === undefined ? undefined : Number(depth), sshKey };
}

function refused(shown: string, reason: string, hint?: string): BuildError {
  return new BuildError(`${shown} cannot be downloaded: ${reason}`, { code: "TPK7001", hint });
}
