import type { Environment } from "./proxy.ts";
import type { RepositoryLocation } from "./repository-location.ts";

/** Variables by which Git would work on another repository, as in a hook of one. */
const ofAnotherRepository = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_NAMESPACE",
  "GIT_PREFIX",
];

/**
 * The environment for Git: the user's own, with the remote `origin` and what it is entered with (so that neither stands among arguments, which
 * every user of the machine may see), without questions, hooks and protocols that run programs.
 */
export function gitEnvironment(
  { remote, login }: RepositoryLocation,
  {
    environment,
    idleTimeoutMs,
    keyFile,
  }: { readonly environment: Environment; readonly idleTimeoutMs: number; readonly keyFile: string | undefined },
): Environment {
  const settings: (readonly [name: string, value: string])[] = [
    ["remote.origin.url", remote],
    ["core.hooksPath", "/dev/null"],
    ["core.autocrlf", "false"],
    ["gc.auto", "0"],
  ];
  if (idleTimeoutMs > 0) {
    settings.push(["http.lowSpeedLimit", "1"], ["http.lowSpeedTime", String(Math.max(1, Math.ceil(idleTimeoutMs / 1000)))]);
  }
  if (login !== undefined) {
    const basic = Buffer.from(`${login.user}:${login.password}`).toString("base64");
    settings.push([`http.${new URL(remote).origin}/.extraHeader`, `Authorization: Basic ${basic}`]);
  }
  const before = /^\d+$/.test(environment.GIT_CONFIG_COUNT ?? "") ? Number(environment.GIT_CONFIG_COUNT) : 0;
  const configuration = settings.flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${before + index}`, name],
    [`GIT_CONFIG_VALUE_${before + index}`, value],
  ]);
  const own = Object.entries(environment).filter(([name]) => !ofAnotherRepository.includes(name));
  return {
    // What asks by itself, on a screen, is for people who sit in front of it.
    GIT_ASKPASS: "",
    GIT_ALLOW_PROTOCOL: "file:git:http:https:ssh",
    ...Object.fromEntries([...own, ...configuration]),
    ...(keyFile === undefined
      ? {}
      : { GIT_SSH_COMMAND: `${environment.GIT_SSH_COMMAND || "ssh"} -i '${keyFile.replaceAll("'", "'\\''")}'` }),
    GIT_CONFIG_COUNT: String(before + settings.length),
    GIT_TERMINAL_PROMPT: "0",
    GIT_LITERAL_PATHSPECS: "1",
    LC_ALL: "C",
  };
}
